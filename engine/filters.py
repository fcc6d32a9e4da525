"""Filters for finished sound: distance, and a copy of a sound that is not correlated with it.

Impulse responses, and their convolution with a spooled sound that may turn for ever. It knows no scene.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from engine.audio import BLOCK_SAMPLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.spool import Spool

OPEN_HZ, FAR_HZ = 18_000.0, 900.0
"""Where the treble ends close by, and far away: air and obstacles take it first."""
DIRECT_TAPS = 255
ROOM_SECONDS = 0.45
ROOM_SHARE = 0.6
"""Of the amplitude that comes from the room, far away."""
SMEAR_SECONDS = 0.025


def distant(distance: float, rate: int, channels: int) -> NDArray[np.float32]:
    """Impulse response (taps, channels) of a place at a distance from 0, close, to 1, far.

    The treble falls away from 18 kHz to 900 Hz, and a room is heard, another one in each channel. A distance
    of 0 is a single 1. The direct sound stands at DIRECT_TAPS // 2.
    """
    response = np.zeros((DIRECT_TAPS, channels))
    response[DIRECT_TAPS // 2] = 1
    if distance == 0:
        return response.astype(np.float32)
    low_pass = _low_pass(OPEN_HZ * (FAR_HZ / OPEN_HZ) ** distance, rate)
    response[:] = (1 - ROOM_SHARE * distance) * low_pass[:, None]
    time = np.arange(round(ROOM_SECONDS * rate)) / rate
    room = np.random.default_rng(1).standard_normal((len(time), channels))
    room *= np.exp(-6.9 * time / ROOM_SECONDS)[:, None] * np.minimum(1, time / 0.005)[:, None]
    room = np.stack([np.convolve(room[:, k], low_pass) for k in range(channels)], axis=1)
    room *= ROOM_SHARE * distance * np.sqrt(np.square(low_pass).sum() / np.square(room).sum(axis=0))
    whole = np.zeros((len(room), channels))
    whole[: len(response)] += response
    whole += room
    return whole.astype(np.float32)


def smearing(rate: int, seed: int = 2) -> NDArray[np.float32]:
    """Impulse response (taps, 1) of noise that dies away in 25 ms, of energy 1: what is left of a sound when
    its phase is lost, at its level and colour, and not correlated with it. Each seed has its own.
    """
    taps = round(SMEAR_SECONDS * rate)
    time = np.arange(taps) / rate
    decaying = np.random.default_rng(seed).standard_normal(taps) * np.exp(-6.9 * time / SMEAR_SECONDS)
    spectrum = np.fft.rfft(decaying)
    response = np.fft.irfft(spectrum / (np.abs(spectrum) + 1e-12), taps)  # all frequencies alike
    unit: NDArray[np.float32] = (response / np.sqrt(np.square(response).sum())).astype(np.float32)
    return unit[:, None]


def convolved(
    spool: Spool, response: NDArray[np.float32], delay: int, loop: bool
) -> Iterator[NDArray[np.float32]]:
    """The spooled sound through an impulse response (taps, 1 or channels), `delay` samples taken off.

    As many samples as there are; a loop is heard as if it had turned for ever, else silence is around it.
    """
    from scipy.signal import oaconvolve

    taps = len(response)
    for start in range(0, spool.samples, BLOCK_SAMPLES):
        end = min(spool.samples, start + BLOCK_SAMPLES)
        heard = _around(spool, start + delay - taps + 1, end + delay, loop)
        yield oaconvolve(heard, response, mode="valid", axes=0).astype(np.float32)


def _around(spool: Spool, first: int, last: int, loop: bool) -> NDArray[np.float32]:
    if loop:
        return np.concatenate(list(spool.around(first, last)))
    inner = np.concatenate(list(spool.around(max(0, first), min(spool.samples, last))))
    return np.pad(inner, ((max(0, -first), max(0, last - spool.samples)), (0, 0)))


def _low_pass(hertz: float, rate: int) -> NDArray[np.float64]:
    """A linear-phase low-pass of DIRECT_TAPS taps: 1 for the lowest frequencies."""
    place = np.arange(DIRECT_TAPS) - DIRECT_TAPS // 2
    cut = min(0.5, hertz / rate)
    taps: NDArray[np.float64] = 2 * cut * np.sinc(2 * cut * place) * np.blackman(DIRECT_TAPS)
    taps /= taps.sum()
    return taps
