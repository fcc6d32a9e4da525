"""Labels: what the user says of a finished clip, kept in the clip's own file beside its recipe.

So the library's index may be thrown away. This module knows what labels may be and how they stand in bytes;
which file they go into, and how without breaking it, is the business of `library.labelling`.

In a WAV file they stand in a chunk of fixed size with two slots, which are written in turn: a number that
grows, a checksum, and the labels as JSON. A reader takes the valid slot with the larger number. So a write
that is cut off at any byte (power, a killed program, a reader in the middle of it) leaves the other slot,
that is the labels as they were; the chunk's size, the samples and all other chunks are not touched at all.
The alternatives were worse: a chunk that grows must change sizes in two places at once, and a copy of the
whole file under the same name costs as much as the clip is long, at every star.
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass
from typing import Any

from engine.errors import UsageError
from engine.scene import check_text

LABEL_CHUNK = b"rtlb"
LABEL_COMMENT = "ROOMTONE_LABELS"
SLOT_BYTES = 4096
LONGEST_TAG = 64
MOST_TAGS = 64
LONGEST_NOTES = 10_000

_HEAD = struct.Struct("<4sIII")
_MAGIC = b"slot"


@dataclass(frozen=True)
class Labels:
    """tags in the order they were given; notes: free text; rejected: hidden in lists unless asked for."""

    tags: tuple[str, ...] = ()
    starred: bool = False
    notes: str = ""
    rejected: bool = False


def checked_tag(text: str) -> str:
    """The tag with its blanks tidied. Raises UsageError when it is empty, too long or has a comma."""
    tag = " ".join(text.split())
    if not tag:
        raise UsageError("The tag is empty: give it a word.")
    if len(tag) > LONGEST_TAG:
        raise UsageError(f"The tag {tag[:20]!r}... has {len(tag)} characters, but may have {LONGEST_TAG}.")
    if "," in tag or ";" in tag:
        raise UsageError(f"The tag {tag!r} has a comma or semicolon: give several tags one by one.")
    check_text("tag", tag)
    return tag


def checked_notes(text: str) -> str:
    """The notes, trimmed; lines and tabs may stay. Raises UsageError when they are too long."""
    notes = "\n".join(text.splitlines()).strip()
    if len(notes) > LONGEST_NOTES:
        raise UsageError(f"The notes have {len(notes)} characters, but may have {LONGEST_NOTES}.")
    for line in notes.replace("\t", " ").splitlines():
        for start in range(0, len(line), 1_000):
            check_text("notes", line[start : start + 1_000])
    return notes


def labels_text(labels: Labels) -> str:
    """The labels as one line of JSON; what is not set is left out."""
    document: dict[str, Any] = {}
    if labels.tags:
        document["tags"] = list(labels.tags)
    if labels.notes:
        document["notes"] = labels.notes
    for name in ("starred", "rejected"):
        if getattr(labels, name):
            document[name] = True
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def labels_of_text(text: str) -> Labels | None:
    """The labels of such a line; None when it is none. What a newer Roomtone added is passed over."""
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    tags, notes = document.get("tags"), document.get("notes")
    words = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    return Labels(
        tags=tuple(words[:MOST_TAGS]),
        starred=document.get("starred") is True,
        notes=notes if isinstance(notes, str) else "",
        rejected=document.get("rejected") is True,
    )


def empty_slots(labels: Labels | None = None) -> bytes:
    """The content of a new label chunk, large enough for `labels` and as much again."""
    text = labels_text(labels or Labels()).encode("utf-8", "replace")
    size = SLOT_BYTES
    # Half a slot is left free, so that the next words fit without another chunk.
    while len(text) + _HEAD.size > size // 2:
        size *= 2
    return _slot(1, text, size) + bytes(size)


def labels_of_slots(content: bytes) -> Labels | None:
    """The labels in a label chunk; None when neither slot is whole."""
    newest = max(_slots(content), default=None)
    return labels_of_text(newest[2].decode("utf-8", "replace")) if newest else None


def next_slot(content: bytes, labels: Labels) -> tuple[int, bytes] | None:
    """Where in the chunk's content which bytes are to be written; None when the labels do not fit.

    The slot that holds the labels now is not touched.
    """
    size = len(content) // 2
    text = labels_text(labels).encode("utf-8", "replace")
    if len(text) + _HEAD.size > size:
        return None
    newest = max(_slots(content), default=None)
    number, place = (newest[0] + 1, size - newest[1]) if newest else (1, 0)
    return place, _slot(number & 0xFFFFFFFF, text, size)


def _slots(content: bytes) -> list[tuple[int, int, bytes]]:
    """(number, place, text) of the slots that are whole."""
    size = len(content) // 2
    found = []
    for place in (0, size):
        slot = content[place : place + size]
        if len(slot) < _HEAD.size:
            continue
        magic, number, length, checksum = _HEAD.unpack_from(slot)
        text = slot[_HEAD.size : _HEAD.size + length]
        if magic == _MAGIC and len(text) == length and checksum == _checksum(number, text):
            found.append((number, place, text))
    return found


def _slot(number: int, text: bytes, size: int) -> bytes:
    head = _HEAD.pack(_MAGIC, number, len(text), _checksum(number, text))
    return (head + text).ljust(size, b"\0")


def _checksum(number: int, text: bytes) -> int:
    return zlib.crc32(text, zlib.crc32(struct.pack("<II", number, len(text))))
