"""Sentences in other languages with what they mean in English: the text tower learns both to one place.

The teacher hears the English only (after Reimers and Gurevych 2020, "Making monolingual sentence embeddings
multilingual using knowledge distillation"). Plain text; knows no network.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.training.held_back import is_held_back

TABLE = Path(__file__).with_name("translations.csv")
ENGLISH = "english"
LANGUAGES: Mapping[str, Sequence[str]] = {
    "german": ("{a} und {b}", "{a} mit {b}", "{a}, {b}", "das Geräusch von {a}, dazu {b}"),
    "french": ("{a} et {b}", "{a} avec {b}", "{a}, {b}", "le bruit de {a}, avec {b}"),
    "spanish": ("{a} y {b}", "{a} con {b}", "{a}, {b}", "el sonido de {a}, con {b}"),
    "japanese": ("{a}と{b}", "{a}、{b}", "{a}に{b}", "{a}の音と{b}"),
}
"""Language -> the ways in which two sounds are named together."""
_IN_ENGLISH = "{a} and {b}"


def translated(combinations: int, seed: int = 0) -> list[tuple[str, str]]:
    """(sentence, its meaning in English): every phrase alone, then so many pairs of phrases.

    All languages alike, and none of them held back to measure with. A pure function of its arguments; no pair
    comes twice.
    """
    phrases = read_phrases()
    found = [(row[language], row[ENGLISH]) for row in phrases for language in LANGUAGES]
    chance = random.Random(f"translations {seed}")
    languages = list(LANGUAGES)
    for number in range(combinations):
        language = languages[number % len(languages)]
        first, second = chance.sample(phrases, 2)
        said = chance.choice(LANGUAGES[language]).format(a=first[language], b=second[language])
        found.append((said, _IN_ENGLISH.format(a=first[ENGLISH], b=second[ENGLISH])))
    return [(said, meant) for said, meant in dict(found).items() if not is_held_back(said)]


def read_phrases() -> list[dict[str, str]]:
    """Rows of translations.csv: a phrase in every language."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
