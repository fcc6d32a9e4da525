"""How far a job is, on stderr: a bar of rich on a terminal, elsewhere a plain line now and then.

This module knows no command; the job itself says what is done of it and how long it will take.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.commands.console import SECONDS_BETWEEN_LINES, Console, duration
from engine.jobs import Job

JobReport = Callable[[Job], None]
"""Hears of a job whenever it has changed."""


@contextmanager
def job_progress(console: Console) -> Iterator[JobReport]:
    """A report for one job: a bar on a terminal, lines elsewhere, nothing when quiet."""
    if console.quiet:
        yield _silent
    elif sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        yield JobLines(console.say)


class JobLines:
    """A line when a stage begins, and one every ten seconds with the time that is left."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self._clock = say, clock
        self._stage = ""
        self._told_s = 0.0

    def __call__(self, job: Job) -> None:
        now_s = self._clock()
        if not job.stage or job.ended:
            return
        if job.stage != self._stage:
            self._stage, self._told_s = job.stage, now_s
            self._say(f"  {job.stage}")
        elif now_s - self._told_s >= SECONDS_BETWEEN_LINES:
            self._told_s = now_s
            self._say(f"  {job.stage}: {job.fraction:.0%}{_left(job)}")


def _left(job: Job) -> str:
    return "" if job.seconds_left is None else f", about {duration(job.seconds_left)} left"


def _silent(_job: Job) -> None:
    """A report to nobody."""


@contextmanager
def _bar() -> Iterator[JobReport]:
    from rich.console import Console as Terminal
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    # stdout is not redirected: rich would send the paths of finished clips to stderr.
    bar = Progress(
        TextColumn("  {task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[left]}", markup=False),
        console=Terminal(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with bar:
        task = bar.add_task("starting", total=1.0, left="")

        def report(job: Job) -> None:
            left = _left(job).removeprefix(", ")
            bar.update(task, completed=job.fraction, description=job.stage or "done", left=left)

        yield report
