"""What words of character promise of a sound, in numbers: how loud, how bright, how dense, how eventful.

Mathematics on samples; refuses to know words and models.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from engine.evaluation.sound import measure

Samples = NDArray[np.float32]

_WINDOW_S, _HOP_S = 0.02, 0.01
CREST_HZ = (2000.0, 10_000.0)
"""Where single drops are heard."""
ONSET_HZ = (2000.0, 8000.0)
"""Where songbirds and insects call."""
ONSET_BAND_HZ = 1000.0
ONSET_RISE_DB, ONSET_WITHIN_S = 9.0, 0.06
"""The level of a steady noise in such a band never rises so far so fast."""
_FLOOR = 1e-10


def loudness(wave: Samples, rate: int) -> float:
    """(samples, channels) -> integrated loudness in LUFS, -inf for silence."""
    return measure(wave, rate).lufs


def brightness(wave: Samples, rate: int) -> float:
    """Spectral centroid in Hz, 0 for silence."""
    return measure(wave, rate).centroid_hz or 0.0


def density(wave: Samples, rate: int) -> float:
    """How far the median level lies under the crests (99th percentile), in dB from CREST_HZ; at most 0.

    Single drops stand far above what is between them; a downpour has no between.
    """
    levels = _levels(wave, rate, *CREST_HZ)
    return float(np.median(levels) - np.percentile(levels, 99))


def onset_rate(wave: Samples, rate: int) -> float:
    """Onsets a second, counted in each band of ONSET_BAND_HZ in ONSET_HZ, and summed."""
    low, high = ONSET_HZ
    ahead, found = round(ONSET_WITHIN_S / _HOP_S), 0
    for edge in np.arange(low, min(high, rate / 2), ONSET_BAND_HZ):
        levels = _levels(wave, rate, float(edge), float(edge) + ONSET_BAND_HZ)
        rising = levels[ahead:] - levels[:-ahead] > ONSET_RISE_DB
        found += int(rising[:1].sum() + (rising[1:] & ~rising[:-1]).sum())
    return found / (len(wave) / rate)


def _levels(wave: Samples, rate: int, low_hz: float, high_hz: float) -> NDArray[np.float64]:
    """Level of the mono sum in a band, in dB, every 10 ms."""
    window, hop = round(_WINDOW_S * rate), round(_HOP_S * rate)
    mono = wave.mean(axis=1)
    frequencies, _, spectrum = signal.stft(
        mono, rate, nperseg=min(window, len(mono)), noverlap=window - hop, boundary=None, padded=False
    )
    band = (frequencies >= low_hz) & (frequencies < high_hz)
    return np.asarray(10 * np.log10(np.square(np.abs(spectrum[band])).sum(0) + _FLOOR))
