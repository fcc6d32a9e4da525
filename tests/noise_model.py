"""A true stand-in for a trained model: its sound is noise, which depends on the scene and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.__main__ import main
from engine.model_index import ModelIndex, write_index
from engine.reports import CancelledCheck, Report
from engine.scene import Scene
from engine.settings import folders, load_settings
from engine.studio import Studio

RATE = 8_000
BLOCK_SAMPLES = 4_000


class NoiseRenderer:
    """Renders at once."""

    device = "cpu"
    precision = "float32"

    def render(
        self, scene: Scene, report: Report, cancelled: CancelledCheck
    ) -> Iterator[NDArray[np.float32]]:
        word = f"{scene.prompt}|{scene.avoid}|{scene.seed}|{scene.steps}|{scene.guidance}|{scene.sampler}"
        random = np.random.default_rng(list(hashlib.sha256(word.encode()).digest()))
        samples = round(scene.seconds * RATE)
        for start in range(0, samples, BLOCK_SAMPLES):
            report("denoising", start / samples)
            block = random.standard_normal((min(BLOCK_SAMPLES, samples - start), 2))
            yield (0.1 * block).astype(np.float32)


class FailingRenderer(NoiseRenderer):
    """Does as the prompt says: after the first block, raises what was given for it."""

    def __init__(self, faults: dict[str, Exception]) -> None:
        self._faults = faults

    def render(
        self, scene: Scene, report: Report, cancelled: CancelledCheck
    ) -> Iterator[NDArray[np.float32]]:
        blocks = super().render(scene, report, cancelled)
        yield next(blocks)
        if scene.prompt in self._faults:
            raise self._faults[scene.prompt]
        yield from blocks


class Loader:
    """Loads a renderer, in whatever process, and remembers in a file what it was asked for."""

    def __init__(self, renderer: NoiseRenderer | None = None) -> None:
        self.threads: list[int] = []
        self._memory = folders().cache / "asked.jsonl"
        self._memory.parent.mkdir(parents=True, exist_ok=True)
        self._memory.unlink(missing_ok=True)
        self._renderer = renderer or NoiseRenderer()

    def __call__(self, folder: Path, device: str, precision: str) -> NoiseRenderer:
        with self._memory.open("a") as file:
            file.write(json.dumps([folder.name, device, precision]) + "\n")
        return self._renderer

    @property
    def asked(self) -> list[tuple[str, str, str]]:
        """(model, device, precision) of every load."""
        lines = self._memory.read_text().splitlines() if self._memory.exists() else []
        return [tuple(json.loads(line)) for line in lines]

    def open_studio(self, device: str, precision: str, threads: int) -> Studio:
        """A studio as the command line opens one, but with this loader."""
        self.threads.append(threads)
        return Studio(load_settings(), device, precision, threads, load_pipeline=self)


def load_noise(folder: Path, device: str, precision: str) -> NoiseRenderer:
    """The plain loader."""
    return NoiseRenderer()


def roomtone(*words: str, loader: Loader | None = None) -> int:
    """The command line's exit code, with this loader's renderer in the place of a trained model."""
    return main(words, (loader or Loader()).open_studio)


def make_noise_model(name: str = "noise", weights: bytes = b"white") -> Path:
    """A model folder among the user's own models."""
    folder = folders().models / name
    (folder / "unet").mkdir(parents=True, exist_ok=True)
    (folder / "unet" / "model.safetensors").write_bytes(weights)
    index = ModelIndex(
        name=name,
        sample_rate=RATE,
        default_steps=6,
        default_guidance=2.0,
        default_sampler="euler",
        licence="CC0-1.0",
        sale_allowed=True,
        description="Noise.",
        parts={"unet": "Denoiser"},
    )
    write_index(folder, index)
    return folder
