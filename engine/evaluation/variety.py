"""Whether another seed is another sound: how far apart the clips of one prompt lie, against real clips.

Where a clip lies is said by the statistics of its texture. Refuses to know networks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.asking import Asked, held_back
from engine.evaluation.bars import Bar, bar
from engine.evaluation.ground import Ground
from engine.training.held_back import held_back_prompts

SEEDS = 16
FIRST_SEED = 1000

Places = NDArray[np.float64]


def variety(ground: Ground, prompts: int) -> Bar:
    """Of so many held-back prompts, one of each of the families that have the most recordings."""
    chosen, figures, details = _one_of_each(ground, prompts), [], {}
    for asked in chosen:
        family = ground.choice.family(asked.scene)
        seeds = range(FIRST_SEED, FIRST_SEED + SEEDS)
        rendered = [
            ground.place(ground.renders.statistics(asked.prompt, seed))
            for seed in ground.telling(f"rendering {family} with {SEEDS} seeds", seeds)
        ]
        figures.append(mean_distance(rendered, [str(seed) for seed in seeds]) / real_variety(ground, family))
        details[asked.prompt] = figures[-1]
    return bar("variety", float(np.mean(figures)) if figures else None, SEEDS * len(chosen), details)


def real_variety(ground: Ground, family: str) -> float:
    """The mean distance of real clips of one family; 0 of less than two recordings."""
    members = [place for place, name in enumerate(ground.taught.families) if name == family]
    recordings = [ground.choice.others[place].recording_id for place in members]
    return mean_distance([ground.place(ground.taught.statistics[place]) for place in members], recordings)


def mean_distance(places: Sequence[Places], names: Sequence[str]) -> float:
    """Over all pairs of different names; 0 where there is no pair."""
    pairs = combinations(zip(places, names), 2)
    distances = [np.linalg.norm(one - two) for (one, name), (two, other) in pairs if name != other]
    return float(np.mean(distances)) if distances else 0.0


def _one_of_each(ground: Ground, count: int) -> list[Asked]:
    frequent = [family for family, _ in Counter(ground.taught.families).most_common()]
    prompts = held_back(len(held_back_prompts()))
    first = {ground.choice.family(asked.scene): asked for asked in reversed(prompts)}
    known = [first[family] for family in frequent if family in first and real_variety(ground, family) > 0]
    return known[:count]
