"""Whether an adjective moves the sound the way it says: heavy rain is louder than light rain.

Clips are measured as the model makes them: finishing brings all to one loudness.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.bars import Bar, bar
from engine.evaluation.descriptors import brightness, density, loudness, onset_rate
from engine.evaluation.ground import Ground

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Contrast:
    """Two prompts. measures: what the first has more of, by name: (wave, rate) -> number."""

    more: str
    less: str
    measures: Mapping[str, Callable[[Samples, int], float]]


CONTRASTS = (
    Contrast("heavy rain", "light rain", {"LUFS": loudness, "dB of density": density}),
    Contrast("close thunder", "distant thunder", {"Hz of centroid": brightness}),
    Contrast("a waterfall close by", "a distant waterfall", {"Hz of centroid": brightness}),
    Contrast("a rough sea", "a calm sea", {"LUFS": loudness}),
    Contrast("many birds singing", "a few birds singing", {"onsets a second": onset_rate}),
)
FIRST_SEED = 2000


def adjectives(ground: Ground, seeds: int) -> Bar:
    """The share of measures that go the right way, each a mean over so many seeds."""
    order: list[bool] = []
    details: dict[str, str] = {}
    for contrast in ground.telling("rendering adjectives", CONTRASTS):
        more, less = (_measured(ground, contrast, prompt, seeds) for prompt in (contrast.more, contrast.less))
        for name in contrast.measures:
            order.append(more[name] > less[name])
            words = f"{contrast.more}, {contrast.less}: {name}"
            details[words] = f"{more[name]:.1f}, {less[name]:.1f}{'' if order[-1] else ' (wrong)'}"
    clips = 2 * seeds * len(CONTRASTS)
    return bar("adjectives", float(np.mean(order)), clips, details)


def _measured(ground: Ground, contrast: Contrast, prompt: str, seeds: int) -> dict[str, float]:
    renders = ground.renders
    waves = [renders.wave(prompt, FIRST_SEED + number) for number in range(seeds)]
    return {
        name: float(np.mean([of(wave, renders.renderings.rate) for wave in waves]))
        for name, of in contrast.measures.items()
    }
