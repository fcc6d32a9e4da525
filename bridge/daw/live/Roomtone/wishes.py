"""What a track's name asks for: `roomtone: a scene in words, 4 bars`, or `..., 12 s`. It knows no Live."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

USUAL_BARS = 4
_WISH = re.compile(r"\s*roomtone\s*:\s*(.+)", re.IGNORECASE | re.DOTALL)
_LENGTH = re.compile(r"\s*,\s*(\d+(?:\.\d+)?)\s*(bars?|s|secs?|seconds?)\s*$", re.IGNORECASE)


class Wish(NamedTuple):
    """A scene and its length: in bars, or in seconds when bars is 0."""

    prompt: str
    bars: int
    seconds: float


def wish_in(name: str) -> Optional[Wish]:  # noqa: UP045  a Python of Live 11 reads this
    """The wish that a track's name is, or None when it is just a name."""
    found = _WISH.match(name)
    if not found:
        return None
    prompt = found.group(1).strip()
    length = _LENGTH.search(prompt)
    if not length:
        return Wish(prompt, USUAL_BARS, 0.0)
    prompt, number = prompt[: length.start()].strip(), float(length.group(1))
    if not prompt or number <= 0:
        return None
    if length.group(2).lower().startswith("b"):
        return Wish(prompt, max(1, int(number)), 0.0)
    return Wish(prompt, 0, number)


def seconds_of_bars(bars: int, numerator: int, denominator: int, bpm: float) -> float:
    """Live tells its tempo at the playhead only, so the bars are those of that tempo."""
    return bars * numerator * (4.0 / denominator) * 60.0 / bpm
