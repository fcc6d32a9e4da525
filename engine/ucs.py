"""The Universal Category System: which category a prompt belongs to, and the short name for its file.

This module knows words, no file and no sound; the categories are in `ucs_table`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from engine.ucs_table import TABLE

FALLBACK = "AMBMisc"


@dataclass(frozen=True)
class Category:
    """One line of the system's list."""

    cat_id: str
    category: str
    subcategory: str

    @property
    def full(self) -> str:
        """CategoryFull, as the system's own tools write it: "RAIN-CLOTH"."""
        return f"{self.category}-{self.subcategory}"


@dataclass(frozen=True)
class _Phrase:
    """Stems that mean a category when all of them are there; `anywhere`: not only in one part."""

    stems: tuple[str, ...]
    category: Category
    anywhere: bool
    weak: bool


def choose(prompt: str) -> Category:
    """The category of a prompt; AMBMisc when no word of it is known.

    The phrase with the most words wins; among those of one length the one that stands in an earlier part of
    the sentence ("rain, distant traffic" is rain), then the longer one, then the one that comes first.
    """
    parts = _parts(prompt)
    everything = [stem for part in parts for stem in part]
    best: tuple[int, ...] = ()
    chosen = by_id(FALLBACK)
    for phrase in _PHRASES:
        places = [(len(parts), everything)] if phrase.anywhere else enumerate(parts)
        for place, words in places:
            if not all(stem in words for stem in phrase.stems):
                continue
            letters = sum(map(len, phrase.stems))
            first = min(words.index(stem) for stem in phrase.stems)
            score = (not phrase.weak, len(phrase.stems), -place, letters, -first)
            if score > best:
                best, chosen = score, phrase.category
    return chosen


def by_id(cat_id: str) -> Category:
    """The category of that CatID. Raises KeyError for one that is not in the table."""
    return CATEGORIES[cat_id]


def fx_name(prompt: str, longest: int = 32) -> str:
    """The FXName of a file: "SteadyRainOnCanvasTent". ASCII letters and digits, never empty.

    Whole words, at most `longest` characters. A part of the sentence that does not fit as a whole is left out
    when what stands before it says enough (two words).
    """
    name, count = "", 0
    for part in re.split(r"[,;.:]", ascii_text(prompt).replace("'", "")):
        words = [word[0].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", part)]
        words = [word for word in words if word.lower() not in _ARTICLES]
        fits = len(name) + sum(map(len, words)) <= longest
        if not fits and count >= 2:
            break
        for word in words:
            if len(name) + len(word) > longest:
                break
            name, count = name + word, count + 1
        if not fits:
            break
    return name or re.sub(r"[^A-Za-z0-9]", "", ascii_text(prompt))[:longest] or "Ambience"


def ascii_text(text: str) -> str:
    """The text in ASCII: accents dropped, some letters spelt out, what has no Latin letter left out."""
    return unicodedata.normalize("NFKD", text.translate(_SPELT)).encode("ascii", "ignore").decode("ascii")


def _parts(prompt: str) -> list[list[str]]:
    text = re.sub(r"sci[- ]fi", "scifi", ascii_text(prompt).lower())
    parts = re.split(r"[,;.:()&]|\bwith\b|\band\b|\bbut\b", text)
    return [[_stem(word) for word in words] for part in parts if (words := re.findall(r"[a-z0-9]+", part))]


def _stem(word: str) -> str:
    """The word without the endings by which prompts differ: raining, rains, rained, rainy are all rain."""
    word = _IRREGULAR.get(word, word)
    for ending in ("iness", "ing", "ies", "ed", "es", "s", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] in "bdgmnprt":
        word = word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def _table() -> tuple[dict[str, Category], list[_Phrase]]:
    categories: dict[str, Category] = {}
    phrases = []
    for row in re.sub(r"\n\s+", " ", TABLE.strip()).splitlines():
        cat_id, name, subcategory, words = (cell.strip() for cell in row.split("|"))
        category = categories[cat_id] = Category(cat_id, name, subcategory)
        for text in words.split(","):
            stems = tuple(_stem(word) for word in re.findall(r"[a-z0-9]+", text))
            phrases.append(_Phrase(stems, category, anywhere="&" in text, weak="~" in text))
    return categories, phrases


_ARTICLES = frozenset({"a", "an", "the"})
_SPELT = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "œ": "oe", "ł": "l", "Ł": "L"})
_IRREGULAR = {
    # Words whose stem is that of another thing: a bus, a train.
    "busy": "bustle",
    "training": "practice",
    "falls": "waterfall",
    "leaves": "leaf",
    "wolves": "wolf",
    "geese": "goose",
    "children": "child",
    "woods": "woodland",
    "rainfall": "rain",
    "raindrop": "rain",
    "raindrops": "rain",
    "thunderclap": "thunder",
    "indoors": "inside",
    "indoor": "inside",
    "interior": "inside",
    "harbour": "harbor",
    "centre": "center",
    "neighbourhood": "neighborhood",
}
CATEGORIES, _PHRASES = _table()
