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
from engine.library.rows import copy_id, path_key, path_of, row_of, tag_keys

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
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        cursor = connection.execute(f"INSERT INTO clips ({names}) VALUES ({marks})", tuple(row.values()))
        number = cursor.lastrowid
    else:
        number, row["id"] = old["number"], old["id"]
        update(connection, number, row)
    _set_tags(connection, number, found)
    return row["id"], change


def update(connection: sqlite3.Connection, number: int, columns: dict[str, Any]) -> None:
    """Set some columns of one row."""
    settings = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(f"UPDATE clips SET {settings} WHERE number = ?", (*columns.values(), number))


def in_trash(key: bytes) -> bool:
    """Whether a path, as the index keeps it, lies in the library's trash."""
    return key.startswith(os.fsencode(f"{TRASH}/"))


def _known(
    connection: sqlite3.Connection, clip: str, key: bytes, folder: Path
) -> tuple[sqlite3.Row | None, Change]:
    here = connection.execute("SELECT number, id, clip FROM clips WHERE path = ?", (key,)).fetchone()
    if here is not None:
        if here["clip"] == clip:
            return here, "changed"
        # Another clip lies at this place now; if the old one lies elsewhere, it is found there.
        connection.execute("DELETE FROM clips WHERE number = ?", (here["number"],))
    query = "SELECT number, id, path FROM clips WHERE clip = ? ORDER BY number"
    for row in connection.execute(query, (clip,)).fetchall():
        if not os.path.lexists(path_of(row["path"], folder)):
            return row, "moved"
    return None, "added"


def _free_id(connection: sqlite3.Connection, clip: str, key: bytes) -> str:
    wanted = clip
    while connection.execute("SELECT 1 FROM clips WHERE id = ?", (wanted,)).fetchone():
        wanted = copy_id(wanted, key)
    return wanted


def _set_tags(connection: sqlite3.Connection, number: int | None, found: SoundFile) -> None:
    connection.execute("DELETE FROM tags WHERE number = ?", (number,))
    rows = [(tag, number) for tag in tag_keys(found.labels)]
    connection.executemany("INSERT INTO tags (tag, number) VALUES (?, ?)", rows)
