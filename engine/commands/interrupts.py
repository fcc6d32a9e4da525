"""Ctrl-C, once: a second one must not cut short the cleaning up that the first one began.

This module knows no command; it ends nothing itself.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

DEAF_SECONDS = 2.0


@contextmanager
def interruptible() -> Iterator[list[float]]:
    """Within it SIGINT, SIGTERM and a closed terminal raise KeyboardInterrupt, but not twice in two seconds.

    Yields the times of the interrupts taken, so that the caller can tell an error that an interrupt left in a
    library's C code from a true one. Does nothing outside the main thread, where Python takes no signals.
    """
    taken: list[float] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if taken and now - taken[-1] < DEAF_SECONDS:
            return
        taken.append(now)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield taken
        return
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    numbers = [getattr(signal, name) for name in names]
    # A signal that is ignored from outside (nohup) stays ignored.
    ours = {number: signal.getsignal(number) for number in numbers}
    ours = {number: before for number, before in ours.items() if before is not signal.SIG_IGN}
    try:
        for number in ours:
            signal.signal(number, interrupt)
        yield taken
    finally:
        for number, before in ours.items():
            signal.signal(number, before)
