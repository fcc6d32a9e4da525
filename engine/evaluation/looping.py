"""Whether a loop is heard to begin: its seam among the places inside, over many loops.

A perfect seam is like any other place: its percentile is about 50 in the mean, and above the 95th in one loop
of twenty. Refuses to know how loops are made.
"""

from __future__ import annotations

from engine.evaluation.asking import Asked
from engine.evaluation.bars import Bar, bar
from engine.evaluation.ground import Ground
from engine.evaluation.seams import exceeding, seam

LOOP_S = 4.0


def loops(ground: Ground, prompts: list[Asked]) -> Bar:
    """A loop of each prompt. The figure: the kind of jump whose mean percentile is highest."""
    renders = ground.renders
    seams = [
        seam(renders.loop(asked.prompt, asked.seed, LOOP_S), renders.renderings.rate)
        for asked in ground.telling("rendering loops", prompts)
    ]
    found = exceeding(seams) if seams else {}
    details = {f"{name}, mean": mean for name, (mean, _) in found.items()}
    details |= {f"{name}, share above the 95th": above for name, (_, above) in found.items()}
    return bar("seam", max((mean for mean, _ in found.values()), default=None), len(seams), details)
