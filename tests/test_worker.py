from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import psutil
import pytest

from engine.estimates import Estimates
from engine.foreman import Foreman
from engine.jobs import Job, Machine, Queue, drawn_id
from engine.logs import log_file
from engine.recipe import read_recipe
from engine.renderer import LoadPipeline
from engine.scene import Output, Scene
from engine.settings import Settings
from engine.worker import Worker
from tests.noise_model import make_noise_model
from tests.trouble_model import STEP_S, TroubleRenderer, load_trouble

ROOT = Path(__file__).parents[1]
PATIENCE_S = 60.0


class Unreadable:
    """A loader that comes to pieces on its way to the child."""

    def __reduce__(self) -> tuple[type[Fraction], tuple[int, int]]:
        return (Fraction, (1, 0))

    def __call__(self, folder: Path, device: str, precision: str) -> TroubleRenderer:
        return TroubleRenderer()


class Works:
    """A queue with a worker, whose child lives from test to test unless one ends it."""

    def __init__(self, folder: Path, load: LoadPipeline = load_trouble) -> None:
        self.queue = Queue()
        self.settings = Settings(library=str(folder / "library"))
        self.kept: list[Path] = []
        foreman = Foreman(
            self.queue,
            Estimates(folder / "estimates.json"),
            lambda: self.settings,
            lambda take: self.kept.append(take.path),
        )
        self.worker = Worker(self.queue, foreman, load)

    def give(self, prompt: str, target: Path | None = None, **fields: object) -> Job:
        scene = Scene(prompt, seconds=1.0, seed=7, steps=10, guidance=2.0, sampler="euler", model="noise")
        own = {name: fields.pop(name) for name in [*fields] if hasattr(scene, name)}
        job = Job(drawn_id(), replace(scene, **own), Output(), str(target or ""))
        return self.queue.add(replace(job, **fields))

    def ended(self, job: Job) -> Job:
        return self.queue.wait(job.id, PATIENCE_S)

    def wait_for(self, job: Job, stage: str) -> None:
        until_s = time.monotonic() + PATIENCE_S
        while (now := self.queue.get(job.id)) is None or now.stage != stage:
            assert time.monotonic() < until_s, now
            time.sleep(0.005)


@pytest.fixture(scope="module")
def shared_works(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Works]:
    works = Works(tmp_path_factory.mktemp("works"))
    works.worker.start()
    yield works
    works.worker.stop()


@pytest.fixture
def works(shared_works: Works) -> Works:
    make_noise_model()
    shared_works.settings = replace(shared_works.settings, hang_seconds=300.0)
    return shared_works


def test_a_job_becomes_a_file_which_the_library_gets(works: Works, tmp_path: Path) -> None:
    job = works.ended(works.give("rain", tmp_path / "rain.wav", parent="0123456789ab"))
    assert (job.state, job.fraction, job.path) == ("done", 1.0, str(tmp_path / "rain.wav"))
    assert (job.seconds, job.rate, job.code) == (1.0, 44_100, "")
    assert works.kept[-1] == tmp_path / "rain.wav"
    recipe = read_recipe(job.path)
    assert (recipe.scene, recipe.clip, recipe.parent) == (job.scene, job.clip, "0123456789ab")
    assert len(job.clip) == 12


def test_the_child_and_its_model_stay_from_job_to_job(works: Works) -> None:
    pids = []
    for prompt in ("rain", "wind"):
        works.ended(works.give(prompt))
        pids.append(works.worker.pid)
    assert pids[0] == pids[1] != os.getpid()
    assert works.worker.model == "noise"


def test_the_model_is_unloaded_when_asked_and_loaded_again_when_wanted(works: Works) -> None:
    works.ended(works.give("rain"))
    works.worker.unload()
    until_s = time.monotonic() + PATIENCE_S
    while works.worker.model and time.monotonic() < until_s:
        time.sleep(0.01)
    assert works.worker.model == ""
    assert works.ended(works.give("rain")).state == "done"
    assert works.worker.model == "noise"


def test_stages_and_fractions_are_told_at_least_once_a_step_and_never_fall(works: Works) -> None:
    job = works.give("slow rain")
    revision, told = 0, []
    while not told or not told[-1].ended:
        revision, changed = works.queue.since(revision, PATIENCE_S)
        told += [news for news in changed if news.id == job.id]
    fractions = [news.fraction for news in told]
    assert fractions == sorted(fractions)
    stages = list(dict.fromkeys(news.stage for news in told if news.stage))
    assert stages[-2:] == ["denoising", "writing"]
    assert len({news.fraction for news in told if news.stage == "denoising"}) >= 10
    assert told[-1].fraction == 1.0


