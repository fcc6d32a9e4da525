"""The library's folder watched while a front end is open: what is added, moved or removed by hand is noticed.

One thread, owned by the Library that starts it. It begins with a rescan, for what happened while nobody
watched. A folder that is not there yet, or no more, is waited for.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from pathlib import Path

from engine.errors import Cancelled, EngineError
from engine.library.entries import TRASH
from engine.library.index import Index
from engine.library.reading import is_sound
from engine.library.rescanning import mark_missing, read_into, rescan
from engine.library.rows import CLIP_TABLES, path_key
from engine.reports import silent

LOOK_MS = 200
SETTLE_MS = 50
WAIT_SECONDS = 1.0
LOOK_SECONDS = 60.0


class Watch:
    """Watches `folder` into `index` from `start` to `stop`."""

    def __init__(self, folder: Path, index: Index) -> None:
        self._folder = folder
        self._index = index
        self._stopping = threading.Event()
        self._watching = threading.Event()
        self._told = False
        self._thread = threading.Thread(target=self._run, name="library-watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self._stopping.set()
        self._thread.join()

    def wait_until_watching(self, timeout: float) -> bool:
        """Whether changes from now on are noticed; waits so many seconds for it."""
        return self._watching.wait(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._folder.is_dir():
                    self._watch()
            except Cancelled:
                return
            except (EngineError, OSError) as error:
                self._look_instead(error)
            self._watching.clear()
            self._stopping.wait(WAIT_SECONDS)

    def _watch(self) -> None:
        from watchfiles import watch

        first = True
        changes = watch(
            self._folder,
            watch_filter=self._concerns_us,
            step=SETTLE_MS,
            rust_timeout=LOOK_MS,
            yield_on_timeout=True,
            stop_event=self._stopping,
            raise_interrupt=False,
        )
        for batch in changes:
            if first:
                # Only now, when nothing can be missed any more.
                rescan(self._index, self._folder, silent, self._stopping.is_set)
                self._watching.set()
                first = False
            if not self._folder.is_dir():
                return
            if batch:
                self._reconcile({Path(path) for _, path in batch})

    def _look_instead(self, error: Exception) -> None:
        """For systems that watch no more folders: look through the library now and then, and say so once."""
        if not self._told:
            self._told = True
            logging.getLogger(__name__).warning(
                "The library is looked through every %g s instead of watched: %s", LOOK_SECONDS, error
            )
        with contextlib.suppress(EngineError, OSError, Cancelled):
            rescan(self._index, self._folder, silent, self._stopping.is_set)
        self._stopping.wait(LOOK_SECONDS)

    def _reconcile(self, paths: set[Path]) -> None:
        if any(path.is_dir() or not (is_sound(path) or path.exists()) for path in paths):
            # Of a folder that moved, only the folder is told.
            rescan(self._index, self._folder, silent, self._stopping.is_set)
            return
        sounds = {path for path in paths if is_sound(path)}
        there = sorted(path for path in sounds if path.is_file() and self._is_news(path))
        read_into(self._index, self._folder, there, [])
        gone = [path_key(path, self._folder) for path in sounds if not path.exists()]
        mark_missing(self._index, self._folder, gone)

    def _is_news(self, path: Path) -> bool:
        sql = f"SELECT size, mtime_ns FROM {CLIP_TABLES} WHERE path = ? AND missing = 0"
        rows = self._index.rows(sql, (path_key(path, self._folder),))
        state = path.stat()
        return not rows or (rows[0]["size"], rows[0]["mtime_ns"]) != (state.st_size, state.st_mtime_ns)

    def _concerns_us(self, _change: object, path: str) -> bool:
        """Everything but what is hidden; of that, only the trash."""
        parts = Path(path).relative_to(self._folder).parts
        return not any(part.startswith(".") and part != TRASH for part in parts)
