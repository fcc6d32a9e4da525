"""Loudness and true peak, measured while the sound streams by: memory does not grow with the samples.

Sources: ITU-R BS.1770-4 (K weighting, gating, 4 x oversampled true peak), EBU Tech 3341 (momentary,
short-term), EBU Tech 3342 (loudness range). This module changes no sample and knows no file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ABSOLUTE_GATE_LUFS = -70.0
SEGMENT_SECONDS = 0.1
"""Gating blocks of 400 ms overlap by 75 %: the energy of every 100 ms is all that must be kept."""


@dataclass(frozen=True)
class Loudness:
    """integrated_lufs: -inf for what the absolute gate hides. The others: None when the sound is too short.

    range_lu in LU; momentary_lufs (loudest 400 ms) and short_term_lufs (loudest 3 s) in LUFS.
    """

    integrated_lufs: float
    range_lu: float | None = None
    momentary_lufs: float | None = None
    short_term_lufs: float | None = None


class LoudnessMeter:
    """Takes blocks (samples, channels) at `rate` Hz. One or two channels: all weigh the same."""

    def __init__(self, rate: int, channels: int) -> None:
        self._rate = rate
        self._sections = _k_weighting(rate)
        self._state = np.zeros((len(self._sections), 2, channels))
        self._segments: list[float] = []
        self._energy = 0.0
        self._samples = 0

    def add(self, block: NDArray[np.float32]) -> None:
        """Measure one more block."""
        from scipy.signal import sosfilt

        weighted, self._state = sosfilt(self._sections, block.astype(np.float64), axis=0, zi=self._state)
        squares = np.square(weighted).sum(axis=1)
        while len(squares):
            room = self._boundary(len(self._segments) + 1) - self._samples
            part, squares = squares[:room], squares[room:]
            self._energy += float(part.sum())
            self._samples += len(part)
            if len(part) == room:
                self._segments.append(self._energy)
                self._energy = 0.0

    def result(self, gain_db: float = 0.0) -> Loudness:
        """The loudness of all blocks so far, were they raised by `gain_db`.

        Under 0.4 s there is no gating block: the K-weighted RMS.
        """
        factor = 10 ** (gain_db / 10)
        if len(self._segments) < 4:
            total = factor * (sum(self._segments) + self._energy)
            return Loudness(_lufs(total / self._samples) if self._samples else -math.inf)
        segments = np.array(self._segments) * factor
        momentary = _windows(segments, 4) / (0.4 * self._rate)
        short_term = _windows(segments, 30) / (3.0 * self._rate)
        return Loudness(
            integrated_lufs=_integrated(momentary),
            range_lu=_range(short_term),
            momentary_lufs=_lufs(float(momentary.max())),
            short_term_lufs=_lufs(float(short_term.max())) if len(short_term) else None,
        )

    def _boundary(self, segment: int) -> int:
        return round(segment * SEGMENT_SECONDS * self._rate)


class TruePeakMeter:
    """The largest absolute value between the samples, by 4 x oversampling (BS.1770-4, annex 2)."""

    def __init__(self, rate: int, channels: int) -> None:
        import soxr

        self._channels = channels
        self._peak = 0.0
        # VHQ: its pass band ends at 95 % of Nyquist, so that little of what makes a peak is lost.
        self._stream = soxr.ResampleStream(rate, 4 * rate, channels, "float32", "VHQ")

    def add(self, block: NDArray[np.float32]) -> None:
        """Measure one more block (samples, channels)."""
        self._look(block)
        self._look(self._stream.resample_chunk(np.ascontiguousarray(block, dtype=np.float32)))

    def result(self) -> float:
        """The peak in dBTP, -inf for silence. Ends the measurement: call it once."""
        self._look(self._stream.resample_chunk(np.zeros((0, self._channels), np.float32), last=True))
        return 20 * math.log10(self._peak) if self._peak > 0 else -math.inf

    def _look(self, block: NDArray[np.float32]) -> None:
        if block.size:
            self._peak = max(self._peak, float(np.abs(block).max()))


def _k_weighting(rate: int) -> NDArray[np.float64]:
    # The constants named DeMan give the standard's own coefficients at 48 kHz; pyloudnorm's default ones come
    # from an equaliser cookbook and are off by up to 0.1 dB.
    from pyloudnorm import IIRfilter

    shelf: Any = IIRfilter(3.99984385397, 0.7071752369554193, 1681.9744509555319, rate, "high_shelf_DeMan")
    high_pass: Any = IIRfilter(0.0, 0.5003270373253953, 38.13547087613982, rate, "high_pass_DeMan")
    return np.array([[*stage.b, *stage.a] for stage in (shelf, high_pass)])


def _windows(segments: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    if len(segments) < length:
        return np.zeros(0)
    sums = np.concatenate([[0.0], np.cumsum(segments)])
    windows: NDArray[np.float64] = np.maximum(sums[length:] - sums[:-length], 0.0)
    return windows


def _integrated(momentary: NDArray[np.float64]) -> float:
    """BS.1770-4, equations 5 to 7: mean energy above -70 LUFS and above 10 LU under the mean of those."""
    above = momentary[momentary > _energy(ABSOLUTE_GATE_LUFS)]
    if not len(above):
        return -math.inf
    return _lufs(float(above[above > above.mean() * 0.1].mean()))


def _range(short_term: NDArray[np.float64]) -> float | None:
    """EBU Tech 3342: from the 10th to the 95th percentile above -70 LUFS and above 20 LU under the mean."""
    above = short_term[short_term > _energy(ABSOLUTE_GATE_LUFS)]
    if not len(above):
        return None
    low, high = np.percentile(above[above > above.mean() * 0.01], (10, 95))
    return float(10 * np.log10(high / low))


def _lufs(mean_square: float) -> float:
    return -0.691 + 10 * math.log10(mean_square) if mean_square > 0 else -math.inf


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))
