"""Text to sound: one resolved Scene in, blocks of samples out, with the parts of a model folder.

The first module below the torch line. It knows networks and Scenes; refuses to know recipes and queues.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.devices import choose, choose_precision, round_weights
from engine.edits import keeps
from engine.filling import filled
from engine.fitness import fitness
from engine.mixing import mixed
from engine.models.store import Model, load
from engine.reports import CancelledCheck, Report, stop_if
from engine.scene import Scene
from engine.synthesis import Synthesis
from engine.widening import widened

Samples = NDArray[np.float32]

RENDERING_PARTS = ("mel", "vae", "unet", "text_encoder", "vocoder", "scheduler")


class Pipeline(Synthesis):
    """A loaded model, ready to render. Not thread-safe: one render at a time."""

    def __init__(
        self, model: Model, device: torch.device, precision: torch.dtype, folder: Path | None = None
    ) -> None:
        super().__init__(model, device, precision)
        self._folder = folder

    def render(self, scene: Scene, report: Report, cancelled: CancelledCheck) -> Iterator[Samples]:
        """Blocks (samples, channels) float32 at the model's rate, round(seconds * rate) samples in all.

        A loop is one turn of the nearest length on the denoiser's grid; mastering fits it into its seconds.
        `scene` must be resolved: seed, steps, guidance and sampler set. The samples depend on the scene, the
        weights, the device and the precision alone. Raises Cancelled one call of the denoiser after
        `cancelled()`.
        """
        if scene.seed is None or scene.steps is None or scene.guidance is None or not scene.sampler:
            raise ValueError("the scene is not resolved: seed, steps, guidance or sampler is open")

        def tell(stage: str, fraction: float) -> None:
            stop_if(cancelled)
            report(stage, fraction)

        tell("reading the prompt", 0.0)
        if scene.layers:
            blocks = mixed(self, scene, tell, cancelled)
        elif keeps(scene):
            blocks = filled(self, scene, tell, cancelled)
        else:
            blocks = self.whole(scene, tell, cancelled)
        if scene.width is None or self.model.mel.config.channels == 1:
            return blocks
        return widened(blocks, self.model.index.sample_rate, scene.width, scene.loop)

    def fit(self, scene: Scene, blocks: Iterator[Samples]) -> float:
        """How well a sound fits the scene's prompt: the cosine of their CLAP vectors, -1 to 1.

        The audio tower is loaded when it is first needed. Raises EngineError when it is damaged.
        """
        if not hasattr(self.model, "audio_encoder"):
            if self._folder is None:
                raise ValueError("the model has no audio tower, and no folder to load it from")
            self.model.audio_encoder = load(self._folder, ("audio_encoder",)).audio_encoder.to(self.device)
        model = self.model
        return fitness(model.text_encoder, model.audio_encoder, scene.prompt, blocks, model.index.sample_rate)


def load_pipeline(folder: Path, device: str = "auto", precision: str = "auto") -> Pipeline:
    """The model of a folder on the device the user or the machine chooses.

    Raises EngineError for a damaged folder or an absent device, UsageError for a word that is none.
    """
    chosen = choose(device)
    dtype = choose_precision(chosen, precision)  # a wrong word is told before seconds of loading
    model = load(folder, RENDERING_PARTS)
    round_weights(model.unet, dtype)
    return Pipeline(model, chosen, dtype, folder)
