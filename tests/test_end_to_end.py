"""The installed command with the real engine: a small model with random weights, processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.__main__ import main
from engine.recipe import read_recipe
from engine.settings import Settings, save_settings

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
RAIN = ("rain on a tin roof", "--seconds", "1", "--seed", "11", "--device", "cpu")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    from engine.models import store

    folder = tmp_path_factory.mktemp("models") / "tiny"
    store.save(store.create("tiny", 0), folder)
    return str(folder)


@pytest.fixture(scope="module")
def clip(model: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered by a process of its own."""
    path = tmp_path_factory.mktemp("clips") / "rain.wav"
    ended = start("render", *RAIN, "--model", model, "--out", str(path))
    out, err = ended.communicate(timeout=300)
    assert (ended.returncode, out) == (0, f"{path}\n"), err
    assert "denoising" in err
    return path


def start(*words: str) -> subprocess.Popen[str]:
    # One thread: bits depend on their number, and the recipe must see to it that it is the same again.
    return subprocess.Popen(
        [sys.executable, "-m", "engine", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """A recipe sets the number of threads of this process: the next test gets it back."""
    import torch

    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def samples(path: Path | str) -> np.ndarray:
    return soundfile.read(path, dtype="int32")[0]


def test_a_render_is_sound_of_the_asked_length_level_and_format(clip: Path) -> None:
    info = soundfile.info(clip)
    assert (info.samplerate, info.channels, info.subtype, info.frames) == (44_100, 2, "PCM_24", 44_100)
    wave = soundfile.read(clip)[0]
    assert 0.001 < np.sqrt(np.mean(wave**2)) < 0.5
    assert np.abs(wave).max() <= 10 ** (-1 / 20)
    assert np.abs(wave.mean(axis=0)).max() < 1e-3


def test_the_recipe_makes_the_same_clip_again_bit_for_bit_in_another_process(
    clip: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again.wav"
    assert main(["render", "--recipe", str(clip), "--out", str(again)]) == 0
    assert np.array_equal(samples(clip), samples(again))
    assert read_recipe(again).scene == read_recipe(clip).scene


def test_a_clip_is_the_same_whatever_else_is_in_the_batch(
    clip: Path, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "scenes.csv"
    file.write_text(f"prompt,seed,seconds\nwind,3,2\n{RAIN[0]},11,1\n", encoding="utf-8")
    save_settings(Settings(threads=1))
    assert main(["batch", str(file), "--model", model, "--device", "cpu", "--json"]) == 0
    _wind, rain = map(json.loads, capsys.readouterr().out.splitlines())
    assert np.array_equal(samples(clip), samples(rain["path"]))


def test_an_interrupt_ends_the_process_with_130_and_leaves_no_file(model: str, tmp_path: Path) -> None:
    out = tmp_path / "clips" / "long.wav"
    long = ("wind", "--seconds", "60", "--steps", "200", "--device", "cpu")
    running = start("render", *long, "--model", model, "--out", str(out))
    assert running.stderr is not None
    for line in running.stderr:
        if "denoising" in line:
            break
    os.kill(running.pid, signal.SIGINT)
    printed, told = running.communicate(timeout=60)
    assert (running.returncode, printed) == (130, "")
    assert told.endswith("roomtone: Interrupted.\n")
    assert not [*tmp_path.iterdir()]


def test_damaged_weights_are_told_in_one_sentence(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from engine.models import store

    broken = tmp_path / "broken"
    store.save(store.create("tiny", 0), broken)
    weights = broken / "unet" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    assert main(["render", *RAIN, "--model", str(broken), "--out", f"{tmp_path}/x.wav", "--quiet"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert str(weights) in told.err
    assert not (tmp_path / "x.wav").exists()
