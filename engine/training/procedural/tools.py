"""What the voices are made of: noises, envelopes, grains scattered in time and space, rooms.

Functions of an explicit generator; samples are float64, mono (n,) or stereo (n, 2), at RATE.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

RATE = 44_100
Wave = NDArray[np.float64]
Random = np.random.Generator
Made = tuple[Wave, tuple[str, ...]]
"""A wave (n, 2) and the captions that are true of it."""


def seconds(length: float) -> Wave:
    """Times in seconds, (n,)."""
    return np.arange(round(length * RATE)) / RATE


def white(random: Random, samples: int, channels: int = 2) -> Wave:
    """(samples, channels) of Gaussian noise: sides that know nothing of each other."""
    return random.standard_normal((samples, channels))


def coloured(random: Random, samples: int, slope_db: float) -> Wave:
    """(samples, 2) of noise whose power falls by so many dB an octave (pink: 3, brown: 6), RMS 1."""
    spectrum = np.fft.rfft(white(random, samples), axis=0)
    hz = np.maximum(np.fft.rfftfreq(samples, 1 / RATE), 20.0)
    wave = np.fft.irfft(spectrum * (hz ** (-slope_db / 6.02))[:, None], samples, axis=0)
    return np.asarray(wave / wave.std())


def band(wave: Wave, low_hz: float, high_hz: float, order: int = 2) -> Wave:
    """What of it lies between the two frequencies."""
    sections = butter(order, [low_hz, min(high_hz, 0.49 * RATE)], "bandpass", fs=RATE, output="sos")
    return np.asarray(sosfilt(sections, wave, axis=0))


def low(wave: Wave, hz: float, order: int = 2) -> Wave:
    """What of it lies below."""
    return np.asarray(sosfilt(butter(order, hz, fs=RATE, output="sos"), wave, axis=0))


def wander(random: Random, samples: int, per_second: float) -> Wave:
    """(samples,) between 0 and 1: a random line through so many points a second, smoothly."""
    points = random.random(int(samples / RATE * per_second) + 4)
    places = np.arange(samples) / RATE * per_second
    left = places.astype(int)
    share = 0.5 - 0.5 * np.cos(np.pi * (places - left))
    return np.asarray(points[left] * (1 - share) + points[left + 1] * share)


def decay(length: float, fall_s: float) -> Wave:
    """An exponential fall over `length` seconds, to 1/e after `fall_s`, with a short rise."""
    times = seconds(length)
    return np.asarray(np.exp(-times / fall_s) * np.minimum(1.0, times / min(0.001, length / 4)))


def often(random: Random, length: float, per_second: float) -> Wave:
    """Times in seconds of things that happen by themselves, so many a second on average."""
    return np.sort(random.uniform(0, length, random.poisson(per_second * length)))


def scattered(
    random: Random, length: float, times: Wave, grain: Callable[[], Wave], spread: float = 1.0
) -> Wave:
    """(n, 2): a new grain at every time, each somewhere between left and right."""
    wave = np.zeros((round(length * RATE), 2))
    for time in times:
        piece, start = grain(), int(time * RATE)
        piece = piece[: max(0, len(wave) - start)]
        angle = np.pi / 4 * (1 + spread * random.uniform(-1, 1))
        wave[start : start + len(piece)] += piece[:, None] * (np.cos(angle), np.sin(angle))
    return wave


def struck(partials_hz: Wave, levels: Wave, falls_s: Wave, length: float) -> Wave:
    """A struck body: every partial falls in its own time."""
    times = seconds(length)
    rows = (
        levels[:, None] * np.sin(2 * np.pi * partials_hz[:, None] * times) * np.exp(-times / falls_s[:, None])
    )
    return np.asarray(rows.sum(0)) * np.minimum(1.0, times / 0.001)


def swept(from_hz: float, to_hz: float, length: float, fall_s: float) -> Wave:
    """A sine that glides and dies away: a drop, a bubble, a chirp."""
    hz = np.geomspace(from_hz, to_hz, max(8, round(length * RATE)))
    return np.sin(2 * np.pi * np.cumsum(hz) / RATE) * decay(len(hz) / RATE, fall_s)


def in_room(random: Random, wave: Wave, fall_s: float, share: float, dull_hz: float = 4000.0) -> Wave:
    """The sound with the reverberation of a room: noise that dies away, duller than the sound itself."""
    tail = (
        low(white(random, round(3 * fall_s * RATE)), dull_hz) * np.exp(-seconds(3 * fall_s) / fall_s)[:, None]
    )
    tail /= np.sqrt(np.square(tail).sum(0))
    reflected = fftconvolve(wave, tail, axes=0)[: len(wave)]
    return np.asarray(wave * (1 - share) + reflected * share)
