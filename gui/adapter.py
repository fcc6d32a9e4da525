"""The panel's one timer: it looks at the studio thirty times a second and says by signals what has changed.

Nobody calls back into Qt from another thread. Work that would hold up the window is handed in as steps of
some milliseconds, or done in a thread whose end is looked for here. This module knows no widget.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from engine.errors import EngineError
from engine.preset_bank import presets_stamp

if TYPE_CHECKING:
    from engine.studio import Studio
    from gui.bridge_port import BridgePort

LOOK_MS = 33
SLICE_S = 0.006
_SELDOM = 10
"""Every so many looks (a third of a second) for what changes slowly."""
_RARELY = 45

Step = Callable[[], bool]
"""Does a few milliseconds of work and says whether there is more."""


class Adapter(QObject):
    """Looks at one studio, and at the bridge when there is one. `start` after the window is shown."""

    jobs_changed = pyqtSignal(list)  # the jobs that changed, oldest change first
    queue_changed = pyqtSignal(list)  # the whole queue in its order
    library_changed = pyqtSignal()
    audition_changed = pyqtSignal(object)
    model_changed = pyqtSignal(str)
    presets_changed = pyqtSignal()
    bridge_changed = pyqtSignal(object)
    trouble = pyqtSignal(str)  # one sentence, when looking itself went wrong
    looked = pyqtSignal()  # after each look

    def __init__(
        self, studio: Studio, bridge: BridgePort | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._studio, self._bridge = studio, bridge
        self._looks = 0
        self._jobs_revision = -1
        self._library_revision: int | None = None
        self._sentence = ""
        self._audition: object = None
        self._model = ""
        self._presets = presets_stamp()
        self._bridge_state: object = None
        self._steps: deque[Step] = deque()
        self._tasks: list[tuple[_Task, Callable[[Any], None], Callable[[EngineError], None]]] = []
        self._library_opened = threading.Event()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin to look. The library is opened in a thread meanwhile."""
        if self._timer.isActive():
            return
        if not self._library_opened.is_set():
            threading.Thread(target=self._open_library, name="roomtone-library-opening", daemon=True).start()
        self._timer.start()

    def stop(self) -> None:
        """Look no more. What runs in threads has a second to end: the library must not close under it."""
        self._timer.stop()
        until = time.monotonic() + 1.0
        for task, _, _ in self._tasks:
            task.join(max(0.0, until - time.monotonic()))

    def do_in_steps(self, step: Step) -> None:
        """Call `step` in the window's thread, some milliseconds at a time, until it says that it is done."""
        self._steps.append(step)

    def do_in_thread(
        self,
        work: Callable[[], Any],
        then: Callable[[Any], None],
        failed: Callable[[EngineError], None],
    ) -> None:
        """Do `work` in a thread; `then` gets what came of it, `failed` an EngineError, both in our thread."""
        task = _Task(work)
        self._tasks.append((task, then, failed))
        task.start()

    def look(self) -> None:
        """Look at everything once. The timer calls this."""
        self._looks += 1
        self._look_at_jobs()
        self._look_at_sound()
        if self._looks % _SELDOM == 1:
            self._look_at_slow_things()
        if self._looks % _RARELY == 0:
            self._look_at_presets()
        self._finish_tasks()
        self._go_on_with_steps()
        self.looked.emit()

    def _look_at_jobs(self) -> None:
        revision, changed = self._studio.queue.since(self._jobs_revision)
        if revision == self._jobs_revision:
            return
        self._jobs_revision = revision
        if changed:
            self.jobs_changed.emit(changed)
        self.queue_changed.emit(self._studio.queue.jobs())

    def _look_at_sound(self) -> None:
        state = self._studio.audition.state()
        if state != self._audition:
            self._audition = state
            self.audition_changed.emit(state)

    def _look_at_slow_things(self) -> None:
        model = self._studio.model_loaded()
        if model != self._model:
            self._model = model
            self.model_changed.emit(model)
        if self._bridge is not None:
            snapshot = self._bridge.snapshot()
            if snapshot != self._bridge_state:
                self._bridge_state = snapshot
                self.bridge_changed.emit(snapshot)
        if self._library_opened.is_set():
            self._look_at_library()

    def _look_at_library(self) -> None:
        try:
            revision, sentence = self._studio.library.revision, ""
        except EngineError as error:
            revision, sentence = -1, str(error)
        if sentence and sentence != self._sentence:
            self.trouble.emit(sentence)
        self._sentence = sentence
        if revision != self._library_revision:
            self._library_revision = revision
            self.library_changed.emit()

    def _look_at_presets(self) -> None:
        stamp = presets_stamp()
        if stamp != self._presets:
            self._presets = stamp
            self.presets_changed.emit()

    def _finish_tasks(self) -> None:
        done = [entry for entry in self._tasks if not entry[0].is_alive()]
        self._tasks = [entry for entry in self._tasks if entry not in done]
        for task, then, failed in done:
            if task.error is not None:
                failed(task.error)
            else:
                then(task.result)

    def _go_on_with_steps(self) -> None:
        until = time.perf_counter() + SLICE_S
        while self._steps and time.perf_counter() < until:
            if not self._steps[0]():
                self._steps.popleft()

    def _open_library(self) -> None:
        with contextlib.suppress(EngineError):  # told at the next look, in the window's own thread
            _ = self._studio.library.revision
        self._library_opened.set()


class _Task(threading.Thread):
    """One piece of work in a thread of its own."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(name="roomtone-panel-task", daemon=True)
        self._work = work
        self.result: Any = None
        self.error: EngineError | None = None

    def run(self) -> None:
        """A refusal is kept for the window; anything else is a bug and goes to the thread's hook."""
        try:
            self.result = self._work()
        except EngineError as error:
            self.error = error
        except BaseException:
            self.error = EngineError("Something unexpected went wrong: the log has the details.")
            raise
