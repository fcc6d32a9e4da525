"""The queue's memory: a SQLite file, so that jobs outlive the program that they were given to.

Several programs may write to it at once. Each job belongs to one, and whoever adopts takes those of programs
that live no more. This module decides nothing about a job and never starts one.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.configs import from_mapping, to_mapping
from engine.errors import EngineError, UsageError
from engine.jobs import ENDED, Job
from engine.locks import LifeSign, is_alive
from engine.logs import keep

QUEUE_FILE = "queue.sqlite"
BUSY_SECONDS = 10.0
_TABLE = (
    "CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, owner TEXT NOT NULL, "
    "place INTEGER NOT NULL, state TEXT NOT NULL, job TEXT NOT NULL)"
)


@dataclass(frozen=True)
class Remembered:
    """A job on the disk, and whether the program that it belongs to lives."""

    job: Job
    alive: bool


class JobStore:
    """The queue file in `folder`. Thread-safe. Raises EngineError when it cannot be opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._life = LifeSign(folder / "running")
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def open(self) -> JobStore:
        """Open the file, or begin it. A damaged one is set aside."""
        path = self._folder / QUEUE_FILE
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._life.begin()
            try:
                self._connection = _connected(path)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                path.replace(path.with_suffix(".damaged"))
                self._connection = _connected(path)
        except (OSError, sqlite3.Error) as error:
            raise EngineError(f"The queue cannot be kept in {path} ({error}): check that folder.") from error
        return self

    def close(self, *, keep_ended: bool = True) -> None:
        """Let go of the file; what has not ended is offered to the next program that adopts."""
        if not keep_ended:
            self._write(
                "DELETE FROM jobs WHERE owner = ? AND state IN (?, ?, ?)", [(self._life.token, *ENDED)]
            )
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            self._life.end()

    def keep(self, job: Job) -> None:
        """Remember this job, as one of this program's; a new one stands behind all others."""
        text = json.dumps(to_mapping(job))
        last = "(SELECT coalesce(max(place), 0) + 1 FROM jobs)"
        sql = (
            f"INSERT INTO jobs VALUES (?1, ?2, {last}, ?3, ?4) ON CONFLICT (id) "
            "DO UPDATE SET owner = ?2, state = ?3, job = ?4"
        )
        self._write(sql, [(job.id, self._life.token, job.state, text)])

    def keep_order(self, job_ids: Iterable[str]) -> None:
        """Remember in which order these jobs stand."""
        self._write("UPDATE jobs SET place = ? WHERE id = ?", list(enumerate(job_ids)))

    def forget(self, job_ids: Iterable[str]) -> None:
        """These need not be remembered any longer."""
        self._write("DELETE FROM jobs WHERE id = ?", [(job_id,) for job_id in job_ids])

    def remembered(self) -> list[Remembered]:
        """All jobs of all programs: those that ran, those that wait in their order, those that ended."""
        living: dict[str, bool] = {self._life.token: True}
        found = []
        for owner, text in self._rows():
            job = _job(text)
            if owner not in living:
                living[owner] = is_alive(self._folder / "running", owner)
            if job is not None:
                found.append(Remembered(job, living[owner]))
        return found

    def adopt(self) -> list[Job]:
        """The jobs of programs that live no more, in the order of `remembered`; they are this one's now."""
        orphans = [one.job for one in self.remembered() if not one.alive]
        sql = "UPDATE jobs SET owner = ? WHERE id = ?"
        self._write(sql, [(self._life.token, job.id) for job in orphans])
        return orphans

    def _rows(self) -> list[tuple[str, str]]:
        sql = "SELECT owner, job FROM jobs ORDER BY state = 'running' DESC, state != 'waiting', place, rowid"
        with self._lock:
            return [] if self._connection is None else self._connection.execute(sql).fetchall()

    def _write(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        with self._lock:
            if self._connection is None or not rows:
                return
            try:
                with self._connection:
                    self._connection.executemany(sql, rows)
            except sqlite3.Error as error:
                # The disk is full or gone: the jobs go on, only without a memory.
                keep(error, "keeping the queue")


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        with connection:
            connection.execute(_TABLE)
    except BaseException:
        connection.close()
        raise
    return connection


def _job(text: str) -> Job | None:
    """The job, or None when a newer Roomtone wrote it."""
    try:
        return from_mapping(Job, json.loads(text))
    except (UsageError, ValueError):
        return None
