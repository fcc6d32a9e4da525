"""Pictures of clips, kept and made: asked for by the window's thread, read by one other, newest wish first.

What has scrolled away before it was begun is not read at all. This module knows files, not clips.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from engine.errors import EngineError
from gui.spectrogram import Spectrogram, read_spectrogram
from gui.waveform import Peaks, read_peaks

InThread = Callable[[Callable[[], Any], Callable[[Any], None], Callable[[EngineError], None]], None]
"""Does the first in a thread; the second gets what came of it, the third an error, in the window's thread."""

SMALL_COLUMNS = 80
LARGE_COLUMNS = 1_200
_KEPT = 2_000
_WAITING = 64
_SLICE_SECONDS = 0.1

_Wish = tuple[str, Path]
_KINDS: dict[str, Callable[[Path], object]] = {
    "small": lambda path: read_peaks(path, SMALL_COLUMNS),
    "large": lambda path: read_peaks(path, LARGE_COLUMNS),
    "spectrogram": read_spectrogram,
}


class Pictures(QObject):
    """Signals: drawn(Path) when a picture of that file, or the fact that there is none, has become known."""

    drawn = pyqtSignal(object)

    def __init__(self, in_thread: InThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._in_thread = in_thread
        self._kept: OrderedDict[_Wish, object] = OrderedDict()
        self._wishes: OrderedDict[_Wish, None] = OrderedDict()
        self._ending = threading.Event()
        self._busy = False

    def small(self, path: Path) -> Peaks | None:
        """The outline for a list; None while it is not known, or when there is none."""
        peaks = self._picture("small", path)
        return peaks if isinstance(peaks, Peaks) else None

    def large(self, path: Path) -> Peaks | None:
        """The outline for a large view."""
        peaks = self._picture("large", path)
        return peaks if isinstance(peaks, Peaks) else None

    def spectrogram(self, path: Path) -> Spectrogram | None:
        """The spectrogram."""
        picture = self._picture("spectrogram", path)
        return picture if isinstance(picture, Spectrogram) else None

    def close(self) -> None:
        """Read nothing more."""
        self._ending.set()

    def _picture(self, kind: str, path: Path) -> object:
        wish = (kind, path)
        if wish in self._kept:
            self._kept.move_to_end(wish)
            return self._kept[wish]
        # The other thread takes wishes away meanwhile, so each step here is one that cannot be split.
        self._wishes.pop(wish, None)
        self._wishes[wish] = None
        if len(self._wishes) > _WAITING:
            with contextlib.suppress(KeyError):
                self._wishes.popitem(last=False)
        self._begin()
        return None

    def _begin(self) -> None:
        if not self._busy and self._wishes and not self._ending.is_set():
            self._busy = True
            self._in_thread(self._read_some, self._keep, self._failed)

    def _read_some(self) -> dict[_Wish, object]:
        """Runs in the thread: the newest wishes, until a little time is over."""
        read: dict[_Wish, object] = {}
        until = time.monotonic() + _SLICE_SECONDS
        while self._wishes and time.monotonic() < until and not self._ending.is_set():
            try:
                wish, _ = self._wishes.popitem()
            except KeyError:
                break  # the window's thread was quicker
            try:
                read[wish] = _KINDS[wish[0]](wish[1])
            except EngineError as error:
                read[wish] = error
        return read

    def _keep(self, read: dict[_Wish, object]) -> None:
        self._busy = False
        self._kept.update(read)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        for path in dict.fromkeys(path for _, path in read):
            self.drawn.emit(path)
        self._begin()

    def _failed(self, _error: EngineError) -> None:
        self._busy = False
