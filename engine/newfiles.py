"""New files that are whole or not there: written under a hidden name, then given their own in one step.

What stands at a name already is never overwritten, not even by two programs at the same moment. This module
knows no sound.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.errors import EngineError
from engine.locks import FileLock

LOCKED = sys.platform != "win32"
"""Whether a file that is written is locked meanwhile. On Windows a lock would keep the writer out, too."""

_PREFIX, _SUFFIX, _NEW = ".roomtone-", ".part", ".new"
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}
_REASONS = {
    errno.ENOSPC: "the disk is full; free some space or choose another folder.",
    errno.EDQUOT: "your share of the disk is used up; free some space or choose another folder.",
    errno.EFBIG: "the file is too large for this disk; make the clip shorter or choose another folder.",
    errno.EROFS: "the disk is read-only; choose another folder.",
    errno.EACCES: "you may not write there; choose another folder.",
    errno.EPERM: "you may not write there; choose another folder.",
    errno.ENOTDIR: "a part of that path is a file, not a folder; choose another folder.",
    errno.ENOENT: "it is not there any more; choose another folder.",
    errno.ENAMETOOLONG: "the name is too long for this disk; choose a shorter one.",
    errno.EIO: "the disk reports an error; choose another folder.",
}


@contextlib.contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """An empty new file in `folder` under a hidden name, to be written and published. Gone at the end."""
    stem = f"{_PREFIX}{secrets.token_hex(8)}"
    part, new = folder / f"{stem}{_SUFFIX}", folder / f"{stem}{_NEW}"
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    lock = FileLock(new)
    try:
        if LOCKED:
            lock.take()  # before it has its name: nobody who sweeps finds it unlocked
        new.rename(part)
        yield part
    finally:
        for path in (new, part):
            path.unlink(missing_ok=True)
        lock.release()


def publish(part: Path, names: Iterable[Path]) -> Path:
    """Give the written file the first of `names` that is free, and return it.

    The content is on the disk before the name is. Raises FileExistsError when none is free.
    """
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    return give_name(part, names)


def give_name(path: Path, names: Iterable[Path]) -> Path:
    """Move a file to the first of `names`, on the same disk, that is free; what is there is never replaced.

    Raises FileExistsError when none is free.
    """
    for name in names:
        with contextlib.suppress(FileExistsError):
            _named(path, name)
            return name
    raise FileExistsError(errno.EEXIST, "all names are taken", str(path.parent))


@contextlib.contextmanager
def made_folder(folder: Path) -> Iterator[None]:
    """The folder, made with those above it; those that were made here go again when the block fails."""
    missing = [above for above in (folder, *folder.parents) if not above.exists()]
    try:
        _make(folder)
        yield
    except BaseException:
        for made in missing:
            # Another take may have come to lie in it: then it stays.
            with contextlib.suppress(OSError):
                made.rmdir()
        raise


@contextlib.contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turn what disks do (full, read-only, gone) into an EngineError, one sentence that names `folder`."""
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0)
        if reason is None:
            raise
        raise EngineError(f"Nothing could be written into {folder}: {reason}") from error


def remove_leftovers(folder: Path, older_than_seconds: float = 3600.0, below: bool = True) -> int:
    """Remove the hidden files of programs that were killed while writing; says how many.

    They are known by the lock that their writer holds as long as it lives, and where there are no such locks
    by their age. below: in the folders below `folder`, too.
    """
    before = time.time() - older_than_seconds
    removed = 0
    for path in (folder.rglob if below else folder.glob)(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if path.suffix in (_SUFFIX, _NEW) and (path.stat().st_mtime < before or _is_left(path)):
                path.unlink()
                removed += 1
    return removed


def _is_left(path: Path) -> bool:
    if not LOCKED or path.suffix != _SUFFIX:
        return False
    lock = FileLock(path)
    free = lock.take()
    lock.release()
    return free


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, "a file is in the way", str(folder)) from None


def _named(part: Path, name: Path) -> None:
    if sys.platform == "win32":
        part.rename(name)  # refuses a name that is taken
        return
    try:
        os.link(part, name)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _named_without_links(part, name)
    else:
        part.unlink()


def _named_without_links(part: Path, name: Path) -> None:
    """For disks that know no hard links (FAT, exFAT, some shares): take the name first, then fill it."""
    os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        part.replace(name)
    except BaseException:
        name.unlink()
        raise
