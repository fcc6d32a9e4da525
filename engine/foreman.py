"""The foreman stands between the queue and the worker: he makes orders of jobs and notes what came of them.

Every call comes from the worker's thread. This module knows no process, and of the library only that a take
is handed to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.catalogue import find_model
from engine.errors import EngineError
from engine.estimates import Course, Estimates
from engine.jobs import Job, Machine, Queue
from engine.logs import keep
from engine.monitor import Monitor
from engine.orders import Fault, Holds, Order, Sounding
from engine.recovery import clip_of, folder_of, sweep
from engine.rendering import LOADING, STARTING
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.takes import Take


class Foreman:
    """settings: those of now. keep_take: takes a finished take into the library. monitor: hears renders."""

    def __init__(
        self,
        queue: Queue,
        estimates: Estimates,
        settings: Callable[[], Settings],
        keep_take: Callable[[Take], None],
        monitor: Monitor,
    ) -> None:
        self._queue, self._estimates, self._monitor = queue, estimates, monitor
        self._settings, self._keep_take = settings, keep_take
        self._course: Course | None = None

    @property
    def hang_seconds(self) -> float:
        """How long the engine may say nothing."""
        return self._settings().hang_seconds

    def begin(self, job: Job, number: int, holds: Holds | None) -> Order:
        """What the engine is told of the job. holds: what it has in memory, None while it is starting.

        Raises UsageError and EngineError when the model is not there any more.
        """
        order = order_of(job, number, self._settings())
        name, machine = find_model(order.folder).name, order.machine
        skipped = [] if holds is None else [STARTING]
        if holds == Holds(name, machine.device, machine.precision):
            skipped.append(LOADING)
        key = f"{name}, {machine.device}, {machine.precision}, {machine.threads} threads"
        self._course = Course(self._estimates, key, job.scene, skipped)
        fraction, left_s = self._course.told(STARTING, 0.0) if holds is None else (0.0, None)
        self._queue.change(job.id, stage=STARTING, fraction=fraction, seconds_left=left_s)
        self._monitor.begin(job)
        return replace(order, live=self._monitor.on)

    def told(self, job: Job, stage: str, part: float) -> None:
        """So much of the stage is done."""
        if self._course is not None:
            fraction, left_s = self._course.told(stage, part)
            self._queue.change(job.id, stage=stage, fraction=fraction, seconds_left=left_s)

    def sounds(self, job: Job, sounding: Sounding) -> None:
        """So it sounds."""
        self._monitor.hear(job, sounding.rate, sounding.block)

    def done(self, job: Job, take: Take) -> None:
        """The job became a take."""
        self._monitor.end(take.path)
        notes = list(take.notes)
        if self._course is not None:
            self._course.finish()
        try:
            self._keep_take(take)
        except EngineError as error:
            notes.append(f"The library could not take the clip in: {error}")
        except Exception as error:  # noqa: BLE001  the clip is there, whatever the library thinks of it
            notes.append(f"The library could not take the clip in. {keep(error, 'adding to the library')}")
        self._queue.change(job.id, **ending(take, notes))

    def failed(self, job: Job, fault: Fault, died: bool) -> None:
        """The job failed or was cancelled; died: with the engine, which could not clean up."""
        self._monitor.end(None)
        if died:
            sweep(folder_of(job, self._settings().library_folder))
        state = "cancelled" if fault.code == "cancelled" else "failed"
        code, sentence = ("", "") if state == "cancelled" else (fault.code, fault.sentence)
        self._queue.change(job.id, state=state, stage="", seconds_left=None, code=code, sentence=sentence)


def order_of(job: Job, number: int, settings: Settings) -> Order:
    """The job as the engine needs it: where it leaves something open, the settings say it."""
    machine = Machine(
        job.machine.device or settings.device,
        job.machine.precision or settings.precision,
        job.machine.threads or settings.threads,
    )
    return Order(
        number=number,
        scene=job.scene,
        output=job.output,
        target=job.target,
        library=str(settings.library_folder),
        naming=(settings.file_name, settings.creator, settings.source),
        machine=machine,
        folder=str(find_model(job.scene.model).folder),
        origin=job.origin,
        clip=clip_of(job),
        parent=job.parent,
    )


def ending(take: Take, notes: list[str]) -> dict[str, Any]:
    """The fields of a job that became this take."""
    return {
        "state": "done",
        "stage": "",
        "fraction": 1.0,
        "seconds_left": 0.0,
        "path": str(take.path),
        "clip": take.recipe.clip,
        "seconds": take.seconds,
        "rate": take.rate,
        "sentence": " ".join(notes),
    }