def test_what_is_left_is_told_once_a_model_is_known(works: Works) -> None:
    works.ended(works.give("slow rain", steps=50))
    job = works.give("slow rain", steps=50)
    works.wait_for(job, "denoising")
    now = works.queue.get(job.id)
    assert now is not None
    assert now.seconds_left is not None
    assert 0.2 * 50 * STEP_S < now.seconds_left < 50 * STEP_S * 20
    assert works.ended(job).seconds_left == 0.0


@pytest.mark.parametrize("prompt", ["slow rain", "busy rain"])
def test_cancelling_is_felt_within_a_step_and_leaves_the_next_job_and_the_child_alone(
    prompt: str, works: Works, tmp_path: Path
) -> None:
    job, following = works.give(prompt, tmp_path / "rain.wav", steps=200), works.give("wind")
    works.wait_for(job, "denoising")
    pid = works.worker.pid
    began_s = time.monotonic()
    works.worker.cancel(job.id)
    ended = works.ended(job)
    assert time.monotonic() - began_s < 2.0 < 200 * STEP_S
    assert (ended.state, ended.code, ended.sentence) == ("cancelled", "", "")
    assert not [*tmp_path.iterdir()]
    assert works.ended(following).state == "done"
    assert works.worker.pid == pid


@pytest.mark.parametrize(
    ("prompt", "code", "sentence"),
    [
        ("kill rain", "worker-died", "SIGKILL, perhaps for want of memory"),
        ("leave rain", "worker-died", "with the code 3"),
        ("memory rain", "memory", "not enough memory for 1 s with the model noise"),
        ("cuda rain", "memory", "not enough memory"),
    ],
)
def test_a_fault_that_spoils_the_child_costs_one_job_and_the_next_gets_a_fresh_one(
    prompt: str, code: str, sentence: str, works: Works, tmp_path: Path
) -> None:
    works.ended(works.give("rain"))
    pid = works.worker.pid
    job, following = works.give(prompt, tmp_path / "clip.wav"), works.give("wind")
    failed = works.ended(job)
    assert (failed.state, failed.code) == ("failed", code)
    assert sentence in failed.sentence
    assert failed.sentence.count(". ") == 0
    assert works.ended(following).state == "done"
    assert works.worker.pid != pid
    assert not [*tmp_path.iterdir()]


def test_a_hang_is_ended_after_the_time_that_the_settings_say(works: Works, tmp_path: Path) -> None:
    works.ended(works.give("rain"))
    works.settings = replace(works.settings, hang_seconds=1.0)
    job, following = works.give("hang rain", tmp_path / "clip.wav"), works.give("wind")
    works.wait_for(job, "denoising")
    began_s = time.monotonic()
    failed = works.ended(job)
    assert 0.5 < time.monotonic() - began_s < 5.0
    assert (failed.state, failed.code) == ("failed", "hang")
    assert "said nothing for 1 s" in failed.sentence
    works.settings = replace(works.settings, hang_seconds=300.0)
    assert works.ended(following).state == "done"
    assert not [*tmp_path.iterdir()]


def test_a_long_step_that_asks_whether_it_is_cancelled_is_no_hang(works: Works) -> None:
    works.ended(works.give("rain"))
    works.settings = replace(works.settings, hang_seconds=2.0)
    assert works.ended(works.give("busy rain")).state == "done"


@pytest.mark.parametrize(
    ("prompt", "code", "sentence"),
    [("world ends", "engine", "The clouds are gone."), ("bug in the tent", "bug", "ZeroDivisionError")],
)
def test_other_faults_are_told_in_one_sentence_and_leave_the_child_alone(
    prompt: str, code: str, sentence: str, works: Works
) -> None:
    works.ended(works.give("rain"))
    pid = works.worker.pid
    failed = works.ended(works.give(prompt, origin="panel"))
    assert (failed.state, failed.code) == ("failed", code)
    assert sentence in failed.sentence
    assert works.ended(works.give("wind")).state == "done"
    assert works.worker.pid == pid


