"""The quality bars of a model: what each asks for, and whether a measured figure meets it.

Plain numbers and words; refuses to know how anything is measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

AT_LEAST, AT_MOST = "at least", "at most"

WHOLE = 200
"""Prompts of a whole assessment."""


@dataclass(frozen=True)
class Requirement:
    """words: what is measured. bound: AT_LEAST or AT_MOST the limit."""

    words: str
    bound: str
    limit: float


REQUIREMENTS: Mapping[str, Requirement] = {
    "families_by_texture": Requirement("right families by texture, to real clips", AT_LEAST, 0.85),
    "families_by_tower": Requirement("right families by the audio tower, to real clips", AT_LEAST, 0.85),
    "frechet": Requirement("Frechet distance, to that of train and test split", AT_MOST, 1.5),
    "vocoder_by_texture": Requirement("same family by texture after the vocoder", AT_LEAST, 0.95),
    "vocoder_by_tower": Requirement("same family by the audio tower after the vocoder", AT_LEAST, 0.95),
    "near_silent": Requirement("near-silent clips", AT_MOST, 0.0),
    "clipped": Requirement("clipped files", AT_MOST, 0.0),
    "dc": Requirement("files with DC", AT_MOST, 0.0),
    "mono": Requirement("mono files of wide families", AT_MOST, 0.0),
    "width": Requirement("files of wide families as wide as real ones", AT_LEAST, 0.9),
    "variety": Requirement("variety over seeds, to real clips of a family", AT_LEAST, 0.5),
    "near_copies": Requirement("near-copies of train clips", AT_MOST, 0.0),
    "languages_by_texture": Requirement("other languages by texture, to English", AT_LEAST, 0.85),
    "languages_by_text": Requirement("other languages by their vectors, to English", AT_LEAST, 0.85),
    "adjectives": Requirement("adjectives that move the sound the right way", AT_LEAST, 1.0),
    "seam": Requirement("jump of a loop's seam among those inside, percentile", AT_MOST, 95.0),
    "speed": Requirement("time to the length of the clip", AT_MOST, 0.07),
    "first_sound": Requirement("seconds until the first sound of a long clip", AT_MOST, 0.5),
}
"""Every bar, in the order of the table. "To": the figure is a ratio."""

Details = Mapping[str, float | str | None]


@dataclass(frozen=True)
class Bar:
    """A measured bar. figure: None where there was nothing to measure, which meets no requirement.

    clips: how many it is of, rendered where any are. details: what the figure comes from.
    """

    key: str
    requirement: Requirement
    figure: float | None
    clips: int
    details: Details

    @property
    def passed(self) -> bool:
        if self.figure is None:
            return False
        wanted = self.requirement
        return self.figure >= wanted.limit if wanted.bound == AT_LEAST else self.figure <= wanted.limit


def bar(key: str, figure: float | None, clips: int, details: Details) -> Bar:
    """The bar of that key; what is infinite or undefined is no figure."""
    kept = figure is not None and math.isfinite(figure)
    return Bar(key, REQUIREMENTS[key], figure if kept else None, clips, details)


def ratio(figure: float | None, reference: float | None) -> float | None:
    """None where one is missing or there is nothing to divide by."""
    return figure / reference if figure is not None and reference else None
