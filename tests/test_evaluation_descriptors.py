"""What words of character promise is measured in sounds that were made to keep the promise."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.evaluation.descriptors import brightness, density, loudness, onset_rate
from engine.evaluation.sound import correlation, measure
from tests.sounds import noise, sine

RATE = 44_100


def drops(rate: float, seed: int = 0, seconds: float = 5.0) -> NDArray[np.float32]:
    """(samples, 1): short clicks at random places, so many a second, over a faint noise."""
    random = np.random.default_rng(seed)
    clicks = np.zeros(round(seconds * RATE))
    clicks[random.integers(0, len(clicks), round(rate * seconds))] = 1.0
    ring = np.exp(-np.arange(400) / 60) * random.standard_normal(400)
    wave = 0.05 * np.convolve(clicks, ring)[: len(clicks)] + 1e-4 * random.standard_normal(len(clicks))
    return wave.astype(np.float32)[:, None]


def chirps(calls: float, seed: int = 0, seconds: float = 10.0, rate: int = RATE) -> NDArray[np.float32]:
    """(samples, 1): calls of a tenth of a second, 2.2 to 6.8 kHz, evenly spaced, over a faint noise."""
    random = np.random.default_rng(seed)
    wave = 1e-3 * random.standard_normal(round(seconds * rate))
    length = rate // 10
    for start in np.linspace(0, len(wave) - length, round(calls * seconds)).astype(int):
        tone = np.sin(2 * np.pi * random.uniform(2200, 6800) * np.arange(length) / rate)
        wave[start : start + length] += 0.05 * np.hanning(length) * tone
    return wave.astype(np.float32)[:, None]


def test_more_drops_are_denser() -> None:
    few, many, downpour = (density(drops(rate), RATE) for rate in (60, 400, 3000))
    assert few < many - 6
    assert many < downpour - 1
    assert downpour < 0


def test_as_many_onsets_are_counted_as_there_are_calls() -> None:
    counts = [onset_rate(chirps(rate), RATE) for rate in (1, 4, 8)]
    assert counts == pytest.approx([1, 4, 8], rel=0.25)
    assert onset_rate(noise(5.0), RATE) == 0.0, "a steady noise has no onset"
    assert onset_rate(10 * chirps(4), RATE) == onset_rate(chirps(4), RATE), "the level does not count"


def test_loudness_and_brightness_are_those_of_the_sound() -> None:
    assert loudness(sine(997.0, 2.0, level=0.1), RATE) == pytest.approx(-20.0, abs=0.1)
    assert brightness(sine(3000.0, 2.0), RATE) == pytest.approx(3000, rel=0.05)
    assert brightness(np.zeros((RATE, 2), np.float32), RATE) == 0.0


def test_width_and_dc_of_a_sound() -> None:
    left, right, shared = (noise(2.0, channels=1, seed=seed) for seed in (1, 2, 3))
    wide = np.concatenate([left, right], axis=1)
    half = np.concatenate([left + shared, right + shared], axis=1)
    assert correlation(wide) == pytest.approx(0.0, abs=0.02)
    assert correlation(half) == pytest.approx(0.5, abs=0.02)
    assert correlation(np.concatenate([left, -left], axis=1)) == pytest.approx(-1.0)
    assert correlation(left) == correlation(np.zeros((100, 2), np.float32)) == 1.0
    assert measure(wide + np.float32(0.01), RATE).dc == pytest.approx(0.01, abs=1e-3)
    assert measure(wide + np.float32(0.01), RATE).off_centre
    assert not measure(wide - wide.mean(axis=0), RATE).off_centre
