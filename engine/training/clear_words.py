"""Where a sentence should lie so that its word of character is heard in it.

Captions hardly ever say "many" or "a few": the two lie so near each other that no denoiser tells them apart.
Vectors and text; refuses to know towers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training.character import CHARACTERS

Vectors = NDArray[np.floating[Any]]


def clear_words(
    captions: Sequence[str], own: Callable[[Sequence[str]], Vectors], far: float, count: int, seed: int
) -> tuple[list[str], Vectors]:
    """`count` captions with a word of engine.training.character, and where each is to lie, (n, d), length 1.

    own: sentences -> (n, d), where they lie now, of length 1. Each character has a direction: what its words
    add to captions, without what those of all characters add. Along it, its word leads away from the caption
    at least so `far`.
    """
    generator = np.random.default_rng(seed)
    plain, told, numbers = [], [], []
    for number, character in enumerate(CHARACTERS):
        fitting = [said for said in captions if character.fits(said)]
        for said in generator.choice(fitting, count // len(CHARACTERS)).tolist() if fitting else []:
            plain.append(said)
            told.append(character.told(said, generator))
            numbers.append(number)
    sentences = own(told)
    added, (of, row) = sentences - own(plain), np.unique(numbers, return_inverse=True)
    ways = _units(np.stack([added[row == number].mean(0) for number in range(len(of))]))
    directions = _units(ways - ways.mean(0))[row]
    missing = (far - (added * directions).sum(1, keepdims=True)).clip(min=0)
    return told, _units(sentences + missing * directions)


def _units(vectors: Vectors) -> Vectors:
    units: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units
