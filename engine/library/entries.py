"""Files into the index: which row a file belongs to, and which id it has.

A file is known again by the clip id that it carries: where its old place is empty, it has moved and keeps
its id; where that is still taken, it is a copy and gets an id of its own. This module writes rows; it reads
no file.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any, Literal

from engine.library.reading import SoundFile
from engine.library.rows import CLIP_TABLES, copy_id, path_key, path_of, row_of, tag_keys
from engine.library.schema import CLIPS, DETAILS

Change = Literal["added", "changed", "moved"]
TRASH = ".trash"
"""The folder inside the library in which trashed files lie, each at its old place below it."""


def enter(connection: sqlite3.Connection, found: SoundFile, folder: Path) -> tuple[str, Change]:
    """Put a file into the index, inside the caller's transaction; its id, and what became of it."""
    key = path_key(found.path, folder)
    row = row_of(found, key, trashed=in_trash(key))
    old, change = _known(connection, found.clip, key, folder)
    if old is None:
        row["id"] = _free_id(connection, found.clip, key)
        row["number"] = _free_number(connection, row["number"])
        _insert(connection, row)
    else:
        # The number stays, and so the moment of a foreign file, whose own one changes with each label.
        row["id"], row["number"] = old["id"], old["number"]
        if not found.recipe:
            del row["created"]
        update(connection, row["number"], row)
    _set_tags(connection, row["number"], found)
    return row["id"], change


def update(connection: sqlite3.Connection, number: int, columns: dict[str, Any]) -> None:
    """Set some columns of one clip, whichever table they stand in."""
    for table, known in (("clips", CLIPS), ("details", DETAILS)):
        some = {name: value for name, value in columns.items() if name in known}
        if some:
            settings = ", ".join(f"{name} = ?" for name in some)
            connection.execute(f"UPDATE {table} SET {settings} WHERE number = ?", (*some.values(), number))


def remove(connection: sqlite3.Connection, number: int) -> None:
    """Forget a clip; its file is not touched."""
    connection.execute("DELETE FROM clips WHERE number = ?", (number,))


def in_trash(key: bytes) -> bool:
    """Whether a path, as the index keeps it, lies in the library's trash."""
    return key.startswith(os.fsencode(f"{TRASH}/"))


def _known(
    connection: sqlite3.Connection, clip: str, key: bytes, folder: Path
) -> tuple[sqlite3.Row | None, Change]:
    columns = f"SELECT number, id, clip, path FROM {CLIP_TABLES}"
    here = connection.execute(f"{columns} WHERE path = ?", (key,)).fetchone()
    if here is not None:
        if here["clip"] == clip:
            return here, "changed"
        # Another clip lies at this place now; if the old one lies elsewhere, it is found there.
        remove(connection, here["number"])
    for row in connection.execute(f"{columns} WHERE clip = ? ORDER BY number", (clip,)).fetchall():
        if not os.path.lexists(path_of(row["path"], folder)):
            return row, "moved"
    return None, "added"


def _insert(connection: sqlite3.Connection, row: dict[str, Any]) -> None:
    for table, known in (("clips", CLIPS), ("details", DETAILS)):
        some = {name: value for name, value in row.items() if name == "number" or name in known}
        names, marks = ", ".join(some), ", ".join("?" * len(some))
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(some.values()))


def _free_number(connection: sqlite3.Connection, wanted: int) -> int:
    # Moments of making are written in whole seconds: those of one second are numbered as they come.
    sql = "SELECT max(number) FROM clips WHERE number >= ? AND number < ?"
    last = connection.execute(sql, (wanted, wanted + 1_000_000)).fetchone()[0]
    return wanted if last is None else int(last) + 1


def _free_id(connection: sqlite3.Connection, clip: str, key: bytes) -> str:
    wanted = clip
    while connection.execute("SELECT 1 FROM clips WHERE id = ?", (wanted,)).fetchone():
        wanted = copy_id(wanted, key)
    return wanted


def _set_tags(connection: sqlite3.Connection, number: int, found: SoundFile) -> None:
    connection.execute("DELETE FROM tags WHERE number = ?", (number,))
    rows = [(tag, number) for tag in tag_keys(found.labels)]
    connection.executemany("INSERT INTO tags (tag, number) VALUES (?, ?)", rows)
