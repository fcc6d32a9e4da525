"""Locks between programs: held by a file, let go by the system itself when the holder ends, however it ends.

This module knows nothing else of the house.
"""

from __future__ import annotations

import contextlib
import secrets
import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """A lock on the file at `path`, which is made with its folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    def take(self) -> bool:
        """Take the lock; False when another program, or another lock of this one, has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("ab")
        try:
            _lock(file)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Let it go; the file stays."""
        if self._file is not None:
            self._file.close()
            self._file = None


class LifeSign:
    """A file that tells other programs that this one lives. token: the name by which they ask."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.token = secrets.token_hex(8)
        self._lock: FileLock | None = None

    def begin(self) -> None:
        """From now on it lives. Raises OSError when the folder cannot be written to."""
        # Locked before it has its name: nobody finds it unlocked.
        lock = FileLock(self._folder / f".{self.token}")
        lock.take()
        self._lock = lock
        if sys.platform != "win32":
            lock.path.rename(self._folder / self.token)

    def end(self) -> None:
        """It lives no more."""
        if self._lock is not None:
            self._lock.release()
            _remove(self._folder / self.token)
            self._lock = None


def is_alive(folder: Path, token: str) -> bool:
    """Whether the program with that token lives. The file of one that was killed is removed."""
    path = folder / (f".{token}" if sys.platform == "win32" else token)
    if not token or not path.exists():
        return False
    lock = FileLock(path)
    try:
        dead = lock.take()
    except OSError:
        return True
    if dead:
        lock.release()
        _remove(path)
    return not dead


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
