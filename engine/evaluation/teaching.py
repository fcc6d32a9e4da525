"""What the real clips of a manifest teach before a model is measured: families by texture, scenes by towers.

Hears each clip once; refuses to know renders and figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from engine.audio import resample
from engine.evaluation.clips import Choice, RealClips
from engine.evaluation.families import scene_of
from engine.evaluation.figures import Landmarks
from engine.evaluation.judge import Judge
from engine.evaluation.listening import Listener, Vectors
from engine.evaluation.passages import Passages
from engine.evaluation.texture import RATE, Statistics, textures
from engine.reports import Report
from engine.training.retrieval import scene_vectors


@dataclass(frozen=True)
class Taught:
    """The judge of families and what it has heard, of each of a choice's `others`."""

    judge: Judge
    families: Sequence[str]
    statistics: Sequence[Statistics]
    passages: Sequence[Passages]


def teach(choice: Choice, real: RealClips, report: Report) -> Taught:
    """Textures and passages of the whole recordings."""
    statistics, passages = [], []
    for place, recording in enumerate(choice.others):
        report("teaching the judge", place / len(choice.others))
        mono = resample(real.whole(recording).mean(axis=1, keepdims=True), real.rate, RATE)
        statistics.append(textures(mono, RATE))
        passages.append(Passages(mono, RATE))
    families = [choice.family(scene_of(recording)) for recording in choice.others]
    return Taught(Judge(statistics, families), families, statistics, passages)


def landmarks_of(
    choice: Choice, real: RealClips, listener: Listener, report: Report
) -> tuple[Vectors, Landmarks]:
    """The vectors of the other real clips, and what they and their captions say of each scene."""
    heard = []
    for place, recording in enumerate(choice.others):
        report("listening to real clips", place / len(choice.others))
        heard.append(listener.hear(real.wave(recording), real.rate))
    others = np.stack(heard)
    names = [scene_of(recording) for recording in choice.others]
    pairs = [(text, scene_of(recording)) for recording in choice.others for text in recording.captions]
    sentences = torch.from_numpy(listener.read([text for text, _ in pairs]))
    return others, Landmarks(
        by_sound=scene_vectors(torch.from_numpy(others), names),
        by_text=scene_vectors(sentences, [name for _, name in pairs]),
        captions=listener.read([row.prompt for row in choice.rows]),
        family=choice.family,
    )
