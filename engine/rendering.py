"""The child that owns torch: it takes orders from a pipe, keeps the model between them and writes the takes.

Importing this module is light; torch comes with the child's start. It knows no queue and no front end; when
the pipe closes, because the parent ended or was killed, it cleans up and ends.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from engine import __version__
from engine.catalogue import ModelEntry, find_model, weight_hash
from engine.errors import Cancelled, EngineError, UsageError
from engine.jobs import Machine
from engine.orders import Answer, Cancel, Done, Fault, Holds, Order, Told, Unload
from engine.recipe import Recipe
from engine.reports import CancelledCheck, Report, stop_if
from engine.scene import FORMATS, Scene

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    import numpy as np
    from numpy.typing import NDArray

    from engine.takes import Take

STARTING, LOADING = "starting", "loading the model"
"""The stages before the first sound of a model; nothing has been written then."""
ORPHAN_SECONDS = 10.0
"""How long a child whose parent is gone may take to clean up."""
TOLD_EVERY_S = 0.01
ALIVE_EVERY_S = 1.0


class Renderer(Protocol):
    """A loaded model: engine.pipeline.Pipeline, or a small true stand-in in tests."""

    @property
    def device(self) -> object:
        """Where it computes; `str` of it goes into the recipe."""

    @property
    def precision(self) -> object:
        """What it computes in; `str` of it goes into the recipe."""

    def render(
        self, scene: Scene, report: Report, cancelled: CancelledCheck
    ) -> Iterator[NDArray[np.float32]]:
        """Blocks (samples, channels) at the model's rate. Raises Cancelled once `cancelled()` is true."""


LoadPipeline = Callable[[Path, str, str], Renderer]
"""(model folder, device, precision) -> a renderer. Importable by its name, for it travels to the child."""


def load_pipeline(folder: Path, device: str, precision: str) -> Renderer:
    """The model in the folder, with torch."""
    from engine.pipeline import load_pipeline

    return load_pipeline(folder, device, precision)


class Rendering:
    """Renders one order after the other in this process; the model stays loaded from order to order."""

    def __init__(self, load: LoadPipeline = load_pipeline) -> None:
        self._load = load
        self._loaded: tuple[Path, str, str] | None = None
        self._renderer: Renderer | None = None
        self._own_threads = 0
        self.model = ""

    def render(self, order: Order, report: Report, cancelled: CancelledCheck) -> Take:
        """One new file. Raises UsageError and EngineError, one sentence each, and Cancelled; then no file
        is left behind.
        """
        from engine.naming import Naming
        from engine.newfiles import made_folder, told
        from engine.takes import check_target, write_take

        def tell(stage: str, fraction: float) -> None:
            stop_if(cancelled)
            report(stage, fraction)

        entry = find_model(order.folder or order.scene.model)
        recipe = Recipe(order.scene, order.output, entry.name, weight_hash(entry.folder), version=__version__)
        recipe = replace(recipe, clip=order.clip, parent=order.parent)
        target = Path(order.target) if order.target else None
        if target is not None:
            check_target(target, recipe)
        renderer = self._ready(entry, order.machine, tell)
        device, precision = str(renderer.device), str(renderer.precision).removeprefix("torch.")
        threads = self._use_threads(order.machine.threads, device)
        recipe = replace(recipe, device=device, precision=precision, threads=threads)

        def blocks() -> Iterator[NDArray[np.float32]]:
            # A generator, so that the place of the file is tried out before the model is set to work.
            yield from renderer.render(order.scene, tell, cancelled)

        with contextlib.ExitStack() as places:
            if target is not None and not _names_a_file(target):
                places.enter_context(told(target))
                places.enter_context(made_folder(target))
            naming = Naming(*order.naming)
            rate, library = entry.index.sample_rate, Path(order.library)
            return write_take(blocks(), rate, recipe, target, library, naming, order.scene.loop, tell)

    def holds(self) -> Holds:
        """Which model is in memory, and where."""
        loaded = self._loaded or (Path(), "", "")
        return Holds(self.model, loaded[1], loaded[2])

    def unload(self) -> None:
        """Let the model go, and the memory that it took."""
        self._loaded = self._renderer = None
        self.model = ""
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _ready(self, entry: ModelEntry, machine: Machine, tell: Report) -> Renderer:
        """The loaded model: the one of the last order, or a new one in its place."""
        wanted = (entry.folder, machine.device, machine.precision)
        if self._renderer is None or self._loaded != wanted:
            self.unload()
            tell(LOADING, 0.0)
            self._renderer = self._load(*wanted)
            self._loaded, self.model = wanted, entry.name
        return self._renderer

    def _use_threads(self, threads: int, device: str) -> int:
        """Set the number of CPU threads, 0 for torch's own choice; says how many, 0 on other devices."""
        torch = sys.modules.get("torch")
        if torch is None:
            return threads
        self._own_threads = self._own_threads or torch.get_num_threads()
        torch.set_num_threads(threads or self._own_threads)
        return int(torch.get_num_threads()) if device.startswith("cpu") else 0


def serve(connection: Connection, load: LoadPipeline) -> None:
    """Take orders from the connection until it closes. The child's own main function."""
    _settle_in()
    inbox = _Inbox(connection)
    inbox.start()
    rendering = Rendering(load)
    if load is load_pipeline:
        import engine.pipeline  # noqa: F401  while the parent is still checking the first scene
    inbox.say(Holds(""))
    while True:
        message = inbox.next()
        if message is None:
            return
        if isinstance(message, Unload):
            rendering.unload()
            inbox.say(rendering.holds())
            continue
        answer = _worked_off(message, rendering, inbox)
        inbox.say(rendering.holds())
        inbox.say(answer)
        if isinstance(answer, Fault) and answer.code == "memory":
            return  # what is left of the memory is no ground for another order


def _worked_off(order: Order, rendering: Rendering, inbox: _Inbox) -> Done | Fault:
    """Render one order; whatever goes wrong becomes a fault in one sentence."""
    voice = _Voice(order.number, inbox)
    try:
        return Done(order.number, rendering.render(order, voice.report, voice.cancelled))
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


def _settle_in() -> None:
    """Ctrl-C is the parent's business, and standard output is for results alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError, ValueError):
        sys.stdout.flush()
        os.dup2(2, 1)


def _unexpected(error: Exception, order: Order) -> Fault:
    from engine.logs import keep

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


def _names_a_file(target: Path) -> bool:
    return target.suffix.lower().lstrip(".") in FORMATS and not target.is_dir()
