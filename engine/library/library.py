"""The Library: every take that lies in the user's folder, found, labelled and kept in order.

The files are the truth: recipe and labels lie in them, the index is only how they are found quickly. Nothing
is moved, renamed or removed but by `rename`, `trash` and `empty_trash`, which the user asks for by name.
This module knows no window and renders nothing.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from engine.errors import UsageError
from engine.labels import Labels, checked_notes
from engine.library import finding, moving, rescanning
from engine.library.clip import Clip, Filters, Finding, Rescan
from engine.library.entries import enter
from engine.library.index import Index
from engine.library.labelling import write_labels
from engine.library.reading import read_sound_file
from engine.library.rows import CLIP_COLUMNS, CLIP_TABLES, clip_of, path_key, path_of
from engine.library.tagging import retagged
from engine.library.watching import Watch
from engine.reports import CancelledCheck, Report, never, silent

if TYPE_CHECKING:
    from engine.scene import Output
    from engine.takes import Take


class Library:
    """The clips in one folder. Thread-safe; open it before use, and close it.

    folder: need not exist yet. index_file: made with its folder; it may be thrown away.
    """

    def __init__(self, folder: Path, index_file: Path) -> None:
        self.folder = folder.expanduser().absolute()
        self._index = Index(index_file)
        self._watch: Watch | None = None

    def open(self, watching: bool = False) -> Library:
        """Open the index. Raises EngineError when its folder cannot be written to.

        watching: for front ends that stay open; a thread of the library's own then notices what is added,
        moved or removed by hand, beginning with a rescan.
        """
        self._index.open()
        self._index.belongs_to(os.fsencode(self.folder).decode("utf-8", "backslashreplace"))
        if watching:
            self.watch()
        return self

    def watch(self) -> None:
        """Begin to watch the folder, if that is not done yet. `close` ends it."""
        if self._watch is None:
            self._watch = Watch(self.folder, self._index)
            self._watch.start()

    def close(self) -> None:
        """Stop watching and close the index. Whoever asks then gets an EngineError."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        self._index.close()

    def wait_until_watching(self, timeout: float) -> bool:
        """Whether the folder is watched and was read through; waits so many seconds for it."""
        return self._watch is not None and self._watch.wait_until_watching(timeout)

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

    @property
    def complete(self) -> bool:
        """Whether all files have been read since the index was begun; if not, a rescan is due."""
        return self._index.complete

    def sentences(self) -> list[str]:
        """What the user should be told of the index, each sentence once."""
        return self._index.sentences()

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
        numbers = finding.numbers(self._index, query, filters, sort, descending, limit, offset)
        return finding.clips(self._index, self.folder, numbers)

    def count(self, query: str = "", filters: Filters = Filters()) -> int:  # noqa: B008  a frozen value
        """How many clips `search` would find without a limit."""
        return finding.count(self._index, query, filters)

    def get(self, clip: str) -> Clip:
        """The clip of that id, wherever it is. Raises UsageError when there is none."""
        rows = self._index.rows(f"SELECT {CLIP_COLUMNS} FROM {CLIP_TABLES} WHERE id = ?", (clip,))
        if not rows:
            raise _unknown(clip)
        return clip_of(rows[0], self.folder)

    def at(self, path: Path) -> Clip:
        """The clip in that file. Raises UsageError when the library knows none."""
        sql = f"SELECT {CLIP_COLUMNS} FROM {CLIP_TABLES} WHERE path = ?"
        rows = self._index.rows(sql, (path_key(path.absolute(), self.folder),))
        if not rows:
            raise UsageError(f"The library has no clip in {path}: check the name, or rescan the library.")
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
        added, gone = tuple(add), tuple(remove)
        return self._label(clip, lambda labels: retagged(labels, added, gone))

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

    def rename(self, clip: str, name: str) -> Clip:
        """Give the clip's file another FXName; the other parts of its name stay. Only on the user's wish.

        Raises UsageError for a name without a letter, EngineError when the file cannot be renamed.
        """
        return self._move(clip, lambda connection, row: moving.rename(connection, row, self.folder, name))

    def trash(self, clip: str) -> Clip:
        """Put the clip's file into the library's trash; the clip as it is then, to be restored.

        A clip whose file is missing is forgotten. Raises UsageError for a file outside the library.
        """
        return self._move(clip, lambda connection, row: moving.trash(connection, row, self.folder))

    def restore(self, clip: str) -> Clip:
        """Take the clip's file out of the trash, back to where it was."""
        return self._move(clip, lambda connection, row: moving.restore(connection, row, self.folder))

    def empty_trash(self) -> int:
        """Delete the files in the trash, for good; how many they were."""
        with self._index.changing() as connection:
            return moving.empty_trash(connection, self.folder)

    def export(self, clip: str, target: Path, output: Output) -> Path:
        """The clip as another file: format, rate, bits and loudness as `output` says; no model is needed.

        target: a file that does not exist yet, or a folder. Raises UsageError, EngineError.
        """
        from engine.library.exporting import export  # with numpy and libsndfile: not before it is needed

        return export(self.get(clip).path, clip, target, output)

    def rescan(self, report: Report = silent, cancelled: CancelledCheck = never) -> Rescan:
        """Bring the index in line with the files. Stopped (Cancelled), it goes on from there next time.

        Raises EngineError when the folder is not there.
        """
        return rescanning.rescan(self._index, self.folder, report, cancelled)

    def verify(self, report: Report = silent, cancelled: CancelledCheck = never) -> list[Finding]:
        """Missing, damaged and altered files, each with a sentence. Reads every file; raises Cancelled."""
        from engine.library import verifying

        return verifying.verify(self._index, self.folder, report, cancelled)

    def _move(self, clip: str, move: Callable[[sqlite3.Connection, sqlite3.Row], None]) -> Clip:
        before = self.get(clip)
        with self._index.changing() as connection:
            sql = f"SELECT * FROM {CLIP_TABLES} WHERE id = ?"
            row = connection.execute(sql, (clip,)).fetchone()
            if row is None:
                raise _unknown(clip)
            move(connection, row)
        numbers = [
            row["number"] for row in self._index.rows("SELECT number FROM clips WHERE id = ?", (clip,))
        ]
        return (
            finding.clips(self._index, self.folder, numbers)[0] if numbers else replace(before, missing=True)
        )

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
        row = connection.execute(f"SELECT path FROM {CLIP_TABLES} WHERE id = ?", (clip,)).fetchone()
        if row is None:
            raise _unknown(clip)
        return path_of(row["path"], self.folder)


def _unknown(clip: str) -> UsageError:
    return UsageError(f"There is no clip {clip[:40]!r} in the library: look for it, or rescan the library.")
