"""What the quality bars are measured on: a model's renders, and the real clips that they are held against.

It holds what others have made ready and refuses to know any bar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.evaluation.clips import Choice, RealClips
from engine.evaluation.listening import Listener
from engine.evaluation.renders import Renders
from engine.evaluation.teaching import Taught
from engine.evaluation.texture import Statistics
from engine.reports import Report

Thing = TypeVar("Thing")

WINDOWS = 3
"""Windows of a texture in a clip of ten seconds."""


@dataclass(frozen=True)
class Ground:
    """by_text: what captions say of each scene."""

    renders: Renders
    listener: Listener
    real: RealClips
    choice: Choice
    taught: Taught
    by_text: Mapping[str, Tensor]
    report: Report

    def place(self, statistics: Statistics) -> NDArray[np.float64]:
        """Where a clip lies: the mean over its middle windows."""
        return self.taught.judge.place(middle(statistics))

    def telling(self, stage: str, things: Sequence[Thing]) -> Iterator[Thing]:
        """The things, one after the other, each told of beforehand; the report may raise to stop."""
        for done, thing in enumerate(things):
            self.report(stage, done / len(things))
            yield thing


def middle(statistics: Statistics) -> Statistics:
    """The middle windows of a clip, as many as a rendered one has."""
    first = max(0, len(statistics) - WINDOWS) // 2
    return statistics[first : first + WINDOWS]
