"""The child process that owns torch: it takes orders from a pipe and answers each.

Importing this module is light; torch comes with the child's start. It knows no queue and no front end; when
the pipe closes, because the parent ended or was killed, it cleans up and ends.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import queue
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from engine.errors import Cancelled, EngineError, UsageError
from engine.logs import keep
from engine.orders import Answer, Cancel, Done, Fault, Holds, Order, Sounding, Told, Unload
from engine.renderer import LoadPipeline
from engine.rendering import Rendering, load_pipeline

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    import numpy as np
    from numpy.typing import NDArray

ORPHAN_SECONDS = 10.0
"""How long a child whose parent is gone may take to clean up."""
TOLD_EVERY_S = 0.01
ALIVE_EVERY_S = 1.0


def serve(connection: Connection, load: LoadPipeline) -> None:
    """Take orders from the connection until it closes. The child's own main function."""
    _settle_in()
    inbox = _Inbox(connection)
    inbox.start()
    rendering = Rendering(load)
    broken = _warm_up(load)
    inbox.say(Holds(""))
    while True:
        message = inbox.next()
        if message is None:
            return
        if broken and isinstance(message, Order):
            inbox.say(Fault(message.number, "bug", broken))
        elif isinstance(message, Unload):
            rendering.unload()
            inbox.say(rendering.holds())
        else:
            answer = _worked_off(message, rendering, inbox)
            inbox.say(rendering.holds())
            inbox.say(answer)
            if isinstance(answer, Fault) and answer.code == "memory":
                return  # what is left of the memory is no ground for another order


def _worked_off(order: Order, rendering: Rendering, inbox: _Inbox) -> Done | Fault:
    """Render one order; whatever goes wrong becomes a fault in one sentence."""
    voice = _Voice(order.number, inbox)
    try:
        take = rendering.render(order, voice.report, voice.cancelled, voice.sound if order.live else None)
        return Done(order.number, take)
    except Cancelled:
        return Fault(order.number, "cancelled", "The job was cancelled.")
    except UsageError as error:
        return Fault(order.number, "usage", str(error))
    except EngineError as error:
        return Fault(order.number, "engine", str(error))
    except Exception as error:  # noqa: BLE001  the one place where a bug of ours becomes a sentence
        if _is_want_of_memory(error):
            return Fault(order.number, "memory", _memory_sentence(order))
        return _unexpected(error, order)


class _Voice:
    """What an order tells while it is worked off, and how it hears that it was taken back."""

    def __init__(self, number: int, inbox: _Inbox) -> None:
        self._number, self._inbox = number, inbox
        self._stage = ""
        self._said_s = 0.0

    def report(self, stage: str, fraction: float) -> None:
        now_s = time.monotonic()
        if stage != self._stage or fraction >= 1.0 or now_s - self._said_s >= TOLD_EVERY_S:
            self._stage, self._said_s = stage, now_s
            self._inbox.say(Told(self._number, stage, float(fraction)))

    def sound(self, rate: int, block: NDArray[np.float32]) -> None:
        self._inbox.say(Sounding(self._number, rate, block))

    def cancelled(self) -> bool:
        # Asked at every call of a network, many in one step of a long clip: a sign of life.
        now_s = time.monotonic()
        if now_s - self._said_s >= ALIVE_EVERY_S:
            self._said_s = now_s
            self._inbox.say(Told(self._number))
        return self._inbox.is_cancelled(self._number)


class _Inbox:
    """The child's end of the pipe; a thread reads it, so that a cancel is heard during a render."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._orders: queue.SimpleQueue[Order | Unload | None] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._orphaned = threading.Event()
        self._thread = threading.Thread(target=self._read, name="roomtone-inbox", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def next(self) -> Order | Unload | None:
        """The next order; None when no more will come."""
        return self._orders.get()

    def say(self, answer: Answer) -> None:
        """Answer; when nobody is there any more, that is noticed by the reading thread."""
        with contextlib.suppress(OSError):
            self._connection.send(answer)

    def is_cancelled(self, number: int) -> bool:
        return self._orphaned.is_set() or number in self._cancelled

    def _read(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                message = self._connection.recv()
                if isinstance(message, Cancel):
                    self._cancelled.add(message.number)
                else:
                    self._orders.put(message)
        self._orphaned.set()
        self._orders.put(None)
        time.sleep(ORPHAN_SECONDS)
        os._exit(1)  # the main thread hangs in a library, and nobody is left who could kill us


def _warm_up(load: LoadPipeline) -> str:
    """Import what every clip needs, while the parent is still checking the first scene.

    When that fails, one sentence that says so: a broken installation.
    """
    own = ["engine.pipeline"] if load is load_pipeline else []
    try:
        for name in (*own, "engine.takes", "pyloudnorm", "soundfile", "soxr"):
            importlib.import_module(name)
    except Exception as error:  # noqa: BLE001  an import may raise anything
        return keep(error, "starting the engine")
    return ""


def _settle_in() -> None:
    """Ctrl-C is the parent's business, and standard output is for results alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError, ValueError):
        sys.stdout.flush()
        os.dup2(2, 1)


def _unexpected(error: Exception, order: Order) -> Fault:
    origin = f" for {order.origin}" if order.origin else ""
    sentence = keep(error, f'rendering "{order.scene.prompt}"{origin}')
    if isinstance(error, OSError):
        where = f": {error.filename}" if error.filename else ""
        return Fault(order.number, "engine", f"{error.strerror or error}{where}.")
    return Fault(order.number, "bug", sentence)


def _is_want_of_memory(error: Exception) -> bool:
    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(word in str(error).lower() for word in words)
    )


def _memory_sentence(order: Order) -> str:
    return (
        f"There was not enough memory for {order.scene.seconds:g} s with the model {order.scene.model}: "
        "close other programs, make the clip shorter, or choose a smaller model."
    )
