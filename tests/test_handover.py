from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import connection as pipes
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from engine.commands.session import open_studio
from engine.errors import EngineError, QueueFull, UsageError
from engine.handover import SOCKET_PATH_BYTES, Host, address, door_folder, key_file
from engine.jobs import BATCH, MOST_WAITING, Job
from engine.recipe import read_recipe
from engine.scene import Scene
from engine.settings import Settings, folders
from engine.studio import Studio
from engine.visit import Visit, visit
from tests.interrupting import interrupted_when
from tests.noise_model import Loader, make_noise_model, roomtone
from tests.trouble_model import load_trouble

ROOT = Path(__file__).parents[1]
RAIN = Scene("rain", seconds=1.0, seed=7, model="noise")
RENDER = ["render", "rain", "--model", "noise", "--seconds", "1", "--seed", "7"]
CLIENTS, JOBS_EACH = 5, 100


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("running")


@pytest.fixture(scope="module")
def shared_studio(home: Path) -> Iterator[Studio]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROOMTONE_HOME", str(home))
        make_noise_model()
        studio = Studio(Settings(), load_pipeline=load_trouble).open()
    yield studio
    studio.close()


@pytest.fixture
def studio(shared_studio: Studio, home: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """The studio that runs already; this test's home is its home."""
    monkeypatch.setenv("ROOMTONE_HOME", str(home))
    shared_studio.queue.clear()
    return shared_studio


@pytest.fixture
def guest(studio: Studio) -> Iterator[Visit]:
    guest = visit(folders().state)
    assert guest is not None
    yield guest
    guest.close()


def ended(guest: Visit, job: Job) -> Job:
    revision = 0
    while True:
        revision, news = guest.look(job.id, revision, 2.0)
        if news is not None and news.ended:
            return news


def test_nobody_is_at_home_where_no_studio_listens(tmp_path: Path) -> None:
    assert visit(tmp_path) is None


def test_a_job_is_handed_over_rendered_there_and_followed(
    studio: Studio, guest: Visit, tmp_path: Path
) -> None:
    job = studio.job(RAIN, target=tmp_path / "rain.wav")
    assert guest.submit(job).state == "waiting"
    done = ended(guest, job)
    assert (done.state, done.path) == ("done", str(tmp_path / "rain.wav"))
    assert done == studio.queue.get(job.id)
    assert [one.id for one in guest.jobs()] == [job.id]
    assert guest.clear() == 1


def test_errors_travel_as_what_they_are(studio: Studio, guest: Visit, tmp_path: Path) -> None:
    for broken in ("prompt", "seconds"):
        job = studio.job(RAIN)
        mapping = {"prompt": Scene("!", model="noise"), "seconds": Scene("rain", seconds=0.1, model="noise")}
        with pytest.raises(UsageError):
            guest.submit(Job(job.id, mapping[broken], job.output))
    with pytest.raises(UsageError, match="no job 'x'"):
        guest.cancel("x")
    with pytest.raises(UsageError, match="no job 'x'"):
        guest.look("x", 0, 0.1)


def test_the_studio_of_panel_and_bridge_lets_other_programs_in(tmp_path: Path) -> None:
    with open_studio("", "", 0) as shared:
        assert shared.notices == []
        guest = visit(folders().state)
        assert guest is not None
        assert guest.jobs() == []
        guest.close()


def test_a_full_queue_refuses_what_is_handed_over_with_its_reason(studio: Studio, guest: Visit) -> None:
    job = studio.job(RAIN)
    studio.queue.add_left_over([replace(job, id=f"held {number}") for number in range(MOST_WAITING)])
    with pytest.raises(QueueFull, match="1000 clips are waiting"):
        guest.submit(job)
    assert guest.cancel_all() == MOST_WAITING
    assert ended(guest, guest.submit(job)).state == "done"


def test_nonsense_is_answered_and_ends_nobody(studio: Studio, guest: Visit) -> None:
    for request in (
        b"",
        b"{",
        b"[]",
        b'{"wish": "burn"}',
        b'{"wish": "submit"}',
        b"\xff\xfe",
        b'{"wish": []}',
    ):
        guest._connection.send_bytes(request)
        assert json.loads(guest._connection.recv_bytes())["code"] in ("bug", "usage")
    assert guest.jobs() == []


def test_who_does_not_know_the_word_is_sent_away(studio: Studio) -> None:
    for word in (b"wrong", b"", b"x" * 10_000):
        with pipes.Client(address(door_folder(folders().state))) as stranger:
            stranger.send_bytes(word)
            with pytest.raises((EOFError, OSError)):
                stranger.recv_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="no modes on Windows")
