"""Layers: how they are written, and that the mix is their sum, aligned and in place."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.configs import from_mapping, to_mapping
from engine.errors import Cancelled, UsageError
from engine.filters import DIRECT_TAPS, convolved, distant, smearing
from engine.layer import Layer
from engine.layers import layer_of, layer_text, layered, scene_text
from engine.loudness import LoudnessMeter
from engine.mixing import LAYER_LUFS, layer_scene, panned
from engine.pipeline import Pipeline
from engine.presets import find_preset, save_preset
from engine.reports import never, silent
from engine.scene import Scene
from engine.spool import Spool
from tests.sounds import cut, noise, sine
from tests.test_pipeline import RATE, opened

SCENE = layered(
    Scene("", seconds=2.0, seed=7, steps=2, guidance=1.0, sampler="euler", model="tiny"),
    "rain 0 dB\nthunder -9 dB distant\nowl -15 dB left",
)


@pytest.fixture(scope="module")
def engine() -> Pipeline:
    return opened()


def sound(engine: Pipeline, scene: Scene) -> NDArray[np.float32]:
    return np.concatenate(list(engine.render(scene, silent, never)))


def lufs(wave: NDArray[np.float32]) -> float:
    meter = LoudnessMeter(RATE, 2)
    meter.add(wave)
    return meter.result().integrated_lufs


# Written.


def test_a_prompt_box_holds_one_layer_a_line() -> None:
    assert SCENE.prompt == "rain, thunder, owl"
    assert SCENE.layers == (Layer("rain"), Layer("thunder", -9, distance=0.7), Layer("owl", -15, pan=-0.6))
    assert layered(SCENE, scene_text(SCENE)) == SCENE


@pytest.mark.parametrize(
    ("line", "layer"),
    [
        ("distant thunder", Layer("distant thunder")),
        ("distant thunder, -6 dB", Layer("distant thunder", -6.0)),
        ("birds +3.5dB right, far", Layer("birds", 3.5, 0.6, 1.0)),
        ("birds −3 dB pan -0.25 distance 0.5 seed 9", Layer("birds", -3.0, -0.25, 0.5, 9)),
        ("a room at 40 dB hum -2 dB", Layer("a room at", 40.0)),
    ],
)
def test_a_line_is_a_prompt_a_gain_and_a_place(line: str, layer: Layer) -> None:
    if "hum" in line:  # the first gain counts, and what follows must be a place
        with pytest.raises(UsageError, match="'hum' is not known"):
            layer_of(line)
        return
    assert layer_of(line) == layer
    assert layer_of(layer_text(layer)) == layer


def test_a_single_line_without_a_gain_is_a_plain_prompt() -> None:
    plain = layered(SCENE, "\n rain on a roof \n")
    assert (plain.prompt, plain.layers) == ("rain on a roof", ())
    assert scene_text(plain) == "rain on a roof"
    assert layered(SCENE, "rain -3 dB left").layers == (Layer("rain", -3, -0.6),)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"layers": (Layer("!!"),)}, "no word in it"),
        ({"layers": (Layer("rain", gain_db=40),)}, "gain of a layer is 40"),
        ({"layers": (Layer("rain", pan=2),)}, "pan of a layer is 2"),
        ({"layers": (Layer("rain"),) * 9}, "9 layers"),
        ({"layers": (Layer("rain"),), "stem": 2}, "no stem 2"),
        ({"layers": (Layer("rain"),), "morph": ("wind",)}, "cannot be made from a clip or morph"),
        ({"stem": 1}, "no stem 1"),
        ({"layers": (Layer("rain"),), "stem": 1, "width": 0.5}, "leave the width out"),
    ],
)
def test_layers_that_cannot_be_are_refused_in_a_sentence(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        Scene("rain", **wrong).checked()


def test_a_layered_scene_survives_a_mapping_and_a_preset() -> None:
    assert from_mapping(Scene, to_mapping(SCENE)) == SCENE
    morphing = replace(Scene("dawn birds"), morph=("midday insects", "thunder"), width=0.5)
    for name, scene in (("layers", SCENE), ("morph", morphing)):
        save_preset(f"mine/{name}", scene)
        assert find_preset(f"mine/{name}").scene == scene


# Rendered.


def test_stems_are_aligned_and_their_sum_is_the_mix(engine: Pipeline) -> None:
    for loop in (False, True):
        scene = replace(SCENE, loop=loop)
        mix = sound(engine, scene)
        stems = [sound(engine, replace(scene, stem=number)) for number in (1, 2, 3)]
        assert {stem.shape for stem in stems} == {mix.shape}
        assert np.array_equal((stems[0] + stems[1]) + stems[2], mix)
        if not loop:
            assert len(mix) == 2 * RATE


def test_layers_lie_apart_by_their_gains(engine: Pipeline) -> None:
    first, second = (sound(engine, replace(SCENE, stem=number)) for number in (1, 2))
    assert lufs(first) == pytest.approx(LAYER_LUFS, abs=0.1)
    assert lufs(second) == pytest.approx(LAYER_LUFS - 9, abs=0.1)


def test_every_layer_has_a_seed_of_its_own(engine: Pipeline) -> None:
    twins = replace(SCENE, layers=(Layer("rain"), Layer("rain"), Layer("rain", seed=7)))
    seeds = [layer_scene(twins, number).seed for number in range(3)]
    assert seeds == [7, 8, 7]
    first, second, third = (sound(engine, replace(twins, stem=number)) for number in (1, 2, 3))
    assert np.array_equal(first, third)
    assert not np.allclose(first, second, atol=1e-3)


def test_a_layer_on_the_left_is_on_the_left(engine: Pipeline) -> None:
    owl = sound(engine, replace(SCENE, stem=3))
    left, right = np.square(owl).mean(axis=0)
    assert left > 3 * right
    wave = noise(1.0)
    for pan in (-1.0, -0.3, 0.0, 0.7, 1.0):
        moved = panned(wave, pan)
        assert np.square(moved).sum() == pytest.approx(np.square(wave).sum(), rel=0.05)
    assert not panned(wave, 1.0)[:, 0].any() or np.abs(panned(wave, 1.0)[:, 0]).max() < 1e-6
    assert np.array_equal(panned(wave[:, :1], 1.0), wave[:, :1])


def test_cancelling_is_felt_between_layers(engine: Pipeline) -> None:
    told: list[str] = []
    with pytest.raises(Cancelled):
        list(engine.render(SCENE, lambda stage, fraction: told.append(stage), lambda: len(told) > 6))
    assert 6 < len(told) < 10


# Distance.


def spooled(wave: NDArray[np.float32], rate: int = RATE) -> Spool:
    return Spool(io.BytesIO(), rate, cut(wave), 0.0)


def test_close_by_nothing_changes_and_far_away_the_treble_goes() -> None:
    wave = noise(1.0, RATE)
    spool = spooled(wave)
    delay = DIRECT_TAPS // 2
    near = np.concatenate(list(convolved(spool, distant(0.0, RATE, 2), delay, False)))
    assert np.abs(near - wave).max() < 1e-6

    def treble(distance: float) -> float:
        heard = np.concatenate(list(convolved(spool, distant(distance, 44_100, 2), delay, False)))
        power = np.square(np.abs(np.fft.rfft(heard[:, 0] * np.hanning(len(heard)))))
        return float(power[len(power) // 7 :].sum() / power.sum())  # above 3 kHz

    shares = [treble(distance) for distance in (0.2, 0.5, 0.7, 1.0)]
    assert all(further < 0.8 * nearer for nearer, further in pairwise(shares))


def test_a_loop_is_filtered_as_a_circle() -> None:
    wave = np.concatenate([noise(1.0, RATE), sine(100, 1.0, RATE)])
    response, delay = distant(0.8, RATE, 2), DIRECT_TAPS // 2
    straight = spooled(wave)
    first = np.concatenate(list(convolved(straight, response, delay, True)))
    turned = spooled(np.roll(wave, 3_000, axis=0))
    second = np.concatenate(list(convolved(turned, response, delay, True)))
    assert np.abs(np.roll(first, 3_000, axis=0) - second).max() < 1e-5


def test_a_smeared_sound_keeps_its_level_and_loses_its_phase() -> None:
    spool = spooled(noise(4.0), 44_100)
    smeared = np.concatenate(list(convolved(spool, smearing(44_100), 0, True)))
    wave = np.concatenate(list(spool.blocks()))
    assert smeared.std() == pytest.approx(wave.std(), rel=0.05)
    assert abs(np.corrcoef(smeared[:, 0], wave[:, 0])[0, 1]) < 0.15
