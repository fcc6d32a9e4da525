"""Files that change their place, each time because the user asked for just that: new names, and the trash.

The trash is a hidden folder inside the library, so on the same disk: nothing is copied, and each file lies in
it at its old place, so that it can go back even when the index was thrown away. Nothing is ever replaced.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from engine import ucs
from engine.errors import EngineError, UsageError
from engine.library.entries import TRASH, remove, update
from engine.library.rows import CLIP_TABLES, label_columns, labels_of_row, path_key, path_of
from engine.naming import safe_stem
from engine.newfiles import give_name, told

MOST_NAMESAKES = 100_000
LONGEST_NAME = 60


def rename(connection: sqlite3.Connection, row: sqlite3.Row, folder: Path, name: str) -> None:
    """Give the file another FXName. In a name that is not of the category system, all of it is replaced."""
    path = _present(row, folder)
    stem = renamed_stem(path.stem, name)
    if stem != path.stem:
        _move(connection, row, folder, _namesakes(path.with_name(stem + path.suffix)))


def renamed_stem(stem: str, name: str) -> str:
    """CatID_FXName_CreatorID_SourceID with another FXName. Raises UsageError when there is no word in it."""
    words = ucs.fx_name(name.replace(",", " "), LONGEST_NAME) if any(map(str.isalnum, name)) else ""
    if not words:
        raise UsageError("The new name has no letter in it: give it a word.")
    parts = stem.split("_")
    if len(parts) >= 4 and parts[0] in ucs.CATEGORIES:
        return safe_stem("_".join([parts[0], words, *parts[2:]]))
    return safe_stem(words)


def trash(connection: sqlite3.Connection, row: sqlite3.Row, folder: Path) -> None:
    """Put the file into the trash; a clip whose file is gone already is forgotten."""
    path = path_of(row["path"], folder)
    if row["trashed"]:
        return
    if not os.path.lexists(path):
        remove(connection, row["number"])
        return
    if not path.is_relative_to(folder):
        raise UsageError(f"{path} lies outside the library, whose trash is not for it: remove it there.")
    _move(connection, row, folder, _namesakes(folder / TRASH / path.relative_to(folder)))


def restore(connection: sqlite3.Connection, row: sqlite3.Row, folder: Path) -> None:
    """Put the file back where it was, under another name if its own is taken."""
    if not row["trashed"]:
        return
    path = _present(row, folder)
    _move(connection, row, folder, _namesakes(folder / path.relative_to(folder / TRASH)))
    _remove_empty(path.parent, folder / TRASH)


def empty_trash(connection: sqlite3.Connection, folder: Path) -> int:
    """Delete what lies in the trash, for good; how many files. What was not put there stays."""
    rows = connection.execute(f"SELECT number, path FROM {CLIP_TABLES} WHERE trashed = 1").fetchall()
    for row in rows:
        path = path_of(row["path"], folder)
        with told(path.parent):
            path.unlink(missing_ok=True)
        remove(connection, row["number"])
        _remove_empty(path.parent, folder / TRASH)
    return len(rows)


def _present(row: sqlite3.Row, folder: Path) -> Path:
    path = path_of(row["path"], folder)
    if not os.path.lexists(path):
        raise EngineError(f"There is no file {path} any more: rescan the library.")
    return path


def _move(connection: sqlite3.Connection, row: sqlite3.Row, folder: Path, names: Iterator[Path]) -> None:
    first = next(names)
    with told(first.parent):
        first.parent.mkdir(parents=True, exist_ok=True)
        path = give_name(path_of(row["path"], folder), _chain(first, names))
    key = path_key(path, folder)
    trashed = int(path.is_relative_to(folder / TRASH))
    words = label_columns(labels_of_row(row), {**row, "path": key})["words"]
    update(connection, row["number"], {"path": key, "trashed": trashed, "missing": 0, "words": words})


def _namesakes(path: Path) -> Iterator[Path]:
    yield path
    for number in range(2, MOST_NAMESAKES):
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")


def _chain(first: Path, others: Iterator[Path]) -> Iterator[Path]:
    yield first
    yield from others


def _remove_empty(folder: Path, top: Path) -> None:
    while folder.is_relative_to(top):
        with contextlib.suppress(OSError):
            folder.rmdir()
            folder = folder.parent
            continue
        return
