"""Where a command has its clips made: in a studio of its own, followed until each job has ended.

It knows no option and prints nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands.progress import JobReport
from engine.errors import Cancelled, EngineError, UsageError
from engine.jobs import BY_HAND, Job
from engine.reports import CancelledCheck
from engine.scene import Output, Scene

if TYPE_CHECKING:
    from engine.studio import Studio

LOOK_S = 0.2
CANCELLING_S = 10.0


class Desk:
    """A context in which jobs can be ordered and followed. What is not done at its end is cancelled."""

    def __init__(self, studio: Studio, cancelled: CancelledCheck) -> None:
        self._studio, self._cancelled = studio, cancelled
        self._ordered: list[str] = []

    def __enter__(self) -> Desk:
        self._studio.open()
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            self._take_back()
        finally:
            self._studio.close()

    def order(
        self, scene: Scene, output: Output, target: Path | None, origin: str, priority: int = BY_HAND
    ) -> Job:
        """Queue a resolved scene. Raises UsageError and EngineError, one sentence each."""
        job = self._studio.submit(scene, output, target, origin=origin, priority=priority)
        self._ordered.append(job.id)
        return job

    def follow(self, job: Job, report: JobReport) -> Job:
        """The job once it is done. Raises what its failure amounts to, and Cancelled after Ctrl-C."""
        revision = 0
        while True:
            revision, changed = self._studio.queue.since(revision, LOOK_S)
            for job in (news for news in changed if news.id == job.id):
                report(job)
            if job.ended:
                return _finished(job)
            if self._cancelled():
                raise Cancelled("The request was cancelled.")

    def _take_back(self) -> None:
        for job_id in reversed(self._ordered):
            job = self._studio.queue.get(job_id)
            if job is not None and not job.ended:
                self._studio.cancel(job_id)


def _finished(job: Job) -> Job:
    if job.state == "cancelled":
        raise Cancelled("The job was cancelled.")
    if job.state == "failed":
        raise (UsageError if job.code in ("usage", "queue-full") else EngineError)(job.sentence)
    return job
