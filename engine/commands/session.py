"""What a command gets beside its options: how to open the studio, and whether the user wants it to end.

This module knows no command.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.reports import CancelledCheck

if TYPE_CHECKING:
    from engine.studio import Studio

OpenStudio = Callable[[str, str, int], "Studio"]
"""(device, precision, threads) -> Studio; empty texts and 0 mean what the settings say."""


@dataclass(frozen=True)
class Session:
    """One run of one command. cancelled: true once Ctrl-C was pressed, even if a library swallowed it."""

    open_studio: OpenStudio
    cancelled: CancelledCheck


def open_studio(device: str, precision: str, threads: int) -> Studio:
    """The studio with the user's settings, not opened.

    Imported here, so that `--help` need not wait for it.
    """
    from engine.settings import load_settings
    from engine.studio import Studio

    return Studio(load_settings(), device=device, precision=precision, threads=threads)
