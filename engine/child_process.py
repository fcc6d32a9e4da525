"""The parent's end of the child process that owns torch: started, spoken to, ended, and how it died.

The child's own side is engine/child.py. This module knows no job and no queue.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import threading
from multiprocessing import connection as pipes
from typing import Any

from engine.child import serve
from engine.renderer import LoadPipeline

GONE = object()
"""The answer of a child that is gone."""


class ChildProcess:
    """One child process and our end of the pipe to it."""

    def __init__(self, load: LoadPipeline) -> None:
        from multiprocessing import resource_tracker

        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, load), name="roomtone-engine", daemon=True)
        self._sending = threading.Lock()
        if hasattr(signal, "pthread_sigmask"):
            # The child inherits the mask: Ctrl-C in a terminal reaches all its processes, and is ours alone.
            # The tracker, started with the first child, would undo it.
            resource_tracker.ensure_running()
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
        self.process.start()
        theirs.close()

    def send(self, message: object) -> None:
        """Send; a child that is gone is noticed by who reads."""
        with self._sending, contextlib.suppress(OSError, ValueError):
            self.pipe.send(message)

    def next(self, timeout: float) -> Any:
        """The next answer, None when none came in time, GONE when none will come."""
        try:
            ready = pipes.wait([self.pipe, self.process.sentinel], timeout)
            if self.pipe in ready or self.pipe.poll():
                return self.pipe.recv()
        except (EOFError, OSError):
            return GONE
        return GONE if ready else None

    def end(self, patience_s: float) -> None:
        """Close the pipe, which ends the child, and kill it when it has not ended in time."""
        self.pipe.close()
        self.process.join(patience_s)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def death(child: ChildProcess) -> str:
    """A sentence for the user on how a child ended."""
    child.process.join(1.0)
    code = child.process.exitcode
    if code is not None and code < 0:
        how = f"by the signal {signal.Signals(-code).name}"
        how += ", perhaps for want of memory" if -code == getattr(signal, "SIGKILL", 9) else ""
    else:
        how = f"with the code {code}"
    return f"The engine ended in the middle of this clip, {how}; the next one gets a fresh engine: try again."
