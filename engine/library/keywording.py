"""The tags where other programs look for them: the keywords of iXML and of LIST/INFO in a WAV file.

A courtesy; Roomtone itself reads the label chunk. The text is exchanged letter for letter in the room that
`engine.tags` left for it, so no size changes, and a write that is cut off leaves text. A file without that
room stays as it is.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from engine import ucs
from engine.tags import keywords
from engine.wavechunks import LARGEST_TAG_CHUNK, Place, places

_CATEGORY = re.compile(rb"<CATID>(\w+)</CATID>")
_ROOM = re.compile(rb"<KEYWORDS>([^<>]{64,})</KEYWORDS>")


def write_keywords(file: BinaryIO, path: Path, tags: Sequence[str]) -> None:
    """Put the tags into both, where there is room. Raises OSError."""
    found = [place for place in places(file, path) if place.size <= LARGEST_TAG_CHUNK]
    ixml = _content(file, found, b"iXML")
    category = _category(ixml[1])
    if category is None:
        return
    text = keywords(category, tags).encode("ascii", "ignore")
    room = _ROOM.search(ixml[1])
    if room:
        _write(file, ixml[0] + room.start(1), text, room.end(1) - room.start(1), b" ")
    start, content = _content(file, found, b"LIST")
    for place, size in _entries(content):
        if size > len(text):
            _write(file, start + place, text, size, b"\0")
    file.flush()


def _category(ixml: bytes) -> ucs.Category | None:
    match = _CATEGORY.search(ixml)
    return ucs.CATEGORIES.get(match[1].decode("ascii", "ignore")) if match else None


def _content(file: BinaryIO, found: Iterable[Place], name: bytes) -> tuple[int, bytes]:
    for place in found:
        if place.name == name:
            file.seek(place.start)
            return place.start, file.read(place.size)
    return 0, b""


def _entries(content: bytes) -> Iterable[tuple[int, int]]:
    """Place and size of the keywords in an INFO list."""
    start = 4 if content[:4] == b"INFO" else len(content)
    while start + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, start)
        if name == b"IKEY" and start + 8 + size <= len(content):
            yield start + 8, size
        start += 8 + size + size % 2


def _write(file: BinaryIO, start: int, text: bytes, size: int, filler: bytes) -> None:
    file.seek(start)
    file.write(text[:size].ljust(size, filler))
