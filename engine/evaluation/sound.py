"""What is measured of one clip without a network: loudness, clipping, width, colour. Knows samples only."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from engine.loudness import LoudnessMeter
from engine.mastering import LARGEST_GAIN_DB
from engine.scene import Output

Samples = NDArray[np.float32]

NEAR_SILENT_LUFS = Output.lufs - LARGEST_GAIN_DB
"""Below this the finished file stays too quiet: mastering raises no clip by more."""
MONO_SIDE_TO_MID = 0.01
"""-40 dB: nobody hears such a width."""


@dataclass(frozen=True)
class ClipSound:
    """lufs: integrated, -inf for silence. clipped_share: of the samples, at full scale or beyond.

    side_to_mid: RMS of (L-R)/2 to RMS of (L+R)/2. centroid_hz: magnitude-weighted; None for silence.
    """

    lufs: float
    clipped_share: float
    side_to_mid: float
    centroid_hz: float | None

    @property
    def clipped(self) -> bool:
        return self.clipped_share > 0

    @property
    def near_silent(self) -> bool:
        return self.lufs < NEAR_SILENT_LUFS

    @property
    def mono(self) -> bool:
        return self.side_to_mid < MONO_SIDE_TO_MID


def measure(wave: Samples, rate: int) -> ClipSound:
    """wave: (samples, 1 or 2) in about [-1, 1], as it is before any finishing."""
    meter = LoudnessMeter(rate, wave.shape[1])
    meter.add(wave)
    return ClipSound(
        lufs=meter.result().integrated_lufs,
        clipped_share=float((np.abs(wave) >= 1.0).mean()),
        side_to_mid=_side_to_mid(wave),
        centroid_hz=_centroid(wave, rate),
    )


def _side_to_mid(wave: Samples) -> float:
    if wave.shape[1] == 1:
        return 0.0
    left, right = wave.astype(np.float64).T
    mid, side = np.sqrt(np.square(left + right).mean()), np.sqrt(np.square(left - right).mean())
    if side == 0:
        return 0.0
    return float(side / mid) if mid > 0 else math.inf


def _centroid(wave: Samples, rate: int) -> float | None:
    window = min(2048, len(wave))
    frequencies, _, spectrum = signal.stft(wave.T, rate, nperseg=window, boundary=None, padded=False)
    magnitude = np.abs(spectrum).mean(axis=(0, 2))
    return float(frequencies @ magnitude / magnitude.sum()) if magnitude.sum() > 0 else None
