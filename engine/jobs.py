"""The queue of jobs, which front ends pull.

Nobody is called back: whoever wants to know asks `since`, at a pace of his own. This module knows no process,
no model and no file; what shall outlive the program is handed to a keeper (engine/jobstore.py).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from engine.errors import EngineError, QueueFull, UsageError
from engine.job import BATCH, BY_HAND, ENDED, STATES, Job, Machine, drawn_id

__all__ = ["BATCH", "BY_HAND", "ENDED", "STATES", "Job", "Keeper", "Machine", "Queue", "drawn_id"]

MOST_WAITING = 1_000
MOST_ENDED = 300
"""Ended jobs that are remembered; the oldest are forgotten first."""


class Keeper(Protocol):
    """What remembers jobs beyond the life of the program."""

    def keep(self, job: Job) -> None:
        """Remember this job as it is now."""

    def keep_order(self, job_ids: Iterable[str]) -> None:
        """Remember in which order the waiting jobs stand."""

    def forget(self, job_ids: Iterable[str]) -> None:
        """These need not be remembered any longer."""


class Queue:
    """All jobs of one studio. Thread-safe; the calls that change a job are the studio's and the worker's.

    keeper: what remembers jobs beyond the life of the program; it may be set later.
    """

    def __init__(self, keeper: Keeper | None = None) -> None:
        self._changed = threading.Condition()
        self._jobs: dict[str, Job] = {}  # the last changed is last
        self._waiting: list[str] = []  # in order; sorted by priority
        self._revision = 0
        self.keeper = keeper

    def since(self, revision: int, timeout: float = 0.0) -> tuple[int, list[Job]]:
        """The newest revision, and the jobs that changed after `revision`, oldest change first.

        Waits up to `timeout` seconds for a change.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._revision > revision, timeout)
            changed = []
            for job in reversed(self._jobs.values()):
                if job.revision <= revision:
                    break
                changed.append(job)
            return self._revision, changed[::-1]

    def get(self, job_id: str) -> Job | None:
        """The job of that id, as it is now."""
        with self._changed:
            return self._jobs.get(job_id)

    def jobs(self) -> list[Job]:
        """The running ones, then the waiting ones in their order, then the ended ones, newest first."""
        with self._changed:
            newest = list(reversed(self._jobs.values()))
            running = [job for job in newest if job.state == "running"]
            waiting = [self._jobs[job_id] for job_id in self._waiting]
            return [*running, *waiting, *(job for job in newest if job.ended)]

    def wait(self, job_id: str, timeout: float) -> Job:
        """The job once it has ended. Raises EngineError after `timeout` seconds, UsageError when unknown."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._known(job_id).ended, timeout):
                raise EngineError(f"The job {job_id} has not ended within {timeout:g} s.")
            return self._known(job_id)

    def move(self, job_id: str, place: int) -> None:
        """Put a waiting job to that place among the waiting, 0 is next. UsageError when it waits no more.

        It takes the priority of its new neighbours when its own would not let it stand there.
        """
        with self._changed:
            job = self._known(job_id)
            if job_id not in self._waiting:
                raise UsageError(f"The job {job_id} does not wait any more, so it cannot be moved.")
            self._waiting.remove(job_id)
            place = max(0, min(place, len(self._waiting)))
            before = [self._jobs[other].priority for other in self._waiting[:place]]
            after = [self._jobs[other].priority for other in self._waiting[place:]]
            priority = max([job.priority, *before[-1:]])
            self._waiting.insert(place, job_id)
            self._put(replace(job, priority=min([priority, *after[:1]])))
            self._keep_order()

    def clear(self) -> int:
        """Forget the ended jobs; says how many there were."""
        with self._changed:
            ended = [job.id for job in self._jobs.values() if job.ended]
            self._forget(ended)
            self._revision += 1
            self._changed.notify_all()
            return len(ended)

    def add(self, job: Job) -> Job:
        """Let the job wait behind those of its priority. A known id is not added: the job there is returned.

        Raises QueueFull when too many wait.
        """
        with self._changed:
            if known := self._jobs.get(job.id):
                return known
            if len(self._waiting) >= MOST_WAITING:
                raise QueueFull(
                    f"The queue is full: {MOST_WAITING} clips are waiting; ask again when some are done."
                )
            created = job.created or datetime.now().astimezone().isoformat(timespec="seconds")
            self._insert(replace(job, state="waiting", created=created))
            if self._waiting[-1] != job.id:
                self._keep_order()
            return self._jobs[job.id]

    def add_left_over(self, jobs: Iterable[Job]) -> None:
        """Jobs of the last run, in their order: those not ended are held until `release`.

        The keeper, from whom they come, has them already.
        """
        with self._changed:
            keeper, self.keeper = self.keeper, None
            # Nobody is told of the ended ones as of something new: they have the first revisions.
            for job in sorted(jobs, key=lambda job: not job.ended):
                if job.id in self._jobs:
                    continue
                if job.ended:
                    self._put(job)
                else:
                    left = replace(job, state="waiting", held=True, fraction=0.0, seconds_left=None)
                    self._insert(replace(left, stage="left over from the last run"))
            self.keeper = keeper

    def release(self, *job_ids: str) -> list[Job]:
        """Let the held jobs, or those of them that are named, run when their turn comes; says which."""
        with self._changed:
            held = [self._jobs[job_id] for job_id in self._waiting if self._jobs[job_id].held]
            chosen = [job for job in held if not job_ids or job.id in job_ids]
            return [self._put(replace(job, held=False, stage="")) for job in chosen]

    def next(self, timeout: float, interrupted: Callable[[], bool] = lambda: False) -> Job | None:
        """The next waiting job, which runs from now on.

        None when there is none within `timeout` seconds, or `interrupted` is true after a `nudge`.
        """
        with self._changed:
            self._changed.wait_for(lambda: bool(self._next_id()) or interrupted(), timeout)
            if interrupted():
                return None
            job_id = self._next_id()
            if not job_id:
                return None
            self._waiting.remove(job_id)
            return self._put(replace(self._jobs[job_id], state="running", stage="starting"))

    def change(self, job_id: str, **fields: Any) -> Job:
        """Change fields of a job that has not ended; one that has stays as it is."""
        with self._changed:
            job = self._known(job_id)
            if job.ended:
                return job
            fields["fraction"] = max(job.fraction, float(fields.get("fraction", job.fraction)))
            changed = replace(job, **fields)
            if changed.ended and job_id in self._waiting:
                self._waiting.remove(job_id)
            return self._put(changed)

    def nudge(self) -> None:
        """Wake whoever waits for a change, though no job has changed."""
        with self._changed:
            self._changed.notify_all()

    def _known(self, job_id: str) -> Job:
        job = self._jobs.get(job_id)
        if job is None:
            raise UsageError(f"There is no job {job_id[:80]!r} in the queue.")
        return job

    def _next_id(self) -> str:
        return next((job_id for job_id in self._waiting if not self._jobs[job_id].held), "")

    def _insert(self, job: Job) -> None:
        priorities = [self._jobs[other].priority for other in self._waiting]
        place = sum(priority <= job.priority for priority in priorities)
        self._waiting.insert(place, job.id)
        self._put(job)

    def _put(self, job: Job) -> Job:
        self._revision += 1
        job = replace(job, revision=self._revision)
        before = self._jobs.pop(job.id, None)
        self._jobs[job.id] = job
        if self.keeper and (before is None or _weighty(before) != _weighty(job)):
            self.keeper.keep(job)
        if job.ended:
            ended = [other.id for other in self._jobs.values() if other.ended]
            self._forget(ended[:-MOST_ENDED])
        self._changed.notify_all()
        return job

    def _forget(self, job_ids: list[str]) -> None:
        for job_id in job_ids:
            del self._jobs[job_id]
        if self.keeper and job_ids:
            self.keeper.forget(job_ids)

    def _keep_order(self) -> None:
        if self.keeper:
            self.keeper.keep_order(self._waiting)


def _weighty(job: Job) -> tuple[object, ...]:
    """What of a job is worth a write to the disk: everything but its progress."""
    return (job.state, job.priority, job.held, job.path, job.sentence)
