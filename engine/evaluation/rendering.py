"""The clips that a model renders for measured rows: one after another, each with its row's caption and seed.

Knows the pipeline and Scenes; refuses to know figures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import __version__
from engine.catalogue import ModelEntry, weight_hash
from engine.errors import EngineError, UsageError
from engine.evaluation.clips import Row
from engine.pipeline import Pipeline
from engine.recipe import Recipe
from engine.reports import CancelledCheck, silent
from engine.scene import Output, Scene
from engine.takes import write_take

Samples = NDArray[np.float32]

LONGEST_S = 10.0
"""Or the model's window, where that is shorter."""


@dataclass(frozen=True)
class Wish:
    """How the clips shall be rendered; None: as the model's index says."""

    steps: int | None = None
    guidance: float | None = None


class Renderings:
    """Of one loaded model."""

    def __init__(self, entry: ModelEntry, pipeline: Pipeline, wish: Wish) -> None:
        self.entry, self.pipeline, index = entry, pipeline, entry.index
        self.rate, self.seconds = index.sample_rate, clip_seconds(entry)
        steps = index.default_steps if wish.steps is None else wish.steps
        self._scene = Scene(
            prompt="silence",
            seconds=self.seconds,
            seed=0,
            steps=steps,
            guidance=index.guidance_in(steps) if wish.guidance is None else wish.guidance,
            sampler=index.default_sampler,
            model=entry.name,
        ).checked()

    def scene(self, prompt: str, seed: int) -> Scene:
        """The resolved scene of a prompt. Raises UsageError where it cannot be rendered."""
        return replace(self._scene, prompt=prompt, seed=seed).checked()

    def wave(self, scene: Scene, cancelled: CancelledCheck) -> Samples:
        """(samples, channels) at the model's rate. Raises EngineError where its numbers are no sound."""
        wave = np.concatenate(list(self.pipeline.render(scene, silent, cancelled)))
        if not np.isfinite(wave).all():
            raise EngineError(
                f"The model {self.entry.name} made no sound of '{scene.prompt[:80]}': get its weights anew."
            )
        return wave

    def keep(self, wave: Samples, scene: Scene, path: Path) -> None:
        """Write the finished clip with its recipe."""
        recipe = Recipe(
            scene=scene,
            output=Output(rate=self.rate),
            model=self.entry.name,
            weight_hash=weight_hash(self.entry.folder),
            version=__version__,
            device=str(self.pipeline.device),
            precision=str(self.pipeline.precision).removeprefix("torch."),
        )
        write_take([wave], self.rate, recipe, path, path.parent)


def clip_seconds(entry: ModelEntry) -> float:
    """The length of the measured clips of a model."""
    return min(LONGEST_S, entry.index.window_seconds)


def clip_names(rows: tuple[Row, ...], folder: Path) -> list[Path]:
    """A new .wav for each row. Raises UsageError where one is there already."""
    names = [folder / f"{row.number:03d}-{_plain(row.scene) or 'clip'}.wav" for row in rows]
    for name in names:
        if name.exists():
            raise UsageError(f"{name} is there already and is never overwritten: choose another folder.")
    return names


def _plain(scene: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "_-" else "_" for letter in scene)[:40]
