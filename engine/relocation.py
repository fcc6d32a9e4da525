"""The library goes to another folder: copy, check, and only then switch. The old folder stays as it was.

Nothing is deleted and nothing is replaced, so a project that refers to a file at its old place goes on
finding it. This module knows no index and no window.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import EngineError, UsageError
from engine.newfiles import publish, told, unfinished
from engine.reports import CancelledCheck, Report, never, silent, stop_if

SPARE_BYTES = 64 * 2**20
"""What has to be left free on the new disk."""
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Copied:
    """What a copy of the library came to. there: files that were in the new folder already."""

    files: int
    there: int
    bytes: int


def check_move(source: Path, target: Path) -> None:
    """Raise UsageError when the library in `source` cannot go to `target`."""
    source, target = source.absolute(), target.absolute()
    if source == target:
        raise UsageError(f"The library is in {target} already.")
    if target.is_relative_to(source) or source.is_relative_to(target):
        raise UsageError(f"{target} and {source} lie within each other: choose a folder beside the library.")
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file: choose a folder.")


def copy_library(
    source: Path, target: Path, report: Report = silent, cancelled: CancelledCheck = never
) -> Copied:
    """Copy every file below `source` to the same place below `target` and read each copy back.

    A file that is there already with the same content is left; one with another content is never replaced:
    that raises UsageError before anything is copied. Raises EngineError when the new disk is too small or a
    copy is not like its original, and Cancelled; what was copied until then stays and is not copied again.
    """
    check_move(source, target)
    wanted = [(path, target / path.relative_to(source)) for path in _files(source)]
    missing = [(path, copy) for path, copy in wanted if not _is_there(path, copy)]
    whole = sum(path.stat().st_size for path, _ in missing)
    _check_space(target, whole)
    done = 0
    for path, copy in missing:
        stop_if(cancelled)
        report("copying the library", done / whole if whole else 1.0)
        _copy(path, copy)
        done += path.stat().st_size
    report("copying the library", 1.0)
    return Copied(len(missing), len(wanted) - len(missing), whole)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            # Takes that are being written now come with the second look, after the switch.
            if not name.endswith(".part"):
                yield Path(place) / name


def _is_there(path: Path, copy: Path) -> bool:
    try:
        there, here = copy.stat(), path.stat()
    except FileNotFoundError:
        return False
    if there.st_size == here.st_size and _digest(copy) == _digest(path):
        return True
    raise UsageError(f"{copy} is another file than {path}: choose an empty folder, or rename one of them.")


def _check_space(target: Path, needed: int) -> None:
    place = next(above for above in (target, *target.parents) if above.exists())
    free = shutil.disk_usage(place).free
    if free < needed + SPARE_BYTES:
        raise EngineError(
            f"The disk of {target} has {free / 2**30:.1f} GiB free, but the library takes "
            f"{needed / 2**30:.1f} GiB: choose another disk."
        )


def _copy(path: Path, copy: Path) -> None:
    with told(copy.parent):
        copy.parent.mkdir(parents=True, exist_ok=True)
        with unfinished(copy.parent) as part:
            shutil.copyfile(path, part)
            shutil.copystat(path, part)
            if _digest(part) != _digest(path):
                raise EngineError(f"The copy of {path} is not like its original: check the disk of {copy}.")
            publish(part, [copy])


def _digest(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.digest()
