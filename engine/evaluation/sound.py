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
LARGEST_DC = 1e-4
"""-80 dBFS: more of it is heard where a clip is cut."""


@dataclass(frozen=True)
class ClipSound:
    """lufs: integrated, -inf for silence. clipped_share: of the samples, at full scale or beyond.

    side_to_mid: RMS of (L-R)/2 to RMS of (L+R)/2. centroid_hz: magnitude-weighted; None for silence.
    correlation: of left and right, -1 to 1. dc: the largest mean of a channel, absolute.
    """

    lufs: float
    clipped_share: float
    side_to_mid: float
    centroid_hz: float | None
    correlation: float
    dc: float

    @property
    def clipped(self) -> bool:
        return self.clipped_share > 0

    @property
    def near_silent(self) -> bool:
        return self.lufs < NEAR_SILENT_LUFS

    @property
    def mono(self) -> bool:
        return self.side_to_mid < MONO_SIDE_TO_MID

    @property
    def off_centre(self) -> bool:
        return self.dc > LARGEST_DC


def measure(wave: Samples, rate: int) -> ClipSound:
    """wave: (samples, 1 or 2) in about [-1, 1], as it is before any finishing."""
    meter = LoudnessMeter(rate, wave.shape[1])
    meter.add(wave)
    return ClipSound(
        lufs=meter.result().integrated_lufs,
        clipped_share=float((np.abs(wave) >= 1.0).mean()),
        side_to_mid=side_to_mid(wave),
        centroid_hz=_centroid(wave, rate),
        correlation=correlation(wave),
        dc=float(np.abs(wave.mean(axis=0, dtype=np.float64)).max()),
    )


def side_to_mid(wave: Samples) -> float:
    """0 for mono, infinite where left and right cancel each other."""
    if wave.shape[1] == 1:
        return 0.0
    left, right = wave.astype(np.float64).T
    mid, side = np.sqrt(np.square(left + right).mean()), np.sqrt(np.square(left - right).mean())
    if side == 0:
        return 0.0
    return float(side / mid) if mid > 0 else math.inf


def correlation(wave: Samples) -> float:
    """Of left and right; 1 for mono, and where one of them is still."""
    centred = wave.astype(np.float64) - wave.mean(axis=0, dtype=np.float64)
    power = np.square(centred).mean(axis=0).prod()
    if wave.shape[1] == 1 or power == 0:
        return 1.0
    return float(centred.prod(axis=1).mean() / np.sqrt(power))


def _centroid(wave: Samples, rate: int) -> float | None:
    window = min(2048, len(wave))
    frequencies, _, spectrum = signal.stft(wave.T, rate, nperseg=window, boundary=None, padded=False)
    magnitude = np.abs(spectrum).mean(axis=(0, 2))
    return float(frequencies @ magnitude / magnitude.sum()) if magnitude.sum() > 0 else None
