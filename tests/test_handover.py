"""The door of the studio that runs already: who is let in, what a visitor may wish, and how it closes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import connection as pipes
from pathlib import Path

import pytest

from engine.commands.session import open_studio
from engine.errors import EngineError, QueueFull, UsageError
from engine.handover import SOCKET_PATH_BYTES, Host, address, door_folder, key_file
from engine.jobs import MOST_WAITING, Job
from engine.scene import Scene
from engine.settings import folders
from engine.studio import Studio
from engine.visit import Visit, visit
from tests.running_studio import RAIN, home, shared_studio, studio

__all__ = ["home", "shared_studio", "studio"]

ROOT = Path(__file__).parents[1]


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
