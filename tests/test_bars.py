"""Bars and tempo: a clip is as long as its bars, to the sample, at any rate, whether it loops or not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.errors import UsageError
from engine.pipeline import Pipeline
from engine.recipe import Recipe
from engine.reports import never, silent
from engine.scene import Output, Scene, bar_seconds
from engine.takes import write_take
from tests.sounds import noise
from tests.test_pipeline import opened

METERS = ("4/4", "3/4", "7/8", "5/4", "6/8", "11/16", "2/2", "1/1", "13/8", "9/32")
RATES = (44_100, 48_000, 22_050, 96_000, 8_000)


@pytest.fixture(scope="module")
def engine() -> Pipeline:
    return opened()


def random_scenes(count: int, seed: int = 1) -> list[tuple[Scene, int]]:
    """Scenes of half a second to four seconds, and a rate for each."""
    random = np.random.default_rng(seed)
    found: list[tuple[Scene, int]] = []
    while len(found) < count:
        scene = Scene(
            "rain",
            bars=float(random.integers(1, 17)) / float(random.choice([1, 2, 4])),
            bpm=round(float(random.uniform(20, 400)), int(random.integers(0, 4))),
            meter=str(random.choice(METERS)),
            loop=bool(random.integers(2)),
            seed=1,
        )
        if 0.5 <= bar_seconds(scene.bars or 0, scene.bpm, scene.meter) <= 4:
            found.append((scene.checked(), int(random.choice(RATES))))
    return found


def exact_samples(scene: Scene, rate: int) -> Fraction:
    numerator, denominator = map(int, scene.meter.split("/"))
    quarters = Fraction(scene.bars or 0) * numerator * 4 / denominator
    return quarters * 60 * rate / Fraction(scene.bpm or 0)


def test_the_files_of_200_tempi_and_meters_are_exact_to_the_sample(tmp_path: Path) -> None:
    for scene, rate in random_scenes(200):
        # As a model gives it: a loop on its grid of 0.37 s, an open clip as long as asked.
        turn = max(1, round(scene.seconds * 8_000 / 2_972)) * 2_972
        wave = noise((turn if scene.loop else round(scene.seconds * 8_000)) / 8_000, 8_000, channels=1)
        recipe = Recipe(scene, Output(rate=rate), model="none", weight_hash="0" * 16)
        take = write_take([wave], 8_000, recipe, tmp_path / "bars.wav", tmp_path)
        samples = round(take.seconds * rate)
        assert abs(samples - exact_samples(scene, rate)) <= Fraction(1, 2) + Fraction(1, 10**6)
        take.path.unlink()


@pytest.mark.parametrize("loop", [False, True])
def test_a_render_in_bars_fills_its_file(engine: Pipeline, tmp_path: Path, loop: bool) -> None:
    for scene, rate in random_scenes(6, seed=2):
        resolved = replace(scene, loop=loop, steps=1, guidance=1.0, sampler="euler")
        recipe = Recipe(resolved, Output(rate=rate), model="tiny", weight_hash="0" * 16)
        blocks = engine.render(resolved, silent, never)
        take = write_take(blocks, 8_000, recipe, tmp_path / "bars.wav", tmp_path)
        assert abs(round(take.seconds * rate) - exact_samples(scene, rate)) <= Fraction(1, 2)
        take.path.unlink()


def test_eight_bars_of_seven_eighths_at_97_5_last_as_long_as_they_should() -> None:
    scene = Scene("rain", bars=8, bpm=97.5, meter="7/8").checked()
    assert scene.seconds == pytest.approx(28 * 60 / 97.5)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"bars": 8}, "needs a tempo"),
        ({"bars": 8, "bpm": 120, "meter": "7/9"}, "meter '7/9' is not known"),
        ({"bars": 8, "bpm": 120, "meter": "0/4"}, "meter '0/4' is not known"),
        ({"bpm": 120, "meter": "waltz"}, "meter 'waltz' is not known"),
        ({"bars": 0.1, "bpm": 120}, "number of bars is 0.1"),
        ({"bars": 8, "bpm": 12}, "tempo is 12"),
        ({"bars": 900, "bpm": 60}, "length is 3600"),
        ({"bars": 1, "bpm": 400, "meter": "1/32"}, "length is 0.01"),
    ],
)
def test_bars_that_cannot_be_are_refused_in_a_sentence(wrong: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        Scene("rain", **wrong).checked()  # type: ignore[arg-type]


def test_a_tempo_alone_changes_no_length() -> None:
    assert Scene("rain", seconds=3.3, bpm=120).checked().seconds == 3.3
