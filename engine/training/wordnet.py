"""Reader for the data files of WordNet 3 (man page wndb(5)), as Debian's `wordnet-base` has them.

It knows words and glosses; which of them are worth hearing is decided in engine.training.sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import EngineError

DEFAULT_FOLDER = Path("/usr/share/wordnet")

FILES = ("data.noun", "data.verb", "data.adj")

# Numbers of the lexicographer files, man page lexnames(5).
LEXNAMES = {
    0: "adj.all", 3: "noun.Tops", 4: "noun.act", 5: "noun.animal", 6: "noun.artifact", 7: "noun.attribute",
    8: "noun.body", 9: "noun.cognition", 10: "noun.communication", 11: "noun.event", 12: "noun.feeling", 13:
    "noun.food", 14: "noun.group", 15: "noun.location", 16: "noun.motive", 17: "noun.object", 18:
    "noun.person", 19: "noun.phenomenon", 20: "noun.plant", 21: "noun.possession", 22: "noun.process", 23:
    "noun.quantity", 24: "noun.relation", 25: "noun.shape", 26: "noun.state", 27: "noun.substance", 28:
    "noun.time", 29: "verb.body", 30: "verb.change", 31: "verb.cognition", 32: "verb.communication", 33:
    "verb.competition", 34: "verb.consumption", 35: "verb.contact", 36: "verb.creation", 37: "verb.emotion",
    38: "verb.motion", 39: "verb.perception", 40: "verb.possession", 41: "verb.social", 42: "verb.stative",
    43: "verb.weather",
}  # fmt: skip


@dataclass(frozen=True)
class Synset:
    """One meaning: its words, the topic file it is in, its gloss and the example sentences quoted there."""

    words: tuple[str, ...]
    topic: str
    gloss: str
    examples: tuple[str, ...]


def is_installed(folder: Path = DEFAULT_FOLDER) -> bool:
    """Whether all data files are there."""
    return all((folder / name).is_file() for name in FILES)


def read_synsets(folder: Path = DEFAULT_FOLDER) -> Iterator[Synset]:
    """Every synset, in file order. Raises EngineError for a file missing or not in WordNet's format."""
    for name in FILES:
        path = folder / name
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError as error:
            raise EngineError(
                f"The dictionary file {path} cannot be read ({error.strerror}): reinstall wordnet-base."
            ) from error
        for number, line in enumerate(lines, start=1):
            if not line.startswith("  "):  # the licence at the top is indented by two spaces
                yield _parse(line, path, number)


def _parse(line: str, path: Path, number: int) -> Synset:
    head, _, text = line.partition("|")
    fields = head.split()
    try:
        topic = LEXNAMES.get(int(fields[1]), "other")
        count = int(fields[3], 16)
        words = tuple(_plain(fields[4 + 2 * index]) for index in range(count))
    except (IndexError, ValueError) as error:
        raise EngineError(
            f"Line {number} of {path} is not in WordNet's format: reinstall wordnet-base."
        ) from error
    gloss, _, quoted = text.partition('"')
    examples = tuple(part.strip() for part in re.findall(r'"([^"]+)"', '"' + quoted)) if quoted else ()
    return Synset(words, topic, gloss.strip().rstrip(";").strip(), examples)


def _plain(word: str) -> str:
    """`sea_gull` -> `sea gull`, `calm(a)` -> `calm`."""
    return re.sub(r"\([a-z]+\)$", "", word).replace("_", " ")
