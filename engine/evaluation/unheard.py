"""How a model fares with prompts that are nobody's caption: rendered, and placed in families by the judge.

Refuses to know manifests and tables.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.evaluation.asking import held_back
from engine.evaluation.families import family_of
from engine.evaluation.judge import Judge
from engine.evaluation.renders import Renders
from engine.reports import Report

TOP = 3


@dataclass(frozen=True)
class Placed:
    """One prompt: scene and family that it means, and the families that its clip is likest to, best first."""

    prompt: str
    scene: str
    family: str
    likeliest: tuple[str, ...]

    def within(self, top: int) -> bool:
        """Whether the right family is among the first `top`."""
        return self.family in self.likeliest[:top]


def place_prompts(renders: Renders, judge: Judge, count: int, report: Report) -> tuple[Placed, ...]:
    """Render `count` of the held-back prompts, evenly spaced, and have each judged."""
    chosen, placed = held_back(count), []
    for done, asked in enumerate(chosen):
        report("rendering held-back prompts", done / len(chosen))
        likeliest = judge.likeliest(renders.statistics(asked.prompt, asked.seed), TOP)
        placed.append(Placed(asked.prompt, asked.scene, family_of(asked.scene), likeliest))
    return tuple(placed)
