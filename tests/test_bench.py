"""The bench's figures of a render, and the processes that it measures in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.bench.figures import RenderFigures, RenderTask
from engine.bench.memory import peak_memory
from engine.bench.processes import cold_start, measured
from engine.bench.rendering import StageClock, measure
from engine.commands.bench import Bench, as_mapping
from engine.configs import from_mapping, to_mapping
from engine.errors import EngineError, UsageError
from engine.rendering import Rendering
from engine.scene import Scene
from engine.studio import Studio
from tests.noise_model import load_noise, make_noise_model, roomtone

NOISE = Scene("rain", seconds=1.0, seed=1, model="noise")


def test_the_clock_tells_stages_apart_and_adds_up_one_that_comes_again() -> None:
    clock = StageClock()
    for stage in ("denoising", "decoding", "denoising"):
        clock(stage, 0.0)
    clock.stop()
    before = dict(clock.stages_s)
    clock("writing", 1.0)
    assert set(before) == {"denoising", "decoding"}
    assert all(seconds >= 0 for seconds in before.values())


@pytest.mark.parametrize("repeats", [0, 2])
def test_a_render_is_timed_stage_by_stage_with_loading_apart(repeats: int) -> None:
    make_noise_model()
    said: list[str] = []
    figures = measure(Studio(), Rendering(load_noise), NOISE, repeats, 0.5, said.append)
    assert len(said) == repeats + 1
    assert "denoising" in figures.stages_s
    assert "loading the model" not in figures.stages_s
    assert (figures.model, figures.steps, figures.import_s) == ("noise", 6, 0.5)
    assert 0 < figures.first_s < 60
    assert figures.real_time_factor == figures.render_s / NOISE.seconds
    assert from_mapping(RenderFigures, json.loads(json.dumps(to_mapping(figures)))) == figures


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands the parent's peak down")
def test_the_peak_memory_of_a_small_process_is_small_whoever_started_it() -> None:
    ballast = bytearray(200_000_000)
    ballast[::4096] = b"x" * len(ballast[::4096])
    code = "from engine.bench.memory import peak_memory; print(peak_memory())"
    small = int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    assert 1_000_000 < small < 100_000_000 < peak_memory()
    assert len(ballast) == 200_000_000


def test_the_clips_are_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    make_noise_model()
    measure(Studio(), Rendering(load_noise), NOISE, 1, 0.0, lambda text: None)
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_crosses_from_the_process_that_measures() -> None:
    with pytest.raises(UsageError, match="nowhere"):
        measured(RenderTask(Scene("rain", model="nowhere"), 1, 1), RenderFigures)


def test_a_process_that_fails_is_told_with_its_exit_code(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(EngineError, match="exit code 2"):
        cold_start(RenderTask(Scene("rain", model="nowhere"), 1, 1))
    assert "nowhere" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--threads", "0"], "1 to 1024"),
        (["--threads", "two"], "whole number"),
        (["--seconds", "0"], "0.5 to 600"),
        (["--model", "nois"], "did you mean 'noise'"),
        (["--no-compar"], "did you mean '--no-compare'"),
    ],
)
def test_a_wrong_request_is_told_before_anything_is_measured(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make_noise_model()
    assert roomtone("bench", "--model", "noise", *words) == 2
    told = capsys.readouterr()
    assert expected in told.err
    assert "Starting" not in told.err
    assert told.out == ""


def test_json_has_the_render_on_top_and_says_what_was_left_out() -> None:
    make_noise_model()
    figures = measure(Studio(), Rendering(load_noise), NOISE, 0, 0.0, lambda text: None)
    mapping = as_mapping(Bench(cold_s=2.0, render=figures, longer=(figures,)))
    assert (mapping["model"], mapping["cold_s"], mapping["comparison"]) == ("noise", 2.0, None)
    assert [clip["seconds"] for clip in json.loads(json.dumps(mapping))["longer"]] == [1.0]


@pytest.mark.slow
def test_the_bench_measures_a_real_model_in_processes_of_their_own(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from engine.models import store

    store.save(store.create("tiny", 0), tmp_path / "tiny")
    words = ["--model", str(tmp_path / "tiny"), "--seconds", "1", "--repeats", "1", "--threads", "1"]
    assert roomtone("bench", *words, "--device", "cpu", "--no-compare", "--json") == 0
    told = capfd.readouterr()
    figures = json.loads(told.out)
    assert (figures["model"], figures["threads"], figures["device"]) == ("tiny", 1, "cpu")
    # Taken in processes of their own, one after another: a busy machine may be quicker in the longer one.
    assert figures["cold_s"] > 0.5 * figures["import_s"] > 0
    assert {"denoising", "decoding"} <= set(figures["stages_s"])
    assert figures["peak_bytes"] > 100_000_000 or sys.platform == "win32"
    assert figures["comparison"] is None
    assert "Comparing" not in told.err
