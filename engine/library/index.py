"""The index: one SQLite file beside the library, which may be thrown away at any time.

WAL, so that readers never wait for a writer; one connection a thread. A damaged or foreign index is set aside
and begun anew, and that is said once. This module knows tables and transactions; what a clip is, and where
its file lies, it does not know.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.library.schema import SCHEMA, SCHEMA_VERSION

BUSY_SECONDS = 30.0
_DAMAGE = ("malformed", "not a database", "corrupt", "database disk image")


class Index:
    """The index in one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._sentences: list[str] = []
        self._lock = threading.RLock()
        self._own = threading.local()
        self._connections: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._generation = 0
        self._is_open = False

    def open(self) -> None:
        """Open the file, or begin it. Raises EngineError when its folder cannot be written to."""
        with self._lock:
            self._is_open = True
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._check()
            except OSError as error:
                raise EngineError(_cannot(self.path, error.strerror or str(error))) from error
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise EngineError(_cannot(self.path, str(error))) from error
                self._begin_anew()

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            self._is_open = False
            self._close_all()

    def sentences(self) -> list[str]:
        """What the user should know of the index, each sentence once."""
        with self._lock:
            told, self._sentences = self._sentences, []
            return told

    def rows(self, sql: str, arguments: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of a question. From a damaged index, after it was begun anew, none."""
        for _ in range(2):
            generation = self._generation
            try:
                return self._connection().execute(sql, arguments).fetchall()
            except sqlite3.DatabaseError as error:
                self._mend(error, generation)
        return self._connection().execute(sql, arguments).fetchall()

    @contextlib.contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; the revision grows with it. Raises EngineError when nothing can be written."""
        generation = self._generation
        try:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("UPDATE meta SET value = value + 1 WHERE name = 'revision'")
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.DatabaseError):
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.DatabaseError as error:
            self._mend(error, generation)
            raise EngineError(
                "The library's index was damaged and is being built anew: try again in a moment."
            ) from error

    @property
    def revision(self) -> int:
        """Grows with each change, of this program or another."""
        rows = self.rows("SELECT value FROM meta WHERE name = 'revision'")
        return int(rows[0][0]) if rows else 0

    @property
    def complete(self) -> bool:
        """Whether all files of the library have been read once since the index was begun."""
        rows = self.rows("SELECT value FROM meta WHERE name = 'complete'")
        return bool(rows and rows[0][0])

    def belongs_to(self, folder: str) -> None:
        """Say whose library this is; what is known of another one is dropped."""
        rows = self.rows("SELECT value FROM meta WHERE name = 'folder'")
        if rows and rows[0][0] == folder:
            return
        with self.changing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('folder', ?)", (folder,))
            if rows:
                connection.execute("DELETE FROM clips")
                connection.execute("UPDATE meta SET value = 0 WHERE name = 'complete'")

    def _connection(self) -> sqlite3.Connection:
        if getattr(self._own, "generation", None) == self._generation:
            return self._own.connection  # type: ignore[no-any-return]
        with self._lock:
            if not self._is_open:
                raise EngineError("The library is closed.")
            self._forget_ended_threads()
            try:
                connection = _connected(self.path)
            except sqlite3.DatabaseError as error:
                if _is_damage(error):
                    raise
                raise EngineError(_cannot(self.path, str(error))) from error
            self._connections.append((threading.current_thread(), connection))
            self._own.connection, self._own.generation = connection, self._generation
            return connection

    def _check(self) -> None:
        connection = self._connection()
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == SCHEMA_VERSION:
            tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
            if tables.fetchone()[0] >= len(SCHEMA):
                connection.execute("SELECT rowid FROM search LIMIT 1").fetchall()
                return
            raise sqlite3.DatabaseError("corrupt: tables are missing")
        if version or connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise sqlite3.DatabaseError("corrupt: tables of another version")
        # Two programs may begin at once: the one that comes second finds the tables there.
        connection.execute("BEGIN IMMEDIATE")
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            for statement in SCHEMA:
                connection.execute(statement)
            # Counted on from the clock, so that it grows over an index that was thrown away, too.
            connection.execute("INSERT INTO meta VALUES ('revision', ?)", (int(time.time()),))
            connection.execute("INSERT INTO meta VALUES ('complete', 0)")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")

    def _mend(self, error: sqlite3.DatabaseError, generation: int) -> None:
        """Begin a damaged index anew; anything else becomes an EngineError."""
        with self._lock:
            if generation != self._generation:
                return  # Another thread did so while this one was asking.
            if not self._is_open:
                raise EngineError("The library is closed.") from error
            if not _is_damage(error):
                if isinstance(error, (sqlite3.OperationalError, sqlite3.NotSupportedError)):
                    raise EngineError(_cannot(self.path, str(error))) from error
                raise error
            self._begin_anew()

    def _begin_anew(self) -> None:
        self._close_all()
        aside = self._free_name()
        try:
            if self.path.exists():
                self.path.replace(aside)
            for ending in ("-wal", "-shm"):
                self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
            self._check()
        except (OSError, sqlite3.DatabaseError) as error:
            raise EngineError(_cannot(self.path, str(error))) from error
        self._sentences.append(
            f"The library's index could not be read; it was set aside as {aside.name} and is built anew from "
            "the files."
        )

    def _free_name(self) -> Path:
        for number in range(1, 1_000):
            aside = self.path.with_name(f"{self.path.name}.damaged-{number}")
            if not aside.exists():
                return aside
        return aside

    def _close_all(self) -> None:
        self._generation += 1
        for _, connection in self._connections:
            with contextlib.suppress(sqlite3.Error):
                connection.close()
        self._connections.clear()

    def _forget_ended_threads(self) -> None:
        for thread, connection in self._connections:
            if not thread.is_alive():
                connection.close()
        self._connections = [entry for entry in self._connections if entry[0].is_alive()]


def _connected(path: Path) -> sqlite3.Connection:
    # Used by one thread only; another one may close it at the end.
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        # A power cut may cost the last changes, never the index; rescan would find them again.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -32000")
        connection.execute("PRAGMA temp_store = MEMORY")
    except BaseException:
        connection.close()
        raise
    return connection


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return any(word in str(error).lower() for word in _DAMAGE)


def _cannot(path: Path, reason: str) -> str:
    return f"The library's index {path} cannot be used ({reason.lower()}): check that folder and its rights."
