"""A hash over the sound in a file, and over nothing else: labels and tags may change, the samples may not.

Of a WAV file the content of its data chunk, of a FLAC file everything behind its metadata, of another the
whole file. So it costs one reading of the file and no decoding. This module knows no recipe.
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import BinaryIO

from engine.errors import EngineError
from engine.wavechunks import places

DIGEST_LETTERS = 32
NO_DIGEST = "0" * DIGEST_LETTERS
"""Stands where a digest is still to be written."""
_PIECE_BYTES = 2**20


def samples_digest(path: Path) -> str:
    """32 hex digits over the sound in the file.

    Raises EngineError when its container is damaged, OSError when it cannot be read.
    """
    with path.open("rb") as file:
        start, size = _sound(file, path)
        file.seek(start)
        digest = hashlib.blake2b(digest_size=DIGEST_LETTERS // 2)
        while size > 0 and (piece := file.read(min(size, _PIECE_BYTES))):
            digest.update(piece)
            size -= len(piece)
    return digest.hexdigest()


def _sound(file: BinaryIO, path: Path) -> tuple[int, int]:
    """Where the sound begins, and how many bytes it has."""
    end = file.seek(0, 2)
    file.seek(0)
    name = file.read(4)
    if name == b"RIFF":
        for place in places(file, path):
            if place.name == b"data":
                return place.start, place.size
        raise EngineError(f"The WAV file {path} is damaged: it has no samples. Copy it again.")
    if name == b"fLaC":
        return _after_metadata(file, path, end)
    return 0, end


def _after_metadata(file: BinaryIO, path: Path, end: int) -> tuple[int, int]:
    """FLAC: each block of metadata says how long it is, and the last one that it is the last."""
    start, last = 4, False
    while not last:
        file.seek(start)
        head = file.read(4)
        if len(head) < 4:
            break
        last, start = bool(head[0] & 0x80), start + 4 + struct.unpack(">I", b"\0" + head[1:])[0]
    if start >= end or not last:
        raise EngineError(f"The FLAC file {path} is damaged: it is cut short. Copy it again.")
    return start, end - start
