"""A ground for the quality bars without files and networks: recordings and renders that are made here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.evaluation.clips import Choice, Row
from engine.evaluation.ground import Ground
from engine.evaluation.passages import Passages
from engine.evaluation.renders import Render
from engine.evaluation.sound import measure
from engine.evaluation.teaching import teach
from engine.evaluation.texture import RATE, Statistics, textures
from engine.reports import silent
from engine.training.manifest import Recording

Wave = NDArray[np.float32]
Play = Callable[[str, int], Wave]


class MadeRenders:
    """Stands in for engine.evaluation.renders.Renders: `play` makes the clip of a prompt and a seed."""

    def __init__(self, play: Play) -> None:
        self.wave, self.renderings = play, SimpleNamespace(rate=RATE)

    def statistics(self, prompt: str, seed: int) -> Statistics:
        return textures(self.wave(prompt, seed), RATE)

    def loop(self, prompt: str, seed: int, seconds: float) -> Wave:
        return self.wave(prompt, seed)

    def render(self, prompt: str, seed: int) -> Render:
        wave = self.wave(prompt, seed)
        sound = measure(wave, RATE)
        return Render(textures(wave, RATE), Passages(wave, RATE), sound, sound)


class MadeClips:
    """Stands in for engine.evaluation.clips.RealClips."""

    rate = RATE

    def __init__(self, waves: Mapping[str, Wave]) -> None:
        self._waves = waves

    def whole(self, recording: Recording) -> Wave:
        return self._waves[recording.path.name]

    wave = whole


def made_ground(
    train: Mapping[str, tuple[str, Wave]],
    play: Play,
    test: Mapping[str, tuple[str, Wave]] | None = None,
    read: Callable[[str], int] = len,
) -> Ground:
    """train, test: file name -> scene and (samples, 1) at RATE. read: a sentence -> the place of its scene.

    Scenes have places in the alphabetical order of the train scenes.
    """
    test = test or {}
    others = tuple(_recording(name, scene) for name, (scene, _) in train.items())
    rows = tuple(Row(place, _recording(name, scene)) for place, (name, (scene, _)) in enumerate(test.items()))
    choice = Choice(rows, others, True, (), rows)
    real: Any = MadeClips({name: wave for name, (_, wave) in {**train, **test}.items()})
    scenes = sorted({scene for scene, _ in train.values()})
    axes = torch.eye(len(scenes))
    listener: Any = SimpleNamespace(read=lambda texts: np.stack([axes[read(text)].numpy() for text in texts]))
    renders: Any = MadeRenders(play)
    taught = teach(choice, real, silent)
    return Ground(renders, listener, real, choice, taught, dict(zip(scenes, axes)), silent)


def _recording(name: str, scene: str) -> Recording:
    return Recording(Path(name), (f"the sound of {scene}",), scene=scene, recording_id=name)
