"""Changes a training segment without changing what it is: gain, polarity, sides, speed; and mixes two scenes.

Everything is a function of an explicit `numpy.random.Generator`. Refuses to know where segments come from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from engine.errors import UsageError

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class AugmentConfig:
    """How often (probabilities, 0..1) and how far (evenly between the two ends, in dB).

    `mixture_level_db` is how far the second scene lies below the first; the caption says so from
    `background_db` on.
    `character`: how often a segment that is no mixture gets a word more that is true of it
    (engine.training.character).
    `widen`: how often a mono segment gets sides, if its caption does not speak of mono
    (engine.training.sides).
    `room`: how often a segment is put into another room, if its scene has next to no recordings
    (engine.training.rooms).
    `speed_semitones`: speed and pitch together, up and down by as much; costs a resampling.
    """

    gain_db: tuple[float, float] = (-6.0, 3.0)
    swap: float = 0.5
    polarity: float = 0.5
    mixture: float = 0.25
    mixture_level_db: tuple[float, float] = (0.0, 12.0)
    background_db: float = 7.0
    character: float = 0.0
    widen: float = 0.0
    room: float = 0.0
    speed: float = 0.0
    speed_semitones: float = 1.0

    def checked(self) -> AugmentConfig:
        """Itself. Raises UsageError where a value cannot work."""
        for name in ("swap", "polarity", "mixture", "character", "widen", "room", "speed"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"The augmentation's {name} is {getattr(self, name):g}; choose 0 to 1.")
        for name in ("gain_db", "mixture_level_db"):
            low, high = getattr(self, name)
            if low > high:
                raise UsageError(
                    f"The augmentation's {name} goes from {low:g} to {high:g} dB; put the lower first."
                )
        if not 0 <= self.speed_semitones <= 12:
            raise UsageError(f"The speed changes by {self.speed_semitones:g} semitones; choose 0 to 12.")
        return self


NO_AUGMENTATION = AugmentConfig(gain_db=(0.0, 0.0), swap=0.0, polarity=0.0, mixture=0.0)


def varied(wave: Samples, config: AugmentConfig, generator: np.random.Generator) -> Samples:
    """(samples, channels) -> the same: sides, polarity, gain drawn; peak at most 1. Works in place."""
    swap, turn = generator.random(2)
    gain = 10 ** (generator.uniform(*config.gain_db) / 20)
    wave *= np.float32(-gain if turn < config.polarity else gain)
    return within_full_scale(wave[:, ::-1] if swap < config.swap else wave)


def rms(wave: NDArray[np.floating]) -> float:
    """Root of the mean square of all samples."""
    return float(np.sqrt(np.square(wave, dtype=np.float64).mean()))


def within_full_scale(wave: Samples) -> Samples:
    """The wave itself, or turned down as a whole to a peak of 1. Works in place."""
    peak = max(float(wave.max()), -float(wave.min()))
    if peak > 1.0:
        wave *= np.float32(1.0 / peak)
    return wave


def drawn_speed(config: AugmentConfig, generator: np.random.Generator) -> float:
    """How many times faster a segment shall play: 1 for most."""
    chance, semitones = generator.random(), generator.uniform(-1.0, 1.0)
    return float(2 ** (semitones * config.speed_semitones / 12)) if chance < config.speed else 1.0


def at_speed(wave: Samples, speed: float, samples: int) -> Samples:
    """(about samples * speed, channels) -> (samples, channels), `speed` times faster and higher."""
    if speed != 1.0:
        wave = soxr.resample(wave, speed, 1.0, quality="LQ")
    short = samples - len(wave)
    return np.pad(wave, ((0, short), (0, 0)), mode="edge") if short > 0 else wave[:samples]


def mixed(first: Samples, second: Samples, below_db: float) -> Samples:
    """Two segments of one shape, the second `below_db` under its own level; the power stays that of one.

    Works in place: both arrays are spent.
    """
    ratio = 10 ** (-below_db / 20)
    share = 1.0 / np.sqrt(1.0 + ratio**2)
    first *= np.float32(share)
    second *= np.float32(share * ratio)
    first += second
    return first


def joined(first: str, second: str, below_db: float, background_db: float) -> str:
    """rain, distant traffic -> "rain and distant traffic"; "... in the background" when it lies low."""
    first = first.rstrip(" .;,")
    second = second.rstrip(" .;,")
    if second[1:2].islower():
        second = second[0].lower() + second[1:]
    if below_db >= background_db:
        return f"{first} with {second} in the background"
    return f"{first} and {second}"
