"""How well the judge knows real recordings that it was not taught: no more can be asked of rendered clips.

In turn each eighth of the recordings is heard by a judge of the others (cross-validation). Refuses to know
models and prompts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.clips import Choice
from engine.evaluation.families import scene_of
from engine.evaluation.ground import middle
from engine.evaluation.judge import Judge
from engine.evaluation.teaching import Taught

FOLDS = 8

Shares = tuple[float, float]
"""Of clips whose family is the judge's first word, and among its first words."""


def known_scenes(choice: Choice, taught: Taught, top: int) -> Mapping[str, Shares]:
    """Scene -> the shares of its clips, as long as rendered ones, that a judge of other recordings knows."""
    found: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    folds = _folds([one.recording_id for one in choice.others])
    for fold in range(FOLDS):
        learnt, heard = (np.flatnonzero(of_fold).tolist() for of_fold in (folds != fold, folds == fold))
        if not learnt or not heard:
            continue
        families = [taught.families[place] for place in learnt]
        judge = Judge([taught.statistics[place] for place in learnt], families)
        for place in heard:
            likeliest = judge.likeliest(middle(taught.statistics[place]), top)
            right = taught.families[place]
            found[scene_of(choice.others[place])].append((likeliest[0] == right, right in likeliest))
    return {scene: _means(hits) for scene, hits in found.items()}


def known_of(scenes: Sequence[str], known: Mapping[str, Shares]) -> Shares | None:
    """The mean over scenes, as often as they are named; None where no recording is of any."""
    shares = [known[scene] for scene in scenes if scene in known]
    return _means(shares) if shares else None


def _means(shares: Sequence[tuple[float, float]]) -> Shares:
    first, top = np.mean(np.asarray(shares, np.float64), axis=0).tolist()
    return first, top


def _folds(recordings: Sequence[str]) -> NDArray[np.intp]:
    """The fold of each clip; clips of one recording share theirs."""
    names = sorted(set(recordings))
    order = np.random.default_rng(0).permutation(len(names))
    fold = {names[place]: number % FOLDS for number, place in enumerate(order)}
    return np.array([fold[name] for name in recordings])
