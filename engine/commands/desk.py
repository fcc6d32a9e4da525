"""Where a command has its clips made: by the Roomtone that runs already, or else by a studio of its own.

Either way each job is followed until it has ended. This module knows no option and prints nothing.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from engine.commands.progress import JobReport
from engine.errors import Cancelled, EngineError, UsageError
from engine.jobs import BY_HAND, Job, Machine
from engine.reports import CancelledCheck
from engine.scene import Output, Scene
from engine.settings import folders

if TYPE_CHECKING:
    from engine.studio import Studio

LOOK_S = 0.2
CANCELLING_S = 10.0
"""How long a job that was handed over may take to end after Ctrl-C, before the command ends without it."""


class Room(Protocol):
    """A studio, in this program or in another."""

    @property
    def is_elsewhere(self) -> bool:
        """Whether it goes on when this program ends."""

    def submit(self, job: Job) -> Job:
        """Queue a job that is resolved and checked."""

    def look(self, job_id: str, revision: int, timeout: float) -> tuple[int, Job | None]:
        """The newest revision, and the job if it changed after `revision`; waits up to `timeout` seconds."""

    def cancel(self, job_id: str) -> None:
        """Take back a job."""

    def close(self) -> None:
        """End; what this program renders itself ends, too."""


@contextmanager
def open_desk(studio: Studio, machine: Machine, cancelled: CancelledCheck) -> Iterator[Desk]:
    """A desk at the studio that runs already, else at `studio`, which is opened, and closed at the end.

    machine: what was asked for on the command line. What is not done at the end is cancelled.
    """
    from engine.visit import visit

    room: Room = visit(folders().state) or OwnRoom(studio)
    desk = Desk(room, studio, machine, cancelled)
    try:
        yield desk
    finally:
        try:
            desk.take_back()
        finally:
            room.close()


class Desk:
    """Orders jobs and follows them."""

    def __init__(self, room: Room, studio: Studio, machine: Machine, cancelled: CancelledCheck) -> None:
        self._room, self._studio = room, studio
        self._machine, self._cancelled = machine, cancelled
        self._open: dict[str, int] = {}

    def order(
        self, scene: Scene, output: Output, target: Path | None, origin: str, priority: int = BY_HAND
    ) -> Job:
        """Queue a resolved scene. Raises UsageError and EngineError, one sentence each."""
        job = self._studio.job(scene, output, target)
        job = replace(job, origin=origin, priority=priority, machine=self._machine)
        self._open[job.id] = 0
        return self._room.submit(job)

    def follow(self, job: Job, report: JobReport) -> Job:
        """The job once it is done. Raises what its failure amounts to, and Cancelled after Ctrl-C."""
        while True:
            news = self._look(job.id)
            if news is not None:
                report(news)
                if news.ended:
                    return _finished(news)
            if self._cancelled():
                raise Cancelled("The request was cancelled.")

    def take_back(self) -> None:
        """Cancel what has not ended, and wait for it a little."""
        if not self._open:
            return
        with contextlib.suppress(EngineError):  # the other program has ended, and its jobs with it
            for job_id in reversed([*self._open]):
                self._room.cancel(job_id)
            until_s = time.monotonic() + CANCELLING_S
            while self._open and time.monotonic() < until_s and self._room.is_elsewhere:
                self._look(next(iter(self._open)))

    def _look(self, job_id: str) -> Job | None:
        self._open[job_id], news = self._room.look(job_id, self._open[job_id], LOOK_S)
        if news is not None and news.ended:
            del self._open[job_id]
        return news


class OwnRoom:
    """A studio of this program's own. It starts at once, so that torch is there when the first job is."""

    is_elsewhere = False

    def __init__(self, studio: Studio) -> None:
        self._studio = studio.open(shared=False)

    def submit(self, job: Job) -> Job:
        return self._studio.queue.add(job)

    def look(self, job_id: str, revision: int, timeout: float) -> tuple[int, Job | None]:
        revision, changed = self._studio.queue.since(revision, timeout)
        return revision, next((job for job in changed if job.id == job_id), None)

    def cancel(self, job_id: str) -> None:
        self._studio.cancel(job_id)

    def close(self) -> None:
        self._studio.close()


def _finished(job: Job) -> Job:
    if job.state == "cancelled":
        raise EngineError("The clip was cancelled by another program.")
    if job.state == "failed":
        raise (UsageError if job.code in ("usage", "queue-full") else EngineError)(job.sentence)
    return job
