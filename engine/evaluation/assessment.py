"""The course through the quality bars that ask for clips of their own, and how many clips each gets.

Refuses to know how a bar is measured.
"""

from __future__ import annotations

from engine.evaluation.adjectives import adjectives
from engine.evaluation.asking import asked_prompts, held_back
from engine.evaluation.bars import WHOLE, Bar
from engine.evaluation.copies import near_copies
from engine.evaluation.faults import faults, real_width
from engine.evaluation.ground import Ground
from engine.evaluation.languages import languages
from engine.evaluation.looping import loops
from engine.evaluation.speed import speeds
from engine.evaluation.variety import variety

PROMPTS_TO_FOREIGN = 5
PROMPTS_TO_REPEATED = 50
"""So many prompts to one of those rendered with many seeds, or to one seed of an adjective."""
PROMPTS_TO_LOOP = 2
FEWEST_FOREIGN, FEWEST_SEEDS = 4, 2


def assess(ground: Ground, prompts: int) -> list[Bar]:
    """Render `prompts` clips and, in proportion, those of the other bars. Fewer are quicker and say less."""
    clips = [
        (asked, ground.renders.render(asked.prompt, asked.seed))
        for asked in ground.telling("rendering for the bars", asked_prompts(ground.choice, prompts))
    ]
    share = min(prompts, WHOLE) // PROMPTS_TO_REPEATED
    foreign = max(FEWEST_FOREIGN, min(prompts, WHOLE) // PROMPTS_TO_FOREIGN)
    return [
        *faults(clips, real_width(ground.real, ground.choice), ground.choice.family),
        variety(ground, max(1, share)),
        near_copies(ground, clips),
        *languages(ground, foreign),
        adjectives(ground, max(FEWEST_SEEDS, share)),
        loops(ground, held_back(max(1, min(prompts, WHOLE) // PROMPTS_TO_LOOP))),
        *speeds(ground.renders.unasked()),
    ]