def test_only_the_current_user_can_reach_the_door(studio: Studio) -> None:
    folder = door_folder(folders().state)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(key_file(folder).stat().st_mode) == 0o600
    assert stat.S_ISSOCK(Path(address(folder)).stat().st_mode)


def test_a_state_folder_deep_down_gets_a_door_with_a_short_path(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    assert len(os.fsencode(address(door_folder(deep)))) <= SOCKET_PATH_BYTES
    assert door_folder(deep) != door_folder(deep / "c")


def test_a_second_studio_does_not_listen_until_the_first_has_ended(tmp_path: Path) -> None:
    first, second = Host(Studio(), tmp_path), Host(Studio(), tmp_path)
    assert first.start()
    assert not second.start()
    second.stop()
    first.stop()
    third = Host(Studio(), tmp_path)
    assert third.start()
    third.stop()
    assert visit(tmp_path) is None


def test_a_socket_left_by_a_program_that_was_killed_is_in_nobodys_way(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from engine.studio import Studio;"
        "from engine.handover import Host;"
        "assert Host(Studio(), Path(sys.argv[1])).start(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT).returncode == -9
    assert Path(address(door_folder(tmp_path))).exists()
    assert visit(tmp_path) is None
    host = Host(Studio(), tmp_path)
    assert host.start()
    guest = visit(tmp_path)
    assert guest is not None
    assert guest.jobs() == []
    guest.close()
    host.stop()


def test_a_host_that_ends_sends_its_visitors_away_with_a_sentence(tmp_path: Path) -> None:
    host = Host(Studio(), tmp_path)
    host.start()
    guest = visit(tmp_path)
    assert guest is not None
    assert guest.jobs() == []
    began_s = time.monotonic()
    host.stop()
    assert time.monotonic() - began_s < 2.0
    with pytest.raises(EngineError, match="has ended"):
        guest.jobs()
    guest.close()


def test_a_render_is_handed_to_the_studio_that_runs_and_keeps_its_contract(
    studio: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    loader = Loader()
    assert roomtone(*RENDER, "--out", "clip.wav", loader=loader) == 0
    told = capsys.readouterr()
    assert told.out == f"{tmp_path}/clip.wav\n"
    assert "done in" in told.err
    assert loader.asked == []  # no model was loaded in a process of the command's own
    (job,) = studio.queue.jobs()
    assert (job.origin, job.path) == ("command line", f"{tmp_path}/clip.wav")
    assert roomtone(*RENDER, "--json", "-q", loader=loader) == 0
    facts = json.loads(capsys.readouterr().out)
    assert studio.library.get(read_recipe(facts["path"]).clip).path == Path(facts["path"])
    assert np.array_equal(soundfile.read("clip.wav")[0], soundfile.read(facts["path"])[0])


def test_a_recipe_is_handed_over_with_its_machine(studio: Studio, tmp_path: Path) -> None:
    clip = str(tmp_path / "a.wav")
    assert roomtone(*RENDER, "--out", clip) == 0
    assert roomtone("render", "--recipe", clip, "--out", str(tmp_path / "b.wav")) == 0
    job = studio.queue.jobs()[0]
    assert (job.machine.device, job.machine.precision) == ("cpu", "float32")


def test_failures_there_have_the_same_exit_code_and_sentence(
    studio: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert roomtone("render", "world ends", *RENDER[2:], "--out", str(tmp_path / "x.wav")) == 1
    assert capsys.readouterr().err.endswith("roomtone: The clouds are gone.\n")
    assert not [*tmp_path.iterdir()]


def test_a_batch_is_handed_over_behind_what_is_asked_by_hand(
    studio: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("rain\nworld ends\nwind\n")
    assert roomtone("batch", str(prompts), *RENDER[2:6], "--out", str(tmp_path / "clips")) == 1
    told = capsys.readouterr()
    assert [read_recipe(line).scene.prompt for line in told.out.splitlines()] == ["rain", "wind"], told.err
    assert "line 2: The clouds are gone." in told.err
    assert {job.priority for job in studio.queue.jobs()} == {BATCH}


def test_ctrl_c_takes_back_what_was_handed_over(
    studio: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def runs() -> bool:
        return any(job.stage == "denoising" for job in studio.queue.jobs())

    slow = ["render", "slow rain", *RENDER[2:], "--steps", "200", "--out", str(tmp_path / "clips" / "x.wav")]
    with interrupted_when(runs):
        assert roomtone(*slow) == 130
    assert capsys.readouterr().err.endswith("roomtone: Interrupted.\n")
    (job,) = studio.queue.jobs()
    assert studio.queue.wait(job.id, 10.0).state == "cancelled"
    assert not (tmp_path / "clips").exists()


def test_a_job_that_the_panel_cancels_ends_the_command_with_a_sentence(
    studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    def cancel() -> None:
        while not any(job.stage == "denoising" for job in studio.queue.jobs()):
            time.sleep(0.01)
        studio.cancel_all()

    panel = threading.Thread(target=cancel)
    panel.start()
    assert roomtone("render", "slow rain", *RENDER[2:], "--steps", "200") == 1
    panel.join()
    assert "cancelled by another program" in capsys.readouterr().err


def test_the_queue_command_shows_cancels_and_clears_what_runs_there(
    studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = studio.submit(Scene("slow rain", model="noise", seconds=1.0, steps=200), job_id="one")
    studio.submit(RAIN, job_id="two")
    while studio.queue.get(slow.id).stage != "denoising":
        time.sleep(0.01)
    assert roomtone("queue") == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("one  running ")
    assert '"slow rain", 1 s' in first
    assert second.startswith("two  waiting")
    assert roomtone("queue", "cancel", "two") == 0
    assert studio.queue.get("two").state == "cancelled"
    assert roomtone("queue", "cancel", "all") == 0
    assert studio.queue.wait("one", 10.0).state == "cancelled"
    assert roomtone("queue", "cancel", "three") == 2
    assert "no job 'three'" in capsys.readouterr().err
    assert roomtone("queue", "list", "--json") == 0
    assert {json.loads(line)["state"] for line in capsys.readouterr().out.splitlines()} == {"cancelled"}
    assert roomtone("queue", "clear") == 0
    assert capsys.readouterr().out == "2 jobs forgotten.\n"


def test_five_hundred_jobs_of_five_programs_at_once_are_none_lost_doubled_or_mixed_up(
    studio: Studio, home: Path, tmp_path: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "tests.load_client"]
    clients = [
        subprocess.Popen(
            [*words, str(tmp_path / name), str(JOBS_EACH)], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        for name in "abcde"[:CLIENTS]
    ]
    process, memory = psutil.Process(), []
    while any(client.poll() is None for client in clients):
        memory.append(process.memory_info().rss)
        time.sleep(0.1)
    answers = [json.loads(client.communicate()[0]) for client in clients]
    assert [client.returncode for client in clients] == [0] * CLIENTS
    paths = []
    for name, answer in zip("abcde", answers):
        assert len(answer) == JOBS_EACH
        for job_id, told in answer.items():
            assert told["state"] == "done", told
            recipe = read_recipe(told["path"])
            assert (recipe.scene.prompt, recipe.scene.seed) == (f"rain of {job_id}", told["seed"])
            assert Path(told["path"]).parent == tmp_path / name
            paths.append(told["path"])
    assert len(set(paths)) == CLIENTS * JOBS_EACH
    assert len([*tmp_path.rglob("*.wav")]) == CLIENTS * JOBS_EACH
    assert not [*tmp_path.rglob("*.part")]
    third = len(memory) // 3
    growth_mb = (max(memory[2 * third :]) - max(memory[: 2 * third])) / 1e6
    print(f"{CLIENTS * JOBS_EACH} jobs in {len(memory) * 0.1:.0f} s, the parent grew by {growth_mb:.1f} MB")
    assert growth_mb < 20.0