def test_a_target_that_has_come_to_be_is_refused(works: Works, tmp_path: Path) -> None:
    (tmp_path / "clip.wav").write_bytes(b"precious")
    failed = works.ended(works.give("rain", tmp_path / "clip.wav"))
    assert (failed.state, failed.code) == ("failed", "usage")
    assert (tmp_path / "clip.wav").read_bytes() == b"precious"


def test_a_model_that_is_gone_when_its_turn_comes_costs_its_job_only(works: Works) -> None:
    job = works.ended(works.give("rain", model="vanished"))
    assert (job.state, job.code) == ("failed", "usage")
    assert "no model 'vanished'" in job.sentence
    assert works.ended(works.give("wind")).state == "done"


def test_another_device_means_another_load_and_is_in_the_recipe(works: Works) -> None:
    job = works.ended(works.give("rain", machine=Machine("cpu", "float32", 3)))
    assert read_recipe(job.path).threads == 3


def test_ctrl_c_in_the_terminal_does_not_reach_the_child(works: Works) -> None:
    works.ended(works.give("rain"))
    pid = works.worker.pid
    os.kill(pid, signal.SIGINT)
    assert works.ended(works.give("slow wind")).state == "done"
    assert works.worker.pid == pid


def test_an_engine_that_cannot_start_costs_each_job_a_sentence_and_is_not_started_on_and_on(
    tmp_path: Path,
) -> None:
    make_noise_model()
    works = Works(tmp_path, Unreadable())
    works.worker.start()
    for _ in range(2):
        failed = works.ended(works.give("rain"))
        assert (failed.state, failed.code) == ("failed", "worker-died")
    time.sleep(0.2)
    pid = works.worker.pid
    time.sleep(2.5)
    assert works.worker.pid == pid
    works.worker.stop()


def test_a_bug_beside_the_engine_costs_one_job(tmp_path: Path) -> None:
    make_noise_model()
    works = Works(tmp_path)
    works.worker.start()
    failed = works.ended(works.give("rain", machine=None))
    assert (failed.state, failed.code) == ("failed", "bug")
    assert works.ended(works.give("wind")).state == "done"
    works.worker.stop()


def test_stopping_ends_the_child_in_the_middle_of_a_render_and_leaves_no_file(tmp_path: Path) -> None:
    make_noise_model()
    works = Works(tmp_path)
    works.worker.start()
    job = works.give("slow rain", tmp_path / "clips" / "rain.wav", steps=200)
    works.wait_for(job, "denoising")
    pid = works.worker.pid
    began_s = time.monotonic()
    works.worker.stop()
    assert time.monotonic() - began_s < 3.0
    assert not psutil.pid_exists(pid)
    assert not (tmp_path / "clips").exists()
    now = works.queue.get(job.id)
    assert now is not None
    assert now.state == "running"  # not done: it is offered again


def test_stopping_while_a_model_loads_does_not_wait_for_it(tmp_path: Path) -> None:
    make_noise_model("hanging")
    works = Works(tmp_path)
    works.worker.start()
    works.wait_for(works.give("rain", model="hanging"), "loading the model")
    began_s = time.monotonic()
    works.worker.stop()
    assert time.monotonic() - began_s < 2.0


def test_the_child_ends_when_the_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from tests.test_worker import Works, make_noise_model\n"
        "if __name__ == '__main__':\n"
        "    make_noise_model(); works = Works(Path(sys.argv[1])); works.worker.start()\n"
        "    job = works.give('slow rain', Path(sys.argv[1]) / 'rain.wav', steps=200)\n"
        "    works.wait_for(job, 'denoising'); print(works.worker.pid, flush=True); time.sleep(60)\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code)
    words = [sys.executable, str(script), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    child.wait(timeout=5.0)
    assert not [path.name for path in tmp_path.iterdir() if "rain" in path.name or path.suffix == ".part"]


def test_the_traceback_of_a_bug_is_in_the_log_with_what_was_asked() -> None:
    from engine.child import _unexpected
    from engine.orders import Order

    scene = Scene("rain on a tin roof", model="noise")
    order = Order(1, scene, Output(), "", "", ("", "", ""), Machine(), origin="the panel")
    fault = _unexpected(ZeroDivisionError("by nothing"), order)
    assert fault.code == "bug"
    assert str(log_file()) in fault.sentence
    assert 'rendering "rain on a tin roof" for the panel' in log_file().read_text()
