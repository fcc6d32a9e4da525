"""Small sounds for the tests: sines and noise, (samples, channels) float32."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float32]


def sine(hertz: float, seconds: float, rate: int = 44_100, level: float = 0.1, channels: int = 2) -> Wave:
    """The same sine in all channels; level is its amplitude."""
    time = np.arange(round(seconds * rate)) / rate
    wave = level * np.sin(2 * np.pi * hertz * time)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def noise(seconds: float, rate: int = 44_100, level: float = 0.05, channels: int = 2, seed: int = 0) -> Wave:
    """White noise, every channel its own; level is its standard deviation."""
    generator = np.random.default_rng(seed)
    return (level * generator.standard_normal((round(seconds * rate), channels))).astype(np.float32)


def cut(wave: Wave, block_samples: int = 10_000) -> Iterator[Wave]:
    """The sound in blocks, as a model delivers it."""
    for start in range(0, len(wave), block_samples):
        yield wave[start : start + block_samples]


def impurity_db(wave: NDArray[np.floating], hertz: float, rate: int) -> float:
    """Level of all that is not the sine of that frequency, against the sine, in dB. wave: (samples,)."""
    time = np.arange(len(wave)) / rate
    basis = np.stack([np.sin(2 * np.pi * hertz * time), np.cos(2 * np.pi * hertz * time)], axis=1)
    weights, *_ = np.linalg.lstsq(basis, wave.astype(np.float64), rcond=None)
    rest = wave - basis @ weights
    return float(10 * np.log10(np.sum(rest**2) / np.sum((basis @ weights) ** 2)))
