"""Clips from clips: how long they get, what of the old one is kept, and what cannot be made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine.changes import part_of, part_text
from engine.edits import Kept, fitted, kept
from engine.errors import EngineError, UsageError
from engine.scene import Scene
from engine.sources import level_gain, stretch_of
from tests.engines import clip
from tests.sounds import noise
from tests.test_pipeline import RATE

__all__ = ["clip"]

SCENE = Scene("rain on a roof", seed=7, steps=2, guidance=1.0, sampler="euler", model="tiny")


def test_a_scene_gets_the_length_of_its_clip(clip: Path) -> None:
    scene = fitted(replace(SCENE, source=str(clip), bars=4, bpm=120))
    assert (scene.seconds, scene.bars, scene.change) == (2.0, None, "vary")
    assert fitted(scene) == scene
    longer = fitted(replace(SCENE, source=str(clip), change="extend", seconds=7.0))
    assert longer.seconds == 7.0
    keep = kept(longer)
    assert keep is not None
    assert (keep.at_seconds, keep.last_seconds) == (0.0, 7.0)
    assert kept(SCENE) is None


def test_a_short_part_has_short_fades() -> None:
    assert Kept(Path("x"), 0, 1.0, 1.2).fade_seconds == pytest.approx(0.05)
    assert part_of("3.0-5.5") == part_of("3 to 5.5") == (3.0, 5.5)


@pytest.mark.parametrize("part", [(3.0, 5.5), (0.0, 12.307687074829932), (1e-05, 600.0)])
def test_a_part_is_written_as_it_is_read(part: tuple[float, float]) -> None:
    assert part_of(part_text(*part)) == part


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"change": "extend", "seconds": 2.0}, "2 s already"),
        ({"change": "inpaint", "part": "1.5-2.5"}, "reaches over its end"),
        ({"change": "inpaint", "part": "two"}, "write it in seconds"),
        ({"change": "inpaint", "part": "1.0-1.01"}, "shorter than"),
        ({"change": "inpaint", "part": "0-1", "width": 0.5}, "width"),
        ({"change": "extend", "seconds": 9.0, "loop": True}, "does not loop"),
        ({"change": "paint"}, "not known"),
        ({"at": "middle"}, "not known"),
        ({"strength": 1.5}, "strength is 1.5"),
    ],
)
def test_what_cannot_be_made_from_a_clip_is_told_in_a_sentence(
    clip: Path, wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        fitted(replace(SCENE, source=str(clip), **wrong).checked())


def test_a_clip_that_is_not_there_or_too_short_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no clip to extend"):
        replace(SCENE, change="extend").checked()
    with pytest.raises(EngineError, match="no sound file"):
        fitted(replace(SCENE, source=str(tmp_path / "none.wav")))
    soundfile.write(tmp_path / "short.wav", noise(0.1, RATE), RATE)
    with pytest.raises(UsageError, match=r"has 0\.1 s"):
        fitted(replace(SCENE, source=str(tmp_path / "short.wav")))


def test_beyond_its_ends_a_clip_is_mirrored_and_a_loop_goes_on() -> None:
    ramp = np.arange(5, dtype=np.float32)[:, None]
    assert stretch_of(ramp, -2, 7, loop=False)[:, 0].tolist() == [1, 0, 0, 1, 2, 3, 4, 4, 3]
    assert stretch_of(ramp, -2, 7, loop=True)[:, 0].tolist() == [3, 4, 0, 1, 2, 3, 4, 0, 1]
    assert level_gain(np.zeros((9, 2), np.float32)) == 1
    assert level_gain(noise(1.0, level=0.001)) == pytest.approx(10 ** (37 / 20), rel=0.01)
