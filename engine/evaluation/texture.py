"""How a sound texture is told from another, in numbers: statistics of its band envelopes over five seconds.

Listeners recognise rain, fire or a crowd by such statistics alone (McDermott and Simoncelli 2011, "Sound
texture perception via statistics of the auditory periphery"): moments of each band's level, its modulations,
and how bands move together. Mathematics on samples; refuses to know scenes and networks.
"""

from __future__ import annotations

import functools
from itertools import pairwise

import numpy as np
import torchaudio
from numpy.typing import NDArray

from engine.audio import resample

Samples = NDArray[np.float32]
Statistics = NDArray[np.float32]

RATE = 22_050
WINDOW_S = 5.0
MOST_WINDOWS = 12
_N_FFT, _HOP, _BANDS, _GROUPS = 1024, 256, 64, 8
_FLOOR = 1e-4  # of a mel power, for a wave of RMS 1
_MODULATION_EDGES_HZ = (0.3, 0.7, 1.5, 3.0, 6.0, 10.0, 15.0, 22.0, 32.0, 43.0)
_MODULATION_FFT = 512


def textures(wave: Samples, rate: int) -> Statistics:
    """(samples, channels) at `rate` Hz -> (windows, statistics), at most MOST_WINDOWS, half overlapping.

    The level does not count: each window is brought to RMS 1. A shorter sound is one window.
    """
    mono = resample(wave.mean(axis=1, keepdims=True), rate, RATE)[:, 0]
    length = round(WINDOW_S * RATE)
    if len(mono) <= length:
        starts = [0]
    else:
        count = min(MOST_WINDOWS, 1 + 2 * (len(mono) - length) // length)
        starts = np.linspace(0, len(mono) - length, count).astype(int).tolist()
    return np.stack([_statistics(mono[start : start + length]) for start in starts])


def _statistics(mono: Samples) -> Statistics:
    power = _power(mono)
    levels = np.log(power @ _filters() + _FLOOR)
    mean, spread = levels.mean(0), levels.std(0)
    skew = ((levels - mean) ** 3).mean(0) / (spread**3 + 1e-3)
    groups = levels.reshape(len(levels), _GROUPS, -1).mean(2)
    groups = groups - groups.mean(0)
    parts = (
        mean,
        spread,
        np.diff(levels, axis=0).std(0),
        0.3 * skew,
        np.percentile(levels, 95, axis=0) - mean,
        _modulations(groups),
        _tonality(power),
        _correlations(groups),
    )
    return np.concatenate(parts).astype(np.float32)


def _power(mono: Samples) -> NDArray[np.float64]:
    """(frames, bins) of the wave at RMS 1."""
    wave = np.pad(mono, (0, max(0, 2 * _N_FFT - len(mono)))).astype(np.float64)
    wave = wave - wave.mean()
    wave = wave / (np.sqrt(np.square(wave).mean()) + 1e-6)
    frames = np.lib.stride_tricks.sliding_window_view(wave, _N_FFT)[::_HOP] * np.hanning(_N_FFT)
    return np.square(np.abs(np.fft.rfft(frames)))


def _modulations(groups: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log power of each group's level in the modulation bands, (bands * groups,)."""
    window = np.hanning(len(groups))[:, None]
    spectrum = np.abs(np.fft.rfft(groups * window, n=_MODULATION_FFT, axis=0))
    hz = np.arange(len(spectrum)) * RATE / _HOP / _MODULATION_FFT
    edges = pairwise(_MODULATION_EDGES_HZ)
    return np.concatenate([np.log(spectrum[(hz >= low) & (hz < high)].mean(0) + 1e-3) for low, high in edges])


def _tonality(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spectral flatness by octave over the window, then its mean and spread over frames, in nepers."""
    whole = power.mean(0)
    octaves = [whole[2**number : 2 ** (number + 1)] for number in range(1, 9)]
    flatness = [np.log(octave + 1e-9).mean() - np.log(octave.mean() + 1e-9) for octave in octaves]
    frames = np.log(power + 1e-9).mean(1) - np.log(power.mean(1) + 1e-9)
    return np.array([*flatness, frames.mean(), frames.std()])


def _correlations(groups: NDArray[np.float64]) -> NDArray[np.float64]:
    """Between the levels of every two groups, from -1 to 1; a still group goes with none."""
    scaled = groups / (groups.std(0) + 1e-6)
    together = scaled.T @ scaled / len(groups)
    return np.asarray(together[np.triu_indices(_GROUPS, 1)])


@functools.cache
def _filters() -> NDArray[np.float64]:
    """(bins, bands) of a slaney mel filter bank."""
    filters = torchaudio.functional.melscale_fbanks(
        _N_FFT // 2 + 1, 40.0, RATE / 2, _BANDS, RATE, norm="slaney", mel_scale="slaney"
    )
    return np.asarray(filters.numpy(), np.float64)
