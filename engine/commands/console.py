"""What the command line says while it works: messages and progress with the time left, on stderr only.

On a terminal a bar of rich, imported with the first bar; elsewhere a plain line now and then, which suits log
files. This module knows no scene and no file; stdout belongs to the results.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.reports import Report, silent

SECONDS_BETWEEN_LINES = 10.0


class Console:
    """The voice of one command. `quiet` leaves only errors."""

    def __init__(self, quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.quiet = quiet
        self._clock = clock

    def say(self, text: str) -> None:
        """A line on stderr, unless quiet."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    @contextmanager
    def progress(self) -> Iterator[Report]:
        """A report for one long thing: a bar on a terminal, lines elsewhere, nothing when quiet."""
        if self.quiet:
            yield silent
        elif sys.stderr.isatty():
            with _bar() as report:
                yield report
        else:
            yield Lines(self.say, self._clock)


class Lines:
    """Progress as plain lines: one when a stage begins, and one every ten seconds with the time left."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._say = say
        self._clock = clock
        self._stage = ""
        self._began_s = self._told_s = 0.0

    def __call__(self, stage: str, fraction: float) -> None:
        now_s = self._clock()
        if stage != self._stage:
            self._stage, self._began_s, self._told_s = stage, now_s, now_s
            self._say(f"  {stage}")
        elif now_s - self._told_s >= SECONDS_BETWEEN_LINES and 0.0 < fraction < 1.0:
            self._told_s = now_s
            left_s = (now_s - self._began_s) * (1.0 - fraction) / fraction
            self._say(f"  {stage}: {fraction:.0%}, about {duration(left_s)} left")


def duration(seconds: float) -> str:
    """Seconds as people say them: "8.4 s", "2 min 5 s", "1 h 12 min"."""
    if seconds < 60.0:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def error(text: str) -> None:
    """The sentence that a command ends with when it fails."""
    print(f"roomtone: {text}", file=sys.stderr, flush=True)


@contextmanager
def _bar() -> Iterator[Report]:
    from rich.console import Console as Terminal
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    # stdout is not redirected: rich would send the paths of finished clips to stderr.
    bar = Progress(
        TextColumn("  {task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Terminal(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with bar:
        task = bar.add_task("starting", total=1.0)
        known = [""]

        def report(stage: str, fraction: float) -> None:
            if stage != known[0]:
                known[0] = stage
                bar.reset(task, description=stage, total=1.0)
            bar.update(task, completed=min(max(fraction, 0.0), 1.0))

        yield report
