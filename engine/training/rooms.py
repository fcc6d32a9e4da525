"""Puts a segment into another room, so that one recording of a scene becomes several places.

Impulse responses are made up: sound that comes straight, and noise that dies away behind it. Mathematics on
samples; refuses to know where segments come from.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, oaconvolve, sosfilt

from engine.training.augment import rms

Samples = NDArray[np.float32]

REVERBERATION_S = (0.15, 1.2)
"""Time in which the room dies away by 60 dB, below DULL_HZ; above it takes half as long."""
DULL_HZ = 2500.0
PRE_DELAY_S = (0.002, 0.03)
DIRECT_DB = (-3.0, 9.0)
"""What comes straight, over what comes from the room."""


def in_a_room(wave: Samples, rate: int, generator: np.random.Generator) -> Samples:
    """(samples, channels) -> the same length and level, in a drawn room; each channel has a tail of its own.

    It has been sounding there before: the beginning is as reverberant as the rest.
    """
    response = room_response(rate, wave.shape[1], generator)
    taps = min(len(response), len(wave))
    lead = wave[taps - 1 : 0 : -1]  # mirrored: what came before is nobody's to know
    heard = oaconvolve(np.concatenate([lead, wave]), response[:taps], mode="valid", axes=0)
    level = rms(wave) / max(rms(heard), 1e-9)
    return np.asarray(heard * level, np.float32)


def room_response(rate: int, channels: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Impulse response (taps, channels) of a drawn room; what comes straight is its first tap, of 1."""
    seconds = float(np.exp(generator.uniform(*np.log(REVERBERATION_S))))
    delay = round(float(generator.uniform(*PRE_DELAY_S)) * rate)
    direct_db = float(generator.uniform(*DIRECT_DB))
    time = np.arange(round(seconds * rate))[:, None] / rate
    noise = generator.standard_normal((len(time), channels))
    low = sosfilt(butter(2, min(DULL_HZ, 0.4 * rate), fs=rate, output="sos"), noise, axis=0)
    tail = low * np.exp(-6.9 * time / seconds) + (noise - low) * np.exp(-2 * 6.9 * time / seconds)
    tail *= 10 ** (-direct_db / 20) / np.sqrt(np.square(tail).sum(0))
    response = np.zeros((1 + delay + len(tail), channels))
    response[0] = 1
    response[1 + delay :] = tail
    return response
