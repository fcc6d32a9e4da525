"""Copies are told from clips that are merely alike, whatever happened to their level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from engine.evaluation.passages import Passages
from engine.evaluation.texture import RATE
from tests.sounds import noise

Wave = NDArray[np.float32]


def test_a_passage_is_found_again_though_quieter_darker_and_elsewhere() -> None:
    original = crackle(seed=1, seconds=12.0)
    passage = 0.2 * original[round(4.3 * RATE) : round(9.3 * RATE)]
    passage = signal.lfilter([1.0, 0.5], [1.0], passage, axis=0).astype(np.float32)
    assert Passages(passage, RATE).likeness(Passages(original, RATE)) > 0.8


def test_other_clips_of_the_same_kind_are_no_copies() -> None:
    originals = [Passages(crackle(seed, 12.0), RATE) for seed in range(5)]
    unlike = [Passages(crackle(seed, 12.0), RATE) for seed in range(50, 55)]
    assert max(one.likeness(other) for one in unlike for other in originals) < 0.6


def test_a_common_swell_and_a_cut_to_silence_are_no_likeness() -> None:
    swell = np.linspace(0.01, 1.0, 10 * RATE, dtype=np.float32)[:, None]
    swell[: 2 * RATE] = 0
    one, other = (Passages(swell * noise(10.0, RATE, seed=seed), RATE) for seed in (1, 2))
    assert one.likeness(other) < 0.6


def test_a_steady_hum_and_what_is_shorter_than_a_patch_are_like_nothing() -> None:
    time = np.arange(4 * RATE)[:, None] / RATE
    hum = Passages(np.sin(2 * np.pi * 100 * time).astype(np.float32), RATE)
    assert hum.likeness(Passages(crackle(1, 4.0), RATE)) < 0.5
    short = Passages(crackle(1, 1.0), RATE)
    assert short.likeness(hum) == hum.likeness(short) == 0.0


def test_the_rate_does_not_matter() -> None:
    original = crackle(seed=3, seconds=6.0)
    doubled = signal.resample_poly(original, 2, 1, axis=0).astype(np.float32)
    assert Passages(doubled, 2 * RATE).likeness(Passages(original, RATE)) > 0.95


def crackle(seed: int, seconds: float) -> Wave:
    """(samples, 1): bursts of tone over a soft noise, as fire or birds would have them."""
    random = np.random.default_rng(seed)
    wave = 0.01 * random.standard_normal(round(seconds * RATE))
    for start in random.integers(0, len(wave) - RATE // 5, round(6 * seconds)):
        length = int(random.integers(RATE // 20, RATE // 5))
        tone = np.sin(2 * np.pi * random.uniform(300, 8000) * np.arange(length) / RATE)
        wave[start : start + length] += 0.1 * np.hanning(length) * tone
    return wave.astype(np.float32)[:, None]
