"""The Clip: one take as the library's index knows it; and what one may ask the index for.

Frozen values that cross threads. This module knows no file format and no database.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.scene import Scene


@dataclass(frozen=True)
class Clip:
    """One take, or a sound file of another program that lies in the library.

    id: 12 hex digits, carried in the file's recipe; a copy of a file gets one of its own. path: where the
    file is, or was. prompt: empty for a foreign file. category: UCS CatID. bpm, bars: None when the scene had
    none. lufs, true_peak_db: None for silence and for foreign files. parent: id of the clip it was made from.
    created: ISO 8601 with zone. missing: the file is not there now. rejected: hidden unless asked for.
    trashed: lies in the library's trash. own: made by Roomtone, so that its recipe is known.
    """

    id: str
    path: Path
    prompt: str
    scene: Scene
    tags: tuple[str, ...]
    starred: bool
    notes: str
    category: str
    seconds: float
    rate: int
    channels: int
    bpm: float | None
    bars: float | None
    loop: bool
    lufs: float | None
    true_peak_db: float | None
    model: str
    weight_hash: str
    seed: int
    parent: str
    created: str
    missing: bool = False
    rejected: bool = False
    trashed: bool = False
    own: bool = True

    @property
    def title(self) -> str:
        """What a list calls it: its prompt, or the file's name where there is none."""
        return self.prompt or self.path.stem


@dataclass(frozen=True)
class Filters:
    """Which clips are wanted; None and an empty text mean all.

    category: a CatID or its beginning ("RAIN"), in any case. model: its name. since, until: dates
    ("2026-11-25", in local time, both days included) or moments with a time. tag: one whole tag.
    rejected: True shows the rejected clips among the others. trashed: True shows the trash instead.
    """

    loop: bool | None = None
    min_seconds: float | None = None
    max_seconds: float | None = None
    category: str = ""
    starred: bool | None = None
    model: str = ""
    since: str = ""
    until: str = ""
    tag: str = ""
    rejected: bool = False
    trashed: bool = False


@dataclass(frozen=True)
class Rescan:
    """What a rescan found. files: sound files that there are; unreadable: sentences on those left out."""

    files: int = 0
    added: int = 0
    changed: int = 0
    moved: int = 0
    missing: int = 0
    unchanged: int = 0
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """Something amiss with one file. kind: "missing", "damaged" or "altered"; sentence: for the user."""

    clip: str
    path: Path
    kind: str
    sentence: str
