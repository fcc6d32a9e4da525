"""Words of character lead away from captions as far as they are asked to, each its own way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.training.character import CHARACTERS
from engine.training.clear_words import clear_words

CAPTIONS = ["birds in a wood", "water over stones", "voices in a hall", "an engine in a shed"]
WORDS = [word for character in CHARACTERS for word in character.words]
SAID_CLEARLY, SAID_FAINTLY = 0.8, 0.02


def lying(sentences: Sequence[str]) -> NDArray[np.float64]:
    """Each caption and each word has an axis; "distant" and its like are said clearly, all others faintly."""
    rows = np.zeros((len(sentences), len(CAPTIONS) + len(WORDS)))
    for row, sentence in zip(rows, sentences):
        row[: len(CAPTIONS)] = [caption in sentence.lower() for caption in CAPTIONS]
        for place, word in enumerate(WORDS, len(CAPTIONS)):
            if sentence.startswith(f"{word} ") or sentence.endswith(f", {word}"):
                row[place] = SAID_CLEARLY if word in CHARACTERS[0].words else SAID_FAINTLY
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_faint_words_lead_far_enough_and_clear_ones_stay() -> None:
    told, places = clear_words(CAPTIONS, lying, 0.3, 700, seed=1)
    assert len(told) == len(places) == 700
    assert np.allclose(np.linalg.norm(places, axis=1), 1)
    now = lying(told)
    clear = np.array([any(word in said for word in CHARACTERS[0].words) for said in told])
    assert np.allclose(places[clear], now[clear])
    moved = np.linalg.norm(places - now, axis=1)[~clear]
    assert moved.min() > 0.2
    assert moved.max() < 0.3


def test_many_and_few_part() -> None:
    told, places = clear_words(CAPTIONS, lying, 0.3, 700, seed=1)
    many, few = (
        places[[said.startswith(f"{word} birds") for said in told]].mean(0) for word in ("many", "a few")
    )
    now = np.linalg.norm(np.subtract(*lying(["many birds in a wood", "a few birds in a wood"])))
    assert np.linalg.norm(many - few) > 5 * now


def test_a_character_that_no_caption_fits_is_left_out() -> None:
    told, places = clear_words(["many birds in a wood"], lying, 0.3, 700, seed=1)
    assert len(told) == len(places)
    assert not any("few" in said or "occasional" in said for said in told)
