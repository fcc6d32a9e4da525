"""The Library: every take that lies in the user's folder, found, labelled and kept in order.

The files are the truth: recipe and labels lie in them, the index is only how they are found quickly. Nothing is
moved, renamed or removed but by `rename`, `trash` and `empty_trash`, which the user asks for by name. This
module knows no window and renders nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from engine.errors import UsageError
from engine.labels import MOST_TAGS, Labels, checked_notes, checked_tag
from engine.library import queries
from engine.library.clip import Clip, Filters
from engine.library.entries import enter
from engine.library.index import Index
from engine.library.labelling import write_labels
from engine.library.reading import read_sound_file
from engine.library.rows import CLIP_COLUMNS, clip_of, path_of

if TYPE_CHECKING:
    from engine.takes import Take


class Library:
    """The clips in one folder. Thread-safe; open it before use, and close it.

    folder: need not exist yet. index_file: made with its folder; it may be thrown away.
    """

    def __init__(self, folder: Path, index_file: Path) -> None:
        self.folder = folder.expanduser().absolute()
        self._index = Index(index_file)

    def open(self) -> Library:
        """Open the index. Raises EngineError when its folder cannot be written to."""
        self._index.open()
        return self

    def close(self) -> None:
        """Close the index. Whoever asks then gets an EngineError."""
        self._index.close()

    def __enter__(self) -> Library:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def revision(self) -> int:
        """Grows with each change, also with those that another program made."""
        return self._index.revision

    def search(
        self,
        query: str = "",
        filters: Filters = Filters(),  # noqa: B008  a frozen value
        sort: str = "created",
        descending: bool = True,
        limit: int = 100,
        offset: int = 0,
    ) -> list[Clip]:
        """The clips in which all words of `query` begin some word, and that pass the filters.

        sort: a key of queries.SORTS. Raises UsageError for an unknown sort or date; no query is wrong.
        """
        condition, arguments = queries.where(query, filters)
        sql = (
            f"SELECT {CLIP_COLUMNS} FROM clips WHERE {condition}"
            f" ORDER BY {queries.order(sort, descending)} LIMIT ? OFFSET ?"
        )
        rows = self._index.rows(sql, (*arguments, max(0, limit), max(0, offset)))
        return [clip_of(row, self.folder) for row in rows]

    def count(self, query: str = "", filters: Filters = Filters()) -> int:  # noqa: B008  a frozen value
        """How many clips `search` would find without a limit."""
        condition, arguments = queries.where(query, filters)
        return int(self._index.rows(f"SELECT count(*) FROM clips WHERE {condition}", arguments)[0][0])

    def get(self, clip: str) -> Clip:
        """The clip of that id, wherever it is. Raises UsageError when there is none."""
        rows = self._index.rows(f"SELECT {CLIP_COLUMNS} FROM clips WHERE id = ?", (clip,))
        if not rows:
            raise _unknown(clip)
        return clip_of(rows[0], self.folder)

    def add(self, take: Take) -> Clip:
        """Take a finished take into the index. Raises EngineError when its file cannot be read."""
        found = read_sound_file(take.path.absolute())
        with self._index.changing() as connection:
            clip, _ = enter(connection, found, self.folder)
        return self.get(clip)

    def tag(self, clip: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Clip:
        """Add and remove tags, in the file too. A tag that differs in case or accents only is the same.

        Raises UsageError for a wrong tag, too many or an unknown clip, EngineError when the file cannot be
        written to.
        """
        added = [checked_tag(tag) for tag in add]
        gone = {queries.tag_key(tag) for tag in remove}

        def change(labels: Labels) -> Labels:
            tags = {queries.tag_key(tag): tag for tag in labels.tags}
            for tag in added:
                tags.setdefault(queries.tag_key(tag), tag)
            kept = tuple(tag for key, tag in tags.items() if key not in gone)
            if len(kept) > MOST_TAGS:
                raise UsageError(f"The clip has {len(kept)} tags, but may have {MOST_TAGS}.")
            return replace(labels, tags=kept)

        return self._label(clip, change)

    def star(self, clip: str, on: bool = True) -> Clip:
        """Set or take the star. Raises like `tag`."""
        return self._label(clip, lambda labels: replace(labels, starred=on))

    def note(self, clip: str, text: str) -> Clip:
        """Set the notes; an empty text removes them. Raises like `tag`."""
        notes = checked_notes(text)
        return self._label(clip, lambda labels: replace(labels, notes=notes))

    def reject(self, clip: str, on: bool = True) -> Clip:
        """Hide the clip from lists, or show it again; its file stays where it is. Raises like `tag`."""
        return self._label(clip, lambda labels: replace(labels, rejected=on))

    def _label(self, clip: str, change: Callable[[Labels], Labels]) -> Clip:
        # The index's own lock holds off every other program while the file is read and written.
        with self._index.changing() as connection:
            found = read_sound_file(self._path(connection, clip))
            labels = change(found.labels)
            if labels != found.labels:
                write_labels(found.path, labels)
                found = replace(read_sound_file(found.path), labels=labels)
            enter(connection, found, self.folder)
        return self.get(clip)

    def _path(self, connection: sqlite3.Connection, clip: str) -> Path:
        row = connection.execute("SELECT path FROM clips WHERE id = ?", (clip,)).fetchone()
        if row is None:
            raise _unknown(clip)
        return path_of(row["path"], self.folder)


def _unknown(clip: str) -> UsageError:
    return UsageError(f"There is no clip {clip[:40]!r} in the library: look for it, or rescan the library.")
