"""The worker: jobs become files, the child and its model stay, cancelling is felt, stopping ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from engine.jobs import Machine
from engine.recipe import read_recipe
from tests.noise_model import make_noise_model
from tests.trouble_model import STEP_S
from tests.works import PATIENCE_S, Works, shared_works, works

__all__ = ["shared_works", "works"]

ROOT = Path(__file__).parents[1]


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


def test_another_device_means_another_load_and_is_in_the_recipe(works: Works) -> None:
    job = works.ended(works.give("rain", machine=Machine("cpu", "float32", 3)))
    assert read_recipe(job.path).threads == 3


def test_ctrl_c_in_the_terminal_does_not_reach_the_child(works: Works) -> None:
    works.ended(works.give("rain"))
    pid = works.worker.pid
    os.kill(pid, signal.SIGINT)
    assert works.ended(works.give("slow wind")).state == "done"
    assert works.worker.pid == pid


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
        "from tests.noise_model import make_noise_model; from tests.works import Works\n"
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
