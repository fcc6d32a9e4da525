"""Every file of the library looked at to its last byte: is it there, whole, and as it was made?

It changes no file. What a file's sound should be is known from the hash in its recipe, or, for a foreign
file, from the first time it was looked at.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path

from engine.audio import read_blocks
from engine.digests import samples_digest
from engine.errors import EngineError
from engine.library.clip import Finding
from engine.library.entries import update
from engine.library.index import Index
from engine.library.reading import read_sound_file
from engine.library.rescanning import mark_missing, sound_files
from engine.library.rows import CLIP_TABLES, path_key, path_of
from engine.reports import CancelledCheck, Report, stop_if

_COLUMNS = "number, id, path, size, digest, seconds, rate, own"


def verify(index: Index, folder: Path, report: Report, cancelled: CancelledCheck) -> list[Finding]:
    """What is amiss, file by file. Raises Cancelled."""
    rows = index.rows(f"SELECT {_COLUMNS} FROM {CLIP_TABLES} ORDER BY number")
    findings: list[Finding] = []
    for place, row in enumerate(rows):
        stop_if(cancelled)
        report("looking at every file", place / len(rows))
        path = path_of(row["path"], folder)
        finding = _of_file(index, row, path) if os.path.lexists(path) else _missing(row, path)
        findings += [finding] if finding else []
    mark_missing(index, folder, [row["path"] for row in rows])
    known = {row["path"] for row in rows}
    findings += _of_strangers(folder, known, cancelled)
    report("looking at every file", 1.0)
    return findings


def _of_file(index: Index, row: sqlite3.Row, path: Path) -> Finding | None:
    clip = str(row["id"])
    try:
        _check_riff_size(path)
        if not row["own"] and (complaint := read_sound_file(path).complaint):
            return Finding(clip, path, "damaged", complaint)
        digest = samples_digest(path)
        if digest == row["digest"]:
            return None
        _decode(path, row["seconds"], row["rate"] if not row["digest"] else 0)
    except EngineError as error:
        return Finding(clip, path, "damaged", str(error))
    except OSError as error:
        return Finding(clip, path, "damaged", f"{path} cannot be read: {error.strerror or error}.")
    if row["digest"]:
        sentence = f"The sound in {path} is not what it was when it was made: another program changed it."
        return Finding(clip, path, "altered", sentence)
    with index.changing() as connection:
        update(connection, row["number"], {"digest": digest})
    return None


def _missing(row: sqlite3.Row, path: Path) -> Finding:
    sentence = f"There is no file {path}: put it back, or trash the clip to forget it."
    return Finding(str(row["id"]), path, "missing", sentence)


def _of_strangers(folder: Path, known: set[bytes], cancelled: CancelledCheck) -> Iterator[Finding]:
    """Files that are not in the index because they cannot be read."""
    for file in sound_files(folder, []) if folder.is_dir() else ():
        stop_if(cancelled)
        if path_key(file.path, folder) in known:
            continue
        try:
            read_sound_file(file.path)
        except EngineError as error:
            if file.path.exists():
                yield Finding("", file.path, "damaged", str(error))


def _check_riff_size(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(8)
    if head[:4] == b"RIFF" and struct.unpack("<I", head[4:])[0] + 8 > path.stat().st_size:
        raise EngineError(f"The WAV file {path} is damaged: its end is missing. Copy it again.")


def _decode(path: Path, seconds: float, rate: int) -> None:
    samples = sum(len(block) for block in read_blocks(path))
    if not samples or (rate and abs(samples - seconds * rate) > 1):
        raise EngineError(f"The file {path} is damaged: it ends before its header says. Copy it again.")
