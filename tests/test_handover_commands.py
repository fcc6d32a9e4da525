"""Commands beside a studio that runs already: they hand over to it, and keep their own contract."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.jobs import BATCH
from engine.recipe import read_recipe
from engine.scene import Scene
from engine.studio import Studio
from tests.interrupting import interrupted_when
from tests.noise_model import Loader, roomtone
from tests.running_studio import RAIN, home, shared_studio, studio

__all__ = ["home", "shared_studio", "studio"]

RENDER = ["render", "rain", "--model", "noise", "--seconds", "1", "--seed", "7"]


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
