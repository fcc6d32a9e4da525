"""Commands that are programs of their own: which word starts which module.

They are found by these names, and only by them, because the engine never imports a front end. Each module
has a `run` that takes the words after the command and returns the exit code; those in FRONT_ENDS are given
the session too, with the studio in it. This module knows nothing else of them.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

from engine.commands.session import Session

PROGRAMS = {
    "train": "engine.commands.train",
    "osc": "bridge.osc",
    "daw": "bridge.daw.__main__",
}
FRONT_ENDS = {
    "panel": "gui.__main__",
    "bridge": "bridge.__main__",
}


def is_program(word: str) -> bool:
    """Whether the command is a program of its own."""
    return word in PROGRAMS or word in FRONT_ENDS


def has_screen() -> bool:
    """Whether a window can be shown here: always, but on an X or Wayland system without either."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def run_program(words: Sequence[str], session: Session) -> int:
    """Run the program that the first word names with the words after it."""
    if words[0] in FRONT_ENDS:
        return int(importlib.import_module(FRONT_ENDS[words[0]]).run(words[1:], session))
    return int(importlib.import_module(PROGRAMS[words[0]]).run(words[1:]))
