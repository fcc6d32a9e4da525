"""How a model fares with prompts that are nobody's caption: rendered, and placed in families by the judge.

Refuses to know manifests and tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.evaluation.families import family_of
from engine.evaluation.judge import Judge
from engine.evaluation.rendering import Renderings
from engine.evaluation.texture import textures
from engine.reports import CancelledCheck, Report
from engine.training.held_back import HeldBack, held_back_prompts

TOP = 3


@dataclass(frozen=True)
class Placed:
    """One prompt: the family that it means, and the families that its clip is likest to, best first."""

    prompt: str
    family: str
    likeliest: tuple[str, ...]

    def within(self, top: int) -> bool:
        """Whether the right family is among the first `top`."""
        return self.family in self.likeliest[:top]


def place_prompts(
    renderings: Renderings, judge: Judge, count: int, report: Report, cancelled: CancelledCheck
) -> tuple[Placed, ...]:
    """Render `count` of the held-back prompts, evenly spaced, and have each judged. Prompt n has seed n."""
    chosen = list(_chosen(count))
    placed = []
    for done, (seed, one) in enumerate(chosen):
        report("rendering held-back prompts", done / len(chosen))
        wave = renderings.wave(renderings.scene(one.prompt, seed), cancelled)
        order = np.argsort(-judge.scores(textures(wave, renderings.rate)))
        likeliest = tuple(judge.families[place] for place in order[:TOP])
        placed.append(Placed(one.prompt, family_of(one.scene), likeliest))
    return tuple(placed)


def _chosen(count: int) -> Iterator[tuple[int, HeldBack]]:
    prompts = held_back_prompts()
    for place in np.linspace(0, len(prompts) - 1, min(count, len(prompts))).round().astype(int):
        yield int(place), prompts[place]
