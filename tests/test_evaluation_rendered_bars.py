"""Bars that ask for clips of their own, each where the answer is known because the clips are made here."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.evaluation.adjectives import CONTRASTS, adjectives
from engine.evaluation.asking import Asked
from engine.evaluation.copies import near_copies
from engine.evaluation.languages import languages
from engine.evaluation.looping import loops
from engine.evaluation.texture import RATE
from engine.evaluation.variety import SEEDS, mean_distance, variety
from engine.training.held_back import held_back_languages, held_back_prompts
from tests.made_ground import made_ground
from tests.sounds import sine
from tests.test_evaluation_copies import crackle
from tests.test_evaluation_descriptors import chirps
from tests.test_judge import made

Wave = NDArray[np.float32]
KINDS = {"rain": "hiss", "thunder": "rumble", "clock": "ticks", "electric_hum": "tone"}
TRAIN = {f"{scene}{seed}": (scene, made(kind, seed)) for scene, kind in KINDS.items() for seed in range(4)}
SCENES = {one.prompt: one.scene for one in (*held_back_prompts(), *held_back_languages())}


def test_as_much_variety_as_the_real_clips_have_is_a_ratio_of_one() -> None:
    bar = variety(made_ground(TRAIN, lambda prompt, seed: made(KINDS[SCENES[prompt]], seed)), 2)
    assert bar.figure == pytest.approx(1.0, abs=0.35)
    assert bar.passed
    assert bar.clips == 2 * SEEDS
    assert len(bar.details) == 2


def test_a_model_that_repeats_itself_has_no_variety() -> None:
    bar = variety(made_ground(TRAIN, lambda prompt, seed: made(KINDS[SCENES[prompt]], 1)), 1)
    assert bar.figure == pytest.approx(0.0, abs=1e-6)
    assert not bar.passed


def test_pieces_of_one_recording_are_no_variety() -> None:
    places = [np.array([0.0]), np.array([1.0]), np.array([5.0])]
    assert mean_distance(places, ["a", "a", "b"]) == 4.5
    assert mean_distance(places[:2], ["a", "a"]) == 0.0


def test_a_render_that_repeats_a_train_clip_is_a_near_copy_and_is_named() -> None:
    train = {f"fire{seed}.wav": ("fire", crackle(seed, 8.0)) for seed in range(3)}
    test = {f"fire{seed}.wav": ("fire", crackle(seed, 8.0)) for seed in (10, 11)}
    waves = {"honest": crackle(20, 6.0), "thief": 0.3 * crackle(1, 8.0)[RATE : 7 * RATE]}
    ground = made_ground(train, lambda prompt, seed: waves[prompt], test)
    clips = [(Asked(name, 0, "fire"), ground.renders.render(name, 0)) for name in waves]
    bar = near_copies(ground, clips)
    assert bar.figure == 1
    assert not bar.passed
    assert str(bar.details["copies"]).startswith("thief ~ fire1.wav (")
    assert near_copies(ground, clips[:1]).passed


def test_a_test_clip_that_is_a_train_clip_too_is_no_yardstick() -> None:
    train = {f"fire{seed}.wav": ("fire", crackle(seed, 8.0)) for seed in range(3)}
    test = {"twin.wav": ("fire", 0.5 * crackle(2, 8.0)), "other.wav": ("fire", crackle(9, 8.0))}
    ground = made_ground(train, lambda prompt, seed: crackle(0, 8.0), test)
    bar = near_copies(ground, [(Asked("thief", 0, "fire"), ground.renders.render("thief", 0))])
    assert bar.figure == 1
    assert str(bar.details["test clips that are train clips too"]).startswith("twin.wav ~ fire2.wav")
    alone = made_ground(train, ground.renders.wave)
    assert near_copies(alone, []).figure is None, "without test clips nothing says what chance does"


def test_a_model_that_knows_german_alone_is_found_out() -> None:
    known = {one.prompt for one in held_back_languages() if one.language == "german"}
    known |= {one.prompt for one in held_back_prompts()}
    kinds = {"rain": "hiss", "thunder": "rumble", "fire": "ticks", "train": "tone"}
    train = {f"{scene}{n}": (scene, made(kind, n)) for scene, kind in kinds.items() for n in range(4)}

    def play(prompt: str, seed: int) -> Wave:
        right = kinds.get(SCENES[prompt], "hiss")
        return made(right if prompt in known else "tone" if right != "tone" else "hiss", seed + 100)

    def read(prompt: str) -> int:
        scenes = sorted(kinds)
        right = scenes.index(SCENES[prompt]) if SCENES.get(prompt) in scenes else 0
        return right if prompt in known else (right + 1) % len(scenes)

    for bar in languages(made_ground(train, play, read=read), 40):
        assert bar.details["english"] == bar.details["german"] == 1.0
        assert bar.details["french"] == bar.details["japanese"] == 0.0
        assert bar.figure == 0.25
        assert not bar.passed


def test_a_loop_that_jumps_is_found_out_and_one_that_does_not_passes() -> None:
    turn = sine(440.0, 1.0, RATE, level=0.2)
    prompts = [Asked("hum", seed, "electric_hum") for seed in range(8)]

    def rolled(prompt: str, seed: int) -> Wave:
        return np.roll(turn, 1000 * seed + 7, axis=0)

    smooth = loops(made_ground(TRAIN, rolled), prompts)
    assert smooth.passed
    assert smooth.clips == 8
    cut = loops(made_ground(TRAIN, lambda prompt, seed: turn[: len(turn) - 30]), prompts)
    assert not cut.passed
    assert cut.details["value, share above the 95th"] == 1.0
    assert loops(made_ground(TRAIN, rolled), []).figure is None


def test_adjectives_are_right_where_every_clip_does_as_told() -> None:
    bar = adjectives(made_ground(TRAIN, _obedient), 2)
    assert bar.figure == 1.0, bar.details
    assert bar.clips == 4 * len(CONTRASTS)


def test_a_model_that_is_deaf_to_adjectives_fails() -> None:
    def deaf(prompt: str, seed: int) -> Wave:
        return chirps(4, seed, 2.0)

    bar = adjectives(made_ground(TRAIN, deaf), 2)
    assert bar.figure == 0.0
    assert all(str(told).endswith("(wrong)") for told in bar.details.values())


def _obedient(prompt: str, seed: int) -> Wave:
    if "birds" in prompt:
        return chirps(8 if "many" in prompt else 1, seed, 4.0, RATE)
    random = np.random.default_rng(seed)
    noise = random.standard_normal(3 * RATE)
    if "rain" in prompt:
        gain = 0.2 if "heavy" in prompt else 0.05 * (random.random(3 * RATE) < 0.002)
    else:
        gain = 0.2 if "rough" in prompt or "close" in prompt else 0.05
    if "distant" in prompt:
        noise = np.convolve(noise, np.ones(40) / 40, "same")
    return (gain * noise).astype(np.float32)[:, None]
