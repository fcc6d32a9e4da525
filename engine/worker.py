"""The parent's side of the engine: one named thread that owns the child process and works off the queue.

The child alone imports torch. Whatever ends it, a signal, want of memory, a hang, costs one job, which is
told in one sentence, and the next job gets a fresh child. This module knows no front end and no library.
"""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import replace

from engine.child_process import GONE, ChildProcess, death
from engine.errors import EngineError, UsageError
from engine.foreman import Foreman
from engine.jobs import Job, Queue
from engine.logs import keep
from engine.orders import Answer, Cancel, Done, Fault, Holds, Sounding, Told, Unload
from engine.renderer import LoadPipeline
from engine.rendering import LOADING, STARTING

IDLE_S = 1.0
LOOK_S = 0.25
CANCEL_PATIENCE_S = 30.0
CLOSING_S = 3.0
"""How long a child may take to clean up after the program was told to end."""


class Worker:
    """Runs the jobs of a queue one after the other. `start` once, `stop` once."""

    def __init__(self, queue: Queue, foreman: Foreman, load: LoadPipeline) -> None:
        self._queue, self._foreman, self._load = queue, foreman, load
        self._child: ChildProcess | None = None
        self._stopping = threading.Event()
        self._cancelled: set[str] = set()
        self._current = ("", 0)
        self._unload = False
        self._holds: Holds | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="roomtone-worker", daemon=True)

    def start(self) -> None:
        """Start the child at once, so that its imports are done when the first job comes."""
        self._thread.start()

    def stop(self) -> None:
        """End the child, cancelling what it renders. Returns when it is gone."""
        self._stopping.set()
        with self._lock:
            self._take_back(self._current[1])
        self._queue.nudge()
        if self._thread.ident is not None:
            self._thread.join()

    def cancel(self, job_id: str) -> None:
        """Take back a job that runs."""
        with self._lock:
            self._cancelled.add(job_id)
            if self._current[0] == job_id:
                self._take_back(self._current[1])

    def unload(self) -> None:
        """Let the model go as soon as no job runs."""
        with self._lock:
            self._unload = True
        self._queue.nudge()

    @property
    def model(self) -> str:
        """The model that is in memory now, "" when none is."""
        return self._holds.model if self._holds else ""

    @property
    def pid(self) -> int:
        """The child's process id, 0 when there is none."""
        child = self._child
        return child.process.pid or 0 if child else 0

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    self._work_off_one()
                except Exception as error:  # noqa: BLE001  without this thread nothing would ever be rendered
                    self._give_up(keep(error, "looking after the engine"))
        finally:
            if self._child is not None:
                self._child.end(0.0)  # it is idle: there is nothing to clean up

    def _work_off_one(self) -> None:
        self._look_after_the_idle()
        job = self._queue.next(IDLE_S, self._is_wanted)
        if job is not None and not self._stopping.is_set():
            self._current = (job.id, self._current[1])
            self._work_off(job)

    def _give_up(self, sentence: str) -> None:
        with self._lock:
            job_id, number = self._current
            self._current = ("", number)
        if job_id:
            self._queue.change(job_id, state="failed", stage="", code="bug", sentence=sentence)
        self._stopping.wait(IDLE_S)

    def _is_wanted(self) -> bool:
        return self._stopping.is_set() or self._unload

    def _look_after_the_idle(self) -> None:
        # One that ended before it was ready would do so again and again: the next job will tell why.
        if self._child is not None and self._holds is None and not self._child.process.is_alive():
            self._unload = False
            return
        child = self._fresh_child()
        if self._unload:
            self._unload = False
            child.send(Unload())
        self._hear_the_idle(child)

    def _hear_the_idle(self, child: ChildProcess) -> None:
        with contextlib.suppress(EOFError, OSError):
            while child.pipe.poll():
                self._hear_aside(child.pipe.recv())

    def _fresh_child(self) -> ChildProcess:
        if self._child is None or not self._child.process.is_alive():
            if self._child is not None:
                self._child.end(0.0)
            self._holds = None
            self._child = ChildProcess(self._load)
        return self._child

    def _work_off(self, job: Job) -> None:
        number = self._current[1] + 1
        child = self._fresh_child()
        with self._lock:
            self._current = (job.id, number)
        self._hear_the_idle(child)
        try:
            child.send(self._foreman.begin(job, number, self._holds))
            if job.id in self._cancelled:
                child.send(Cancel(number))
            answer = self._answer(child, job, number)
        except EngineError as error:
            answer = Fault(number, "usage" if isinstance(error, UsageError) else "engine", str(error))
        with self._lock:
            self._current = ("", number)
            cancelled = job.id in self._cancelled
            self._cancelled.discard(job.id)
        if isinstance(answer, Done):
            self._foreman.done(job, answer.take)
        elif cancelled or not self._stopping.is_set():
            code = "cancelled" if cancelled else answer.code
            self._foreman.failed(job, replace(answer, code=code), not child.process.is_alive())

    def _answer(self, child: ChildProcess, job: Job, number: int) -> Done | Fault:
        """What became of the order; a child that died or hangs is a fault like any other."""
        heard_s = time.monotonic()
        cancelled_s = 0.0
        began = False
        while True:
            answer = child.next(LOOK_S)
            now_s = time.monotonic()
            if answer is GONE:
                return Fault(number, "worker-died", death(child))
            if isinstance(answer, (Done, Fault)) and answer.number == number:
                if isinstance(answer, Fault) and answer.code == "memory":
                    child.end(1.0)
                return answer
            if answer is not None:
                heard_s = now_s
                began = began or (isinstance(answer, Told) and answer.stage not in ("", STARTING, LOADING))
                self._hear(job, answer)
            if job.id in self._cancelled or self._stopping.is_set():
                cancelled_s = cancelled_s or now_s
                patience_s = (CLOSING_S if began else 0.0) if self._stopping.is_set() else CANCEL_PATIENCE_S
                if now_s - cancelled_s > patience_s:
                    child.end(0.0)
                    return Fault(number, "cancelled", "The job was cancelled.")
            hang_s = self._foreman.hang_seconds
            if now_s - heard_s > hang_s:
                child.end(0.0)
                return Fault(
                    number, "hang", f"The engine said nothing for {hang_s:g} s and was ended: try again."
                )

    def _hear(self, job: Job, answer: Answer) -> None:
        if isinstance(answer, Told) and answer.stage:
            self._foreman.told(job, answer.stage, answer.fraction)
        elif isinstance(answer, Sounding):
            self._foreman.sounds(job, answer)
        else:
            self._hear_aside(answer)

    def _hear_aside(self, answer: Answer) -> None:
        if isinstance(answer, Holds) and answer != self._holds:
            self._holds = answer
            self._queue.nudge()

    def _take_back(self, number: int) -> None:
        if self._child is not None and number:
            self._child.send(Cancel(number))
