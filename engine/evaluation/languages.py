"""Whether a prompt in another language is understood as well as an English one of the same scenes.

Two ears: the judge of textures hears the clips, and the scenes' captions tell where a prompt's vector lies.
Refuses to know how clips are rendered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import torch

from engine.evaluation.asking import Asked, numbered, spread
from engine.evaluation.bars import Bar, bar, ratio
from engine.evaluation.ground import Ground
from engine.training.held_back import held_back_languages, held_back_prompts
from engine.training.retrieval import nearest_scenes

Hits = Sequence[tuple[Asked, bool]]
ENGLISH = "english"


def languages(ground: Ground, prompts: int) -> list[Bar]:
    """So many prompts in other languages are rendered, and as large a share of the English ones.

    The vectors are of all prompts.
    """
    foreign = numbered(held_back_languages())
    scenes = {asked.scene for asked in foreign}
    english = [asked for asked in numbered(held_back_prompts()) if asked.scene in scenes]
    chosen = spread(foreign, prompts)
    counterparts = spread(english, max(1, round(len(english) * len(chosen) / len(foreign))))
    rendered = [*_heard(ground, chosen), *_heard(ground, counterparts)]
    return [
        _compared("languages_by_texture", rendered, len(rendered)),
        _compared("languages_by_text", _read(ground, [*foreign, *english]), 0),
    ]


def _heard(ground: Ground, prompts: Sequence[Asked]) -> Iterable[tuple[Asked, bool]]:
    """Whether the judge hears the right family, of prompts whose family it knows."""
    for asked in ground.telling("rendering other languages", prompts):
        family = ground.choice.family(asked.scene)
        if family in ground.taught.judge.families:
            statistics = ground.renders.statistics(asked.prompt, asked.seed)
            yield asked, ground.taught.judge.family(statistics) == family


def _read(ground: Ground, prompts: Sequence[Asked]) -> Hits:
    """Whether the right scene's captions are nearest, of prompts whose scene has captions."""
    known = [asked for asked in prompts if asked.scene in ground.by_text]
    if not known:
        return []
    vectors = torch.from_numpy(ground.listener.read([asked.prompt for asked in known]))
    nearest = nearest_scenes(vectors, ground.by_text, 1)
    return [(asked, names[0] == asked.scene) for asked, names in zip(known, nearest)]


def _compared(key: str, hits: Hits, clips: int) -> Bar:
    """The share of right ones of all other languages together, to that of English."""
    right: dict[str, list[bool]] = defaultdict(list)
    for asked, hit in hits:
        right[asked.language].append(hit)
    shares = {language: float(np.mean(found)) for language, found in right.items()}
    others = [hit for asked, hit in hits if asked.language != ENGLISH]
    figure = ratio(float(np.mean(others)), shares.get(ENGLISH)) if others else None
    return bar(key, figure, clips, shares)
