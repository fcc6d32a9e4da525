"""Ctrl-C at a moment that the test chooses, as a true signal to this process."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK_S = 0.02
PATIENCE_S = 20.0


@contextmanager
def interrupted_when(
    moment: Callable[[], bool], number: signal.Signals = signal.SIGINT, after_s: float = 0.0
) -> Iterator[None]:
    """Within it the signal comes once, `after_s` seconds after `moment()` is true."""
    ended = threading.Event()

    def watch() -> None:
        until_s = time.monotonic() + PATIENCE_S
        while not ended.wait(LOOK_S) and time.monotonic() < until_s:
            if moment():
                time.sleep(after_s)
                os.kill(os.getpid(), number)
                return

    thread = threading.Thread(target=watch, name="interrupter")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
