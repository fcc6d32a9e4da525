"""Which prompts the bars render: nobody's captions, captions of the measured rows, captions learnt from.

Refuses to know models.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from engine.evaluation.clips import Choice
from engine.evaluation.families import scene_of
from engine.training.held_back import HeldBack, held_back_prompts
from engine.widening import says_mono

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Asked:
    """A prompt, the seed of its clip and the scene that it means."""

    prompt: str
    seed: int
    scene: str
    language: str = "english"

    @property
    def mono(self) -> bool:
        """Whether it wants no width."""
        return says_mono(self.prompt)


def spread(things: Sequence[Thing], count: int) -> list[Thing]:
    """`count` of the things, or all, evenly spaced."""
    places = np.linspace(0, len(things) - 1, min(count, len(things))).round().astype(int)
    return [things[place] for place in places]


def numbered(prompts: Iterable[HeldBack]) -> list[Asked]:
    """Prompt n of a table has seed n."""
    return [Asked(one.prompt, seed, one.scene, one.language) for seed, one in enumerate(prompts)]


def held_back(count: int) -> list[Asked]:
    """So many of the English held-back prompts."""
    return spread(numbered(held_back_prompts()), count)


def asked_prompts(choice: Choice, count: int) -> list[Asked]:
    """`count` prompts, fewer of a small manifest: half of them held back, then captions.

    A quarter is captions of the measured rows, with the seeds of their clips, the rest of train rows.
    """
    prompts = held_back(count // 2)
    prompts += [Asked(row.prompt, row.number, row.scene) for row in spread(choice.rows, count // 4)]
    learnt = [Asked(one.captions[0], seed, scene_of(one)) for seed, one in enumerate(choice.others)]
    return prompts + spread(learnt, count - len(prompts))
