"""The changes that can be made to a clip, in words; and which wishes for one cannot be fulfilled.

It knows no scene and looks into no file.
"""

from __future__ import annotations

import re

from engine.errors import UsageError
from engine.ranges import check_choice, check_number

CHANGES: dict[str, str] = {
    "vary": "renders the clip anew, near to it or far from it",
    "extend": "goes on from the clip's end, or leads up to its beginning",
    "inpaint": "replaces a part of the clip",
}
ENDS = ("start", "end")
KEEPING = ("extend", "inpaint")
"""Changes that leave a part of the clip as it is."""
SHORTEST_PART_SECONDS = 0.1


def check_change(source: str, change: str, strength: float, at: str, part: str) -> None:
    """Raise UsageError, one sentence, when what is asked for cannot be made from a clip.

    source: the clip, "" for none. The others as in a Scene.
    """
    check_number("strength", strength)
    check_choice("at", at, ENDS)
    if change:
        check_choice("change", change, tuple(CHANGES))
    if change and not source:
        raise UsageError(f"There is no clip to {change}: name its file.")
    if change == "inpaint":
        part_of(part)


def part_of(text: str) -> tuple[float, float]:
    """First and last second of a part such as "3.0-5.5". Raises UsageError when it is none."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(\d+(?:\.\d+)?)\s*", text)
    if match is None:
        raise UsageError(f"The range {text[:40]!r} is not known: write it in seconds, such as 3.0-5.5.")
    first, last = float(match[1]), float(match[2])
    if last - first < SHORTEST_PART_SECONDS:
        raise UsageError(f"The range {text[:40]} is shorter than {SHORTEST_PART_SECONDS:g} s.")
    return first, last


def part_text(first: float, last: float) -> str:
    """The text that `part_of` reads as exactly this part, in seconds from 0."""
    from decimal import Decimal  # no start waits for it

    return f"{Decimal(repr(first)):f}-{Decimal(repr(last)):f}"
