"""The index brought in line with the files: what was added, changed, moved or removed by hand.

A file whose size and time are those in the index is not read again, and what was read is kept at once: so a
rescan that is stopped goes on where it was. This module writes no sound file.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import EngineError
from engine.library.clip import Rescan
from engine.library.entries import TRASH, enter, update
from engine.library.index import Index
from engine.library.reading import SoundFile, is_sound, read_sound_file
from engine.library.rows import CLIP_TABLES, path_key, path_of
from engine.reports import CancelledCheck, Report, stop_if

BATCH_FILES = 100
"""As many are read, then written in one transaction: other writers wait no longer than that takes."""


@dataclass(frozen=True)
class Listed:
    """A file as its folder lists it."""

    path: Path
    size: int
    mtime_ns: int


def rescan(index: Index, folder: Path, report: Report, cancelled: CancelledCheck) -> Rescan:
    """Read what is new or changed below `folder`, and mark what is gone. Raises EngineError, Cancelled."""
    if not folder.is_dir():
        if any(not Path(os.fsdecode(key)).is_absolute() for key in _paths(index)):
            raise EngineError(
                f"The library folder {folder} is not there: connect its disk, or choose another folder."
            )
        return Rescan()
    report("looking through the folder", 0.0)
    unreadable: list[str] = []
    listed = {path_key(file.path, folder): file for file in _listed(folder, unreadable, cancelled)}
    known = {
        row["path"]: (row["size"], row["mtime_ns"])
        for row in index.rows(f"SELECT path, size, mtime_ns FROM {CLIP_TABLES} WHERE missing = 0")
    }
    wanted = [file for key, file in listed.items() if known.get(key) != (file.size, file.mtime_ns)]
    changes = _read_all(index, folder, wanted, unreadable, report, cancelled)
    missing = mark_missing(index, folder, [key for key in _paths(index) if key not in listed])
    with index.changing() as connection:
        connection.execute("UPDATE meta SET value = 1 WHERE name = 'complete'")
    return Rescan(
        files=len(listed),
        added=changes["added"],
        changed=changes["changed"],
        moved=changes["moved"],
        missing=missing,
        unchanged=len(listed) - len(wanted),
        unreadable=tuple(unreadable),
    )


def mark_missing(index: Index, folder: Path, keys: Iterable[bytes]) -> int:
    """Mark the clips at those places whose file is really not there; how many are new among them."""
    gone = [key for key in keys if not os.path.lexists(path_of(key, folder))]
    if not gone:
        return 0
    with index.changing() as connection:
        newly = 0
        for key in gone:
            sql = f"SELECT number FROM {CLIP_TABLES} WHERE path = ? AND missing = 0"
            for row in connection.execute(sql, (key,)).fetchall():
                update(connection, row["number"], {"missing": 1})
                newly += 1
        return newly


def read_into(index: Index, folder: Path, paths: Iterable[Path], unreadable: list[str]) -> Counter[str]:
    """Read some files and enter them in one transaction; `unreadable` gets a sentence for each that fails."""
    found = [file for path in paths for file in _readable(path, unreadable)]
    changes: Counter[str] = Counter()
    if found:
        with index.changing() as connection:
            for file in found:
                # Gone again since it was read: then there is nothing to enter.
                if os.path.lexists(file.path):
                    unreadable += [file.complaint] if file.complaint else []
                    changes[enter(connection, file, folder)[1]] += 1
    return changes


def sound_files(folder: Path, unreadable: list[str]) -> Iterator[Listed]:
    """All sound files below a folder, those in the trash too, but nothing hidden; no link is followed.

    Of a file and its copies, made by hand, the file itself comes first: folders of a day come before what
    lies beside them, and shorter names before longer ones.
    """
    try:
        with os.scandir(folder) as entries:
            content = sorted(entries, key=lambda entry: (len(entry.name), entry.name))
    except OSError as error:
        unreadable.append(f"The folder {folder} cannot be read: {error.strerror or error}.")
        return
    folders = [entry for entry in content if entry.is_dir(follow_symlinks=False) and _visible(entry.name)]
    days = [entry for entry in folders if re.fullmatch(r"\d{4}-\d\d-\d\d", entry.name)]
    for below in days:
        yield from sound_files(Path(below.path), unreadable)
    for entry in content:
        if is_sound(Path(entry.name)):
            with contextlib.suppress(OSError):  # gone since it was listed
                state = entry.stat()
                if stat.S_ISREG(state.st_mode):
                    yield Listed(Path(entry.path), state.st_size, state.st_mtime_ns)
    for below in folders:
        if below not in days:
            yield from sound_files(Path(below.path), unreadable)


def _listed(folder: Path, unreadable: list[str], cancelled: CancelledCheck) -> Iterator[Listed]:
    for file in sound_files(folder, unreadable):
        stop_if(cancelled)
        yield file


def _read_all(
    index: Index,
    folder: Path,
    wanted: list[Listed],
    unreadable: list[str],
    report: Report,
    cancelled: CancelledCheck,
) -> Counter[str]:
    changes: Counter[str] = Counter()
    for start in range(0, len(wanted), BATCH_FILES):
        stop_if(cancelled)
        report("reading the files", start / len(wanted))
        batch = [file.path for file in wanted[start : start + BATCH_FILES]]
        changes += read_into(index, folder, batch, unreadable)
    report("reading the files", 1.0)
    return changes


def _readable(path: Path, unreadable: list[str]) -> Iterator[SoundFile]:
    try:
        yield read_sound_file(path)
    except EngineError as error:
        if os.path.lexists(path):
            unreadable.append(str(error))


def _paths(index: Index) -> list[bytes]:
    return [row["path"] for row in index.rows(f"SELECT path FROM {CLIP_TABLES} WHERE missing = 0")]


def _visible(name: str) -> bool:
    return name == TRASH or not name.startswith(".")
