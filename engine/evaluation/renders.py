"""The clips that a model has rendered in one evaluation, each once, with what is asked of it more than once.

Knows waves and files; refuses to know figures.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.audio import read_audio
from engine.evaluation.passages import Passages
from engine.evaluation.rendering import Renderings, Wish
from engine.evaluation.sound import ClipSound, measure
from engine.evaluation.texture import Statistics, textures
from engine.reports import CancelledCheck
from engine.scene import Scene

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Render:
    """What is kept of a rendered clip. sound: as the model made it. finished: as the file has it."""

    statistics: Statistics
    passages: Passages
    sound: ClipSound
    finished: ClipSound


class Renders:
    """Of one model. A clip that was rendered before is not rendered again."""

    def __init__(self, renderings: Renderings, cancelled: CancelledCheck) -> None:
        self.renderings, self._cancelled = renderings, cancelled
        self._known: dict[Scene, Render] = {}

    def wave(self, prompt: str, seed: int) -> Samples:
        """(samples, channels) at `renderings.rate`, before any finishing; rendered anew."""
        return self.renderings.wave(self.renderings.scene(prompt, seed), self._cancelled)

    def loop(self, prompt: str, seed: int, seconds: float) -> Samples:
        """(samples, channels): a loop of about so long, one turn, before any finishing."""
        scene = replace(self.renderings.scene(prompt, seed), loop=True, seconds=seconds).checked()
        return self.renderings.wave(scene, self._cancelled)

    def render(self, prompt: str, seed: int) -> Render:
        """The clip of a prompt."""
        scene = self.renderings.scene(prompt, seed)
        if scene not in self._known:
            self.keep(scene, self.renderings.wave(scene, self._cancelled))
        return self._known[scene]

    def keep(self, scene: Scene, wave: Samples) -> None:
        """Take in a clip that has been rendered elsewhere."""
        rate = self.renderings.rate
        finished = measure(*self._finished(scene, wave))
        self._known[scene] = Render(textures(wave, rate), Passages(wave, rate), measure(wave, rate), finished)

    def statistics(self, prompt: str, seed: int) -> Statistics:
        """Of the texture of a clip, (windows, statistics)."""
        known = self._known.get(self.renderings.scene(prompt, seed))
        return known.statistics if known else textures(self.wave(prompt, seed), self.renderings.rate)

    def unasked(self) -> Renders:
        """The same model as it renders where nothing is wished, with no clip yet."""
        renderings = Renderings(self.renderings.entry, self.renderings.pipeline, Wish())
        return Renders(renderings, self._cancelled)

    def _finished(self, scene: Scene, wave: Samples) -> tuple[Samples, int]:
        """What a listener gets, and its rate: the finished file, read back."""
        with tempfile.TemporaryDirectory(prefix="roomtone-evaluate-") as folder:
            path = Path(folder) / "clip.wav"
            self.renderings.keep(wave, scene, path)
            return read_audio(path)
