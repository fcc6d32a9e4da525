"""The log file: where the traceback of an unexpected error goes, so that the user sees one sentence.

This module knows no command and prints nothing.
"""

from __future__ import annotations

import logging
import logging.handlers
import sys
from pathlib import Path

from engine import __version__
from engine.settings import folders

MAX_BYTES = 1_000_000
KEPT_FILES = 3


def log_file() -> Path:
    """The file that `keep` writes to. It need not exist yet."""
    return folders().logs / "roomtone.log"


def keep(error: BaseException, doing: str) -> str:
    """Write the traceback of `error`, which happened while `doing`, and return one sentence for the user.

    When even the log cannot be written the sentence says so; the first error is still the one that is told.
    """
    what = f"{type(error).__name__}: {error}".splitlines()[0][:200].rstrip(": ")
    try:
        path = _write(error, doing)
    except OSError as refused:
        reason = (refused.strerror or str(refused)).lower()
        return f"Something unexpected went wrong ({what}), and {log_file()} cannot be written ({reason})."
    return f"Something unexpected went wrong ({what}). The details are in {path}"


def _write(error: BaseException, doing: str) -> Path:
    path = log_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8", errors="backslashreplace"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    note = f"roomtone {__version__}, Python {sys.version.split()[0]}, {sys.platform}: {doing}"
    trace = (type(error), error, error.__traceback__)
    try:
        handler.handle(logging.LogRecord("roomtone", logging.ERROR, "", 0, note, (), trace))
    finally:
        handler.close()
    return path
