"""Labels into a finished file, without touching a sample and without a moment in which it is broken.

A WAV file with a label chunk is written to in place, one slot of the two (see `engine.labels`). A WAV file
without one, one whose chunk is too small, and a FLAC file are copied beside themselves with the new labels
and exchanged in one step: whoever has the old one open goes on reading it. Other formats carry no labels.
This module knows no index.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from engine.errors import EngineError, UsageError
from engine.labels import (
    LABEL_CHUNK,
    LABEL_COMMENT,
    Labels,
    empty_slots,
    labels_text,
    next_slot,
)
from engine.library.keywording import write_keywords
from engine.newfiles import unfinished
from engine.wavechunks import LARGEST_TAG_CHUNK, copy_with_chunks, places


def write_labels(path: Path, labels: Labels) -> None:
    """Put the labels into the file in place of those that it has.

    Raises UsageError for a format that cannot carry any, EngineError when the file is not there, damaged or
    may not be written; then it is as it was.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if start == b"RIFF":
            _into_wav(path, labels)
        elif start == b"fLaC":
            _exchange(path, lambda copy: _into_flac(path, copy, labels))
        else:
            raise UsageError(f"{path.name} is neither WAV nor FLAC and cannot carry labels: export it first.")
    except FileNotFoundError:
        raise EngineError(f"There is no file {path} any more: rescan the library.") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise EngineError(
            f"The labels could not be written into {path} ({reason}): check its rights."
        ) from error


def _into_wav(path: Path, labels: Labels) -> None:
    with path.open("r+b") as file:
        for place in places(file, path):
            if place.name == LABEL_CHUNK and place.size <= LARGEST_TAG_CHUNK:
                file.seek(place.start)
                slot = next_slot(file.read(place.size), labels)
                if slot is not None:
                    _write(file, place.start + slot[0], slot[1])
                    write_keywords(file, path, labels.tags)
                    return
    _exchange(path, lambda copy: _copied(path, copy, labels))


def _write(file: BinaryIO, place: int, content: bytes) -> None:
    file.seek(place)
    file.write(content)
    file.flush()
    os.fsync(file.fileno())


def _copied(path: Path, copy: Path, labels: Labels) -> None:
    with path.open("rb") as source, copy.open("w+b") as target:
        copy_with_chunks(source, target, path, {LABEL_CHUNK: empty_slots(labels)})
        write_keywords(target, path, labels.tags)


def _into_flac(path: Path, copy: Path, labels: Labels) -> None:
    from mutagen import MutagenError
    from mutagen.flac import FLAC

    shutil.copyfile(path, copy)
    try:
        flac: Any = FLAC(copy)
        if flac.tags is None:
            flac.add_tags()
        flac[LABEL_COMMENT] = labels_text(labels)
        flac["KEYWORDS"] = list(labels.tags)
        flac.save()
    except MutagenError as error:
        raise OSError(getattr(error.args[0], "errno", None) or errno.EIO, str(error)) from error


def _exchange(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a copy, then give it the file's name. Of a link, what it leads to is exchanged."""
    real = path.resolve()
    if not os.access(real, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    with unfinished(real.parent) as copy:
        write(copy)
        shutil.copymode(real, copy)
        with copy.open("rb+") as file:
            os.fsync(file.fileno())
        copy.replace(real)
