"""Python's cycle collector runs in whichever thread happens to allocate; widgets may only die in their own.

While the panel lives, collecting by itself is off, and the window's thread collects when it is due, the old
generation rarely. This module knows no widget.
"""

from __future__ import annotations

import gc

from PyQt6.QtCore import QObject, QTimer

DUE_MS = 1_000


class Collector(QObject):
    """Collects in the thread that made it, from `start` to `stop`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(DUE_MS)
        self._timer.timeout.connect(self.collect)

    def start(self) -> None:
        """Take the collecting over."""
        gc.disable()
        # What is there by now stays: looking through all modules again would hold the window up.
        gc.collect()
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        """Hand it back."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def collect(self) -> None:
        """Collect the youngest generation, and the older ones that are due by Python's own thresholds."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        due = [number for number in (1, 2) if counts[number] > thresholds[number] > 0]
        gc.collect(max(due, default=0))
