"""Candidates: a scene is rendered several times, and the sound that fits its prompt best comes first.

All are rendered before the first is written, into nameless files. It knows a renderer that can say how well a
sound fits, and no network.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.ranges import RANGES
from engine.renderer import Renderer
from engine.reports import CancelledCheck, Report
from engine.scene import Scene

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SEED_STEP = 64
"""Between the seeds of candidates: as many variations as can be asked for, so that no two are alike."""


@dataclass(frozen=True)
class Candidate:
    """A rendered scene. fit: from -1 to 1. blocks: gives its sound from the beginning, as often as asked."""

    scene: Scene
    fit: float
    blocks: Callable[[], Iterator[NDArray[np.float32]]]


def candidate_scenes(scene: Scene) -> list[Scene]:
    """The scenes of a resolved scene's candidates, each of which makes one of them again by itself."""
    seeds = int(RANGES["seed"].high) + 1
    return [
        replace(scene, seed=((scene.seed or 0) + number * SEED_STEP) % seeds, best_of=1)
        for number in range(scene.best_of)
    ]


@contextlib.contextmanager
def best_first(
    renderer: Renderer, scene: Scene, rate: int, tell: Report, cancelled: CancelledCheck
) -> Iterator[list[Candidate]]:
    """The candidates of a resolved scene, the one that fits its prompt best before the others.

    rate: the model's, in Hz. They are there until the context ends. Raises Cancelled like the renderer.
    """
    from engine.spool import Spool  # here: it loads numpy, for which a start need not wait

    with contextlib.ExitStack() as files:
        found = []
        for number, one in enumerate(candidate_scenes(scene)):

            def part(stage: str, fraction: float, number: int = number) -> None:
                tell(stage, (number + fraction) / scene.best_of)

            file = files.enter_context(tempfile.TemporaryFile(prefix="roomtone-"))
            spool = Spool(file, rate, renderer.render(one, part, cancelled), 0.0)
            found.append(Candidate(one, renderer.fit(one, spool.blocks()), spool.blocks))
        yield sorted(found, key=lambda candidate: -candidate.fit)


def fit_note(found: list[Candidate]) -> str:
    """A sentence for the user on the choice."""
    best, *others = (f"{candidate.fit:.2f}" for candidate in found)
    return f"The best of {len(found)}: it fits the prompt by {best} of 1, the others by {', '.join(others)}."
