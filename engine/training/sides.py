"""Gives a mono segment sides of its own, so that a model which learns from mono recordings renders wide.

Mathematics on samples and text; refuses to know where segments come from.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from engine.filters import smearing
from engine.training.augment import rms
from engine.widening import says_mono

Samples = NDArray[np.float32]

MONO_RATIO = 0.02
"""RMS of the side against that of the mid, below which a segment is mono."""
SIDE_RATIOS = (0.25, 0.9)
"""What the side gets, of the mid's RMS: a correlation of left and right from 0.88 to 0.1."""


def may_be_widened(wave: Samples, caption: str) -> bool:
    """Whether (samples, 2) is mono and nothing in the caption says that it shall be."""
    return wave.shape[1] == 2 and not says_mono(caption) and _is_mono(wave)


def widened(wave: Samples, rate: int, generator: np.random.Generator) -> Samples:
    """(samples, 2), mono -> the same mid with a side of the mid's sound, smeared; peaks may pass 1.

    The smearing is that of engine.widening: the same level and colour, not correlated with the mid.
    """
    mid = wave.mean(axis=1)
    response = smearing(rate, int(generator.integers(2**32)))[:, 0]
    smeared = oaconvolve(mid, response)[: len(mid)]
    ratio = float(np.exp(generator.uniform(*np.log(SIDE_RATIOS))))
    side = (smeared * (ratio * rms(mid) / max(rms(smeared), 1e-9))).astype(np.float32)
    return np.stack([mid + side, mid - side], axis=1)


def _is_mono(wave: Samples) -> bool:
    return rms(wave[:, 0] - wave[:, 1]) <= MONO_RATIO * rms(wave[:, 0] + wave[:, 1])
