"""What a program that was killed left behind: a take that was finished all the same, and files half written.

This module looks into folders; it renders nothing and knows no queue.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import EngineError
from engine.jobs import Job
from engine.newfiles import remove_leftovers
from engine.scene import FORMATS

if TYPE_CHECKING:
    from engine.takes import Take

DAYS_SWEPT = 3


def clip_of(job: Job) -> str:
    """The clip id of the job's take, 12 hex digits: known beforehand, so that it can be looked for."""
    return hashlib.sha256(f"{job.id} {job.created}".encode()).hexdigest()[:12]


def finished_meanwhile(job: Job, library: Path) -> Take | None:
    """The take of a job whose program was killed after the file had its name, and before that was noted."""
    from engine.takes import read_take

    began = datetime.fromisoformat(job.created).timestamp() - 1.0
    for folder in _folders(job, library):
        for path in _sound_files(folder, began):
            with contextlib.suppress(EngineError):
                take = read_take(path)
                if take.recipe.clip == clip_of(job):
                    return take
    return None


def sweep(folder: Path) -> None:
    """Remove what killed programs left half written in a folder, not below it."""
    with contextlib.suppress(OSError):
        remove_leftovers(folder, below=False)


def sweep_library(library: Path) -> None:
    """Remove it from the library's folders of the last days."""
    for folder in [library / str(date.today() - timedelta(days=days)) for days in range(DAYS_SWEPT)]:
        sweep(folder)


def folder_of(job: Job, library: Path) -> Path:
    """Where the job's take goes today."""
    target = Path(job.target)
    if not job.target:
        return library / time.strftime("%Y-%m-%d")
    return target.parent if target.suffix.lower().lstrip(".") in FORMATS else target


def _folders(job: Job, library: Path) -> Iterator[Path]:
    if job.target:
        yield folder_of(job, library)
        return
    day = datetime.fromisoformat(job.created).date()
    # The clip may have waited for days; of many days the last ones are looked at.
    for days in range(min((date.today() - day).days, 30) + 1):
        yield library / str(date.today() - timedelta(days=days))


def _sound_files(folder: Path, began: float) -> list[Path]:
    found = []
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.suffix.lower().lstrip(".") in FORMATS and path.stat().st_mtime >= began:
                found.append(path)
    return found
