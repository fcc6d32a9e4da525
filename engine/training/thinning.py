"""Fewer events in the same sound: what lies between them is lowered, or they are heard for moments only.

Mathematics on samples; refuses to know words.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Samples = NDArray[np.float32]

N_FFT, HOP = 1024, 256
BANDS = 20
CREST_PERCENTILE, BED_PERCENTILE = 97, 20
LEAST = 10 ** (-18 / 20)
EVENTS_HZ = 1000.0
"""Calls and drops lie above, what they are heard against lies below."""
HEARD_S = (0.7, 1.6)
FADE_S = 0.5


def sparser(wave: Samples, rate: int, ratio: float) -> Samples:
    """(samples, channels), each band expanded downwards from its crests by `ratio`, 18 dB at most."""
    spectrum = _spectrum(wave, rate)
    power = np.square(np.abs(spectrum)).mean(0)
    gain = np.ones_like(power)
    for low, high in pairwise(np.unique(np.r_[0, np.geomspace(4, len(power), BANDS).astype(int)])):
        level = np.sqrt(power[low:high].mean(0))
        crest = np.percentile(level, CREST_PERCENTILE) + 1e-9
        gain[low:high] = np.clip((level / crest) ** (ratio - 1), LEAST, 1.0)
    return _wave(spectrum * gain, rate, len(wave))


def interrupted(wave: Samples, rate: int, share: float, generator: np.random.Generator) -> Samples:
    """(samples, channels) whose events are heard about `share` of the time, a second at once.

    Between them the highs are a steady noise as loud as their quiet moments are.
    """
    spectrum = _spectrum(wave, rate)
    heard = _moments(spectrum.shape[-1], rate, share, generator)
    lows = np.arange(spectrum.shape[1]) * rate / N_FFT < EVENTS_HZ
    quiet = np.percentile(np.abs(spectrum), BED_PERCENTILE, axis=2, keepdims=True)
    # The percentile of a Rayleigh distribution, brought to its root mean square.
    quiet = quiet / np.sqrt(-np.log(1 - BED_PERCENTILE / 100))
    noise = generator.standard_normal((2, *spectrum.shape)) * quiet / np.sqrt(2)
    share_heard = np.maximum(heard, lows[:, None])
    return _wave(spectrum * share_heard + (noise[0] + 1j * noise[1]) * (1 - share_heard), rate, len(wave))


def _moments(frames: int, rate: int, share: float, generator: np.random.Generator) -> NDArray[np.float64]:
    """(frames,) from 0 to 1: 1 in moments of HEARD_S, which together are about `share` of all."""
    level, place, a_second = np.zeros(frames), 0, rate / HOP
    while place < frames:
        heard = generator.uniform(*HEARD_S)
        pause = heard * (1 - share) / share * generator.uniform(0.5, 1.5)
        begin = place + round(pause * a_second * (generator.random() if place == 0 else 1.0))
        place = begin + round(heard * a_second)
        level[begin:place] = 1.0
    window = np.hanning(max(3, round(FADE_S * a_second)))
    soft: NDArray[np.float64] = signal.convolve(level, window / window.sum(), mode="same")
    return np.clip(soft, 0, 1)


def _spectrum(wave: Samples, rate: int) -> NDArray[np.complex128]:
    """(channels, bins, frames)."""
    spectrum: NDArray[np.complex128] = signal.stft(wave.T, rate, nperseg=N_FFT, noverlap=N_FFT - HOP)[2]
    return spectrum


def _wave(spectrum: NDArray[np.complex128], rate: int, samples: int) -> Samples:
    wave = signal.istft(spectrum, rate, nperseg=N_FFT, noverlap=N_FFT - HOP)[1]
    return np.ascontiguousarray(wave.T[:samples], np.float32)
