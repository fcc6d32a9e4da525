"""How a long thing tells of its progress, and learns that nobody waits for it any more.

Below the front ends there is no bar and no print: a long function takes a `Report` and a `CancelledCheck`.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.errors import Cancelled

Report = Callable[[str, float], None]
"""`report(stage, fraction)`: the stage in plain words, the fraction of it that is done, from 0 to 1."""

CancelledCheck = Callable[[], bool]
"""`cancelled()`: True once the user took the request back."""


def silent(stage: str, fraction: float) -> None:
    """A report to nobody."""


def never() -> bool:
    """A check for work that nobody can cancel."""
    return False


def stop_if(cancelled: CancelledCheck) -> None:
    """Raise `Cancelled` when the user took the request back."""
    if cancelled():
        raise Cancelled("The request was cancelled.")
