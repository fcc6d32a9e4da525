"""Changes a segment so that a word more is true of it: distant, heavy, light, many. Captions seldom say so.

The model learns what such words do to a sound from segments that differ in nothing else. Mathematics on
samples and text; refuses to know where segments come from.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import bilinear, butter, sosfilt, tf2sos

from engine.training.thinning import interrupted, sparser

Samples = NDArray[np.float32]

AIR_HZ = (900.0, 2800.0)
"""Corner of the low-pass of distance."""
PRESENCE_HZ, PRESENCE_DB = 2500.0, 8.0


@dataclass(frozen=True)
class Character:
    """`words`: what is said of the sound. `unlike`: with one of these in the caption it would be untrue.
    `often`: how often it is drawn, beside the others.
    """

    words: tuple[str, ...]
    unlike: tuple[str, ...]
    change: Callable[[Samples, Callable[[], Samples], int, np.random.Generator], Samples]
    often: int = 1

    def fits(self, caption: str) -> bool:
        """Whether nothing in the caption contradicts it or says it already."""
        said = set(re.findall(r"[a-z]+", caption.lower()))
        return not said & {*self.unlike, *self.words}

    def told(self, caption: str, generator: np.random.Generator) -> str:
        """rain on leaves -> "distant rain on leaves" or "rain on leaves, distant"."""
        word = str(generator.choice(self.words))
        if generator.random() < 0.3:
            return f"{caption.rstrip(' .')}, {word}"
        return f"{word} {caption[0].lower() + caption[1:] if caption[1:2].islower() else caption}"


def characterised(
    wave: Samples,
    captions: tuple[str, str],
    again: Callable[[], Samples],
    rate: int,
    generator: np.random.Generator,
) -> tuple[Samples, tuple[str, str]]:
    """(samples, channels) with a character drawn for it, and the captions that say so; peaks may pass 1.

    `again` cuts another place of the same recording. Where the drawn one does not fit the first caption,
    nothing changes; the second becomes the first, where it does not fit that.
    """
    character = _DRAWN[generator.integers(len(_DRAWN))]
    first, second = captions
    if not character.fits(first):
        return wave, captions
    changed, told = character.change(wave, again, rate, generator), character.told(first, generator)
    return changed, (told, character.told(second, generator) if character.fits(second) else told)


def _distant(
    wave: Samples, again: Callable[[], Samples], rate: int, generator: np.random.Generator
) -> Samples:
    """Air and walls take the highs: a low-pass of second order, and quieter."""
    corner = float(np.exp(generator.uniform(*np.log(AIR_HZ))))
    return _filtered(wave, butter(2, corner, fs=rate, output="sos"), float(generator.uniform(-9.0, -5.0)))


def _close(wave: Samples, again: Callable[[], Samples], rate: int, generator: np.random.Generator) -> Samples:
    """Presence: a shelf that lifts the highs, and louder."""
    gain = 10 ** (float(generator.uniform(0.6, 1.0)) * PRESENCE_DB / 20)
    corner = 2 * np.pi * PRESENCE_HZ
    shelf = tf2sos(*bilinear([gain, corner], [1.0, corner], fs=rate))
    return _filtered(wave, shelf, 1.0)


def _heavy(wave: Samples, again: Callable[[], Samples], rate: int, generator: np.random.Generator) -> Samples:
    """As much again of the same, and louder: twice as many drops, gusts, waves."""
    return _gained(wave + again(), float(generator.uniform(1.0, 3.0)))


def _soft(wave: Samples, again: Callable[[], Samples], rate: int, generator: np.random.Generator) -> Samples:
    return _gained(wave, float(generator.uniform(-12.0, -7.0)))


def _light(wave: Samples, again: Callable[[], Samples], rate: int, generator: np.random.Generator) -> Samples:
    """Only what stands out stays, and softer: single drops instead of a curtain of them."""
    ratio = float(generator.uniform(1.5, 2.0))
    return _gained(sparser(wave, rate, ratio), float(generator.uniform(-9.0, -5.0)))


def _many(wave: Samples, again: Callable[[], Samples], rate: int, generator: np.random.Generator) -> Samples:
    """Several places of the recording at once: several times as many calls."""
    return _gained(wave + again() + again() + again(), float(generator.uniform(-6.0, -3.0)))


def _few(wave: Samples, again: Callable[[], Samples], rate: int, generator: np.random.Generator) -> Samples:
    return interrupted(wave, rate, float(generator.uniform(0.2, 0.4)), generator)


NUMBER = 2
"""How many there are is harder to learn than how loud and how bright they are."""

_HEAVY = ("heavy", "strong", "dense", "loud", "hard", "violent", "roaring", "intense", "powerful")
_FEW = ("single", "sparse", "few", "one", "lone", "occasional", "solitary", "silence", "still")

CHARACTERS = (
    Character(("distant", "faraway", "muffled"), ("close", "near", "nearby", "crisp", "loud"), _distant),
    Character(("close", "nearby", "crisp"), ("distant", "far", "faraway", "muffled", "background"), _close),
    Character(
        ("heavy", "strong", "dense", "loud"),
        ("light", "soft", "gentle", "quiet", "calm", "faint", "single", "sparse", "silence", "still", "slow"),
        _heavy,
    ),
    Character(("soft", "gentle", "quiet"), _HEAVY, _soft),
    Character(("light", "thin", "sparse"), (*_HEAVY, "many", "crowded", "busy"), _light),
    Character(("many", "numerous", "countless"), (*_FEW, "lot", "light", "soft", "quiet"), _many, NUMBER),
    Character(
        ("a few", "few", "occasional"), ("many", "lot", *_HEAVY, "steady", "constant", "busy"), _few, NUMBER
    ),
)
_DRAWN = [character for character in CHARACTERS for _ in range(character.often)]


def _filtered(wave: Samples, sections: NDArray[np.float64], gain_db: float) -> Samples:
    return _gained(np.asarray(sosfilt(sections, wave, axis=0), np.float32), gain_db)


def _gained(wave: Samples, gain_db: float) -> Samples:
    return wave * np.float32(10 ** (gain_db / 20))
