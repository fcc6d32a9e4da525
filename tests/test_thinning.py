"""Thinning: fewer events are heard, and what they are heard against stays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.descriptors import density, onset_rate
from engine.training.thinning import interrupted, sparser

RATE, SECONDS = 22_050, 8


def calls(seed: int = 0) -> NDArray[np.float32]:
    """Short calls of 3 to 6 kHz over a soft noise with a hum below, (samples, 2)."""
    generator = np.random.default_rng(seed)
    time_s = np.arange(RATE * SECONDS) / RATE
    sound = 0.002 * generator.standard_normal(len(time_s)) + 0.02 * np.sin(2 * np.pi * 200 * time_s)
    for _ in range(60):
        begin, hertz = generator.uniform(0, SECONDS), generator.uniform(3000, 6000)
        envelope = np.exp(-0.5 * np.square((time_s - begin) / 0.02))
        sound += 0.1 * envelope * np.sin(2 * np.pi * hertz * time_s)
    return np.stack([sound, 0.7 * sound], 1).astype(np.float32)


def hum(wave: NDArray[np.float32]) -> float:
    return float(np.abs(np.fft.rfft(wave[:, 0]))[200 * SECONDS])


def test_moments_hold_fewer_calls_and_the_rest_stays() -> None:
    before = calls()
    few = interrupted(before, RATE, 0.3, np.random.default_rng(1))
    assert few.shape == before.shape
    assert few.dtype == np.float32
    assert onset_rate(few, RATE) < 0.6 * onset_rate(before, RATE)
    assert abs(hum(few) / hum(before) - 1) < 0.05
    assert np.abs(few).max() > 0.5 * np.abs(before).max()


def test_all_of_the_time_is_all_of_the_sound() -> None:
    before = calls()
    assert np.abs(interrupted(before, RATE, 1.0, np.random.default_rng(1)) - before)[RATE:-RATE].max() < 1e-3


def test_the_sparser_sound_has_more_between_its_crests() -> None:
    before = calls()
    assert density(sparser(before, RATE, 2.0), RATE) < density(before, RATE) - 5
    assert np.abs(sparser(before, RATE, 1.0) - before).max() < 1e-4


def test_silence_stays_silence() -> None:
    silence = np.zeros((RATE, 2), np.float32)
    assert not interrupted(silence, RATE, 0.3, np.random.default_rng(0)).any()
    assert not sparser(silence, RATE, 2.0).any()
