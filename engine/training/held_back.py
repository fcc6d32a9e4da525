"""Prompts to measure with: in a producer's words, nobody's caption, and kept out of all training.

It knows its own tables, of English prompts and of those in other languages, and no network.
"""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("held_back.csv")
LANGUAGES_TABLE = Path(__file__).with_name("held_back_languages.csv")


@dataclass(frozen=True)
class HeldBack:
    """A prompt and the scene (of engine.evaluation.families) that it means."""

    prompt: str
    scene: str
    language: str = "english"


def held_back_prompts() -> tuple[HeldBack, ...]:
    """The English ones, in the order of their table."""
    return _read(TABLE)


def held_back_languages() -> tuple[HeldBack, ...]:
    """Ten common scenes in four other languages, scene after scene."""
    return _read(LANGUAGES_TABLE)


def is_held_back(sentence: str) -> bool:
    """Whether the sentence is one of them, in whatever letters and with whatever stop."""
    return _plain(sentence) in _known()


@functools.cache
def _read(table: Path) -> tuple[HeldBack, ...]:
    with table.open(encoding="utf-8", newline="") as file:
        return tuple(HeldBack(**row) for row in csv.DictReader(file))


@functools.cache
def _known() -> frozenset[str]:
    return frozenset(_plain(one.prompt) for one in (*held_back_prompts(), *held_back_languages()))


def _plain(sentence: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in sentence.lower()).split())
