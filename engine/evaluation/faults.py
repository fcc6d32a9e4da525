"""What no finished clip may have: near silence, clipping, DC, no width where the real scene is wide.

Knows finished clips and the width of real ones; refuses to know how clips are rendered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.evaluation.asking import Asked
from engine.evaluation.bars import Bar, bar
from engine.evaluation.clips import Choice, RealClips
from engine.evaluation.families import scene_of
from engine.evaluation.renders import Render
from engine.evaluation.sound import correlation, side_to_mid

WIDE_SIDE_TO_MID = 0.1
"""-20 dB."""
FEWEST_STEREO = 2
"""Recordings that say whether a family is wide. One made with one microphone says nothing."""
PERCENTILES = (5, 95)


@dataclass(frozen=True)
class RealWidth:
    """families: those that are mostly wide. correlation: of left and right in them, from and to."""

    families: frozenset[str]
    correlation: tuple[float, float]


def real_width(real: RealClips, choice: Choice) -> RealWidth:
    """Of the real clips of a manifest that were recorded in stereo."""
    stereo: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for recording in choice.others:
        wave = real.wave(recording)
        if (side := side_to_mid(wave)) > 0:
            stereo[choice.family(scene_of(recording))].append((side, correlation(wave)))
    wide = {
        family: clips
        for family, clips in stereo.items()
        if len(clips) >= FEWEST_STEREO and np.mean([side >= WIDE_SIDE_TO_MID for side, _ in clips]) > 0.5
    }
    known = [found for clips in wide.values() for _, found in clips] or [-1.0, 1.0]
    lowest, highest = np.percentile(known, PERCENTILES)
    return RealWidth(frozenset(wide), (float(lowest), float(highest)))


def faults(
    clips: Sequence[tuple[Asked, Render]], width: RealWidth, family: Callable[[str], str]
) -> list[Bar]:
    """The bars of finished clips. family: of a scene."""
    found = {
        "near_silent": [asked for asked, one in clips if one.sound.near_silent],
        "clipped": [asked for asked, one in clips if one.finished.clipped],
        "dc": [asked for asked, one in clips if one.finished.off_centre],
    }
    wide = [(a, one.finished) for a, one in clips if family(a.scene) in width.families and not a.mono]
    mono = [asked for asked, sound in wide if sound.mono]
    lowest, highest = width.correlation
    like_real = [lowest <= sound.correlation <= highest for _, sound in wide]
    return [
        *(bar(key, float(len(guilty)), len(clips), _named(guilty)) for key, guilty in found.items()),
        bar("mono", float(len(mono)) if wide else None, len(wide), _named(mono)),
        bar(
            "width",
            float(np.mean(like_real)) if wide else None,
            len(wide),
            {
                "wide families": ", ".join(sorted(width.families)),
                "lowest real correlation": lowest,
                "highest real correlation": highest,
                "median correlation": float(np.median([s.correlation for _, s in wide])) if wide else None,
            },
        ),
    ]


def _named(guilty: Sequence[Asked]) -> Mapping[str, str]:
    return {"prompts": "; ".join(asked.prompt for asked in guilty)} if guilty else {}
