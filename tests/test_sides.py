"""Mono segments that get sides: the mid stays, the side has its colour, what says mono is left."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from engine.training.sides import may_be_widened, widened

RATE = 22_050


def mono(seed: int = 0, seconds: float = 2.0) -> np.ndarray:
    track = np.random.default_rng(seed).standard_normal(round(seconds * RATE)).astype(np.float32)
    track = np.convolve(track, np.hanning(9) / 4, mode="same").astype(np.float32)
    return np.stack([track, track], axis=1)


@pytest.mark.parametrize("seed", range(6))
def test_the_mid_stays_and_the_sides_part(seed: int) -> None:
    before = mono()
    after = widened(before, RATE, np.random.default_rng(seed))
    assert after.dtype == np.float32
    assert after.mean(axis=1) == pytest.approx(before[:, 0], abs=1e-5)
    assert 0.05 < np.corrcoef(after.T)[0, 1] < 0.92


def test_the_side_has_the_colour_of_the_mid() -> None:
    after = widened(mono(seconds=8), RATE, np.random.default_rng(1))
    mid, side = (np.square(np.abs(np.fft.rfft(after @ np.array([1, sign])))) for sign in (1, -1))
    edges = np.array([100, 500, 2000, 5000]) * 8
    shares = [[power[low:high].sum() / power.sum() for low, high in pairwise(edges)] for power in (mid, side)]
    assert shares[0] == pytest.approx(shares[1], abs=0.05)


def test_silence_stays_silence() -> None:
    assert not widened(np.zeros((RATE, 2), np.float32), RATE, np.random.default_rng(0)).any()


def test_what_is_wide_or_shall_be_mono_is_left() -> None:
    wide = np.concatenate([mono(0)[:, :1], mono(1)[:, :1]], axis=1)
    assert may_be_widened(mono(), "rain on leaves")
    assert not may_be_widened(wide, "rain on leaves")
    assert not may_be_widened(mono(), "Rain on leaves, mono recording")
    assert not may_be_widened(mono()[:, :1], "rain on leaves")
