"""Faulty files are found and named, and a scene is wide where real clips say so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.evaluation.asking import Asked, asked_prompts
from engine.evaluation.clips import Choice
from engine.evaluation.families import family_of
from engine.evaluation.faults import RealWidth, faults, real_width
from engine.evaluation.passages import Passages
from engine.evaluation.renders import Render
from engine.evaluation.sound import measure
from engine.evaluation.texture import textures
from engine.training.manifest import Recording
from tests.made_ground import MadeClips, Wave
from tests.manifest_rows import scene_row
from tests.sounds import noise

RATE = 22_050


def test_a_family_is_wide_where_most_of_its_stereo_recordings_are() -> None:
    mono, wide = np.repeat(noise(1.0, RATE, channels=1), 2, axis=1), noise(1.0, RATE)
    narrow = mono + np.float32(0.01) * wide
    waves = {
        "rain": [mono, mono, mono, wide, _partly(0.5)],
        "chainsaw": [mono, mono],
        "fire": [narrow, narrow, wide],
        "wind": [wide],
    }
    found = _width(waves)
    assert found.families == {"rain"}, "one microphone says nothing, and one recording is too few"
    low, high = found.correlation
    assert low == pytest.approx(0.025, abs=0.02)
    assert high == pytest.approx(0.475, abs=0.02)


def test_every_fault_is_counted_and_the_prompts_are_named() -> None:
    sound = replace(measure(noise(1.0, RATE), RATE), dc=0.0)
    faulty = {
        "near_silent": replace(sound, lufs=-80.0),
        "clipped": replace(sound, clipped_share=0.01),
        "dc": replace(sound, dc=0.01),
        "mono": replace(sound, side_to_mid=0.0, correlation=1.0),
    }
    rains = {"good": sound, **faulty}
    clips = [(Asked(f"{name}_rain", 0, "rain"), _render(one)) for name, one in rains.items()]
    clips.append((Asked("a chainsaw", 0, "chainsaw"), _render(faulty["mono"])))
    clips.append((Asked("rain, mono", 0, "rain"), _render(faulty["mono"])))
    bars = {one.key: one for one in faults(clips, RealWidth(frozenset({"rain"}), (-0.2, 0.9)), family_of)}
    for name in faulty:
        assert bars[name].figure == 1
        assert bars[name].details == {"prompts": f"{name}_rain"}
    assert bars["mono"].clips == bars["width"].clips == 5, "neither a chainsaw nor what asks for mono"
    assert bars["width"].figure == 0.8
    assert bars["dc"].clips == 7


def test_without_a_wide_family_there_is_no_width_to_measure() -> None:
    clips = [(Asked("rain", 0, "rain"), _render(measure(noise(1.0, RATE), RATE)))]
    bars = {one.key: one for one in faults(clips, _width({"fire": [noise(1.0, RATE)]}), family_of)}
    assert (bars["mono"].figure, bars["width"].figure) == (None, None)
    assert bars["clipped"].passed


def test_half_of_the_prompts_are_held_back_and_the_rest_captions() -> None:
    rows = tuple(scene_row(number, "rain") for number in range(30))
    others = tuple(Recording(Path(f"{n}.wav"), (f"caption {n}",), scene="fire") for n in range(60))
    choice = Choice(rows, others, True, (), rows)
    asked = asked_prompts(choice, 80)
    assert len({(one.prompt, one.seed) for one in asked}) == 80
    assert [one.scene for one in asked[40:]] == ["rain"] * 20 + ["fire"] * 20
    assert {one.seed for one in asked[40:60]} <= {row.number for row in rows}
    assert len(asked_prompts(choice, 1000)) == 100 + 30 + 60, "a small manifest has no more"


def _width(waves: dict[str, list[Wave]]) -> RealWidth:
    named = {f"{scene}{n}": (scene, wave) for scene, some in waves.items() for n, wave in enumerate(some)}
    others = tuple(Recording(Path(name), ("x",), scene=scene) for name, (scene, _) in named.items())
    real: Any = MadeClips({name: wave for name, (_, wave) in named.items()})
    return real_width(real, Choice((), others, True, (), ()))


def _partly(shared: float) -> Wave:
    """Noise whose sides correlate by so much."""
    return np.float32(np.sqrt(1 - shared)) * noise(1.0, RATE, seed=5) + np.float32(np.sqrt(shared)) * noise(
        1.0, RATE, channels=1, seed=6
    )


def _render(sound: Any) -> Render:
    wave = noise(1.0, RATE)
    return Render(textures(wave, RATE), Passages(wave, RATE), sound, sound)
