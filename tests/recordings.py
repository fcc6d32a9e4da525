"""Eight short recordings with a manifest, and training on them as the command line drives it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch

from engine.models import store
from engine.models.store import Model
from engine.training.loop import Training
from engine.training.processes import Processes
from engine.training.runs import RunConfig, run_from_mapping
from engine.training.stages import Stage, open_stage

RATE = 8000
CAPTIONS = {
    "hum": "a deep electric hum",
    "rain": "heavy rain",
    "beep": "a high beep",
    "clock": "a ticking clock",
}


def write_recordings(folder: Path, seconds: float = 2.0) -> Path:
    """Four scenes, a train and a test clip of each, in stereo; the manifest's path."""
    time = np.arange(round(seconds * RATE)) / RATE
    generator = np.random.default_rng(0)
    with (folder / "manifest.csv").open("w", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(["path", "caption_1", "scene", "split"])
        for split in ("train", "test"):
            noise = 0.2 * generator.standard_normal((2, len(time)))
            sounds = {
                "hum": np.sin(2 * np.pi * 120 * time) + 0.5 * np.sin(2 * np.pi * 240 * time) + 0.01 * noise,
                "rain": noise,
                "beep": np.sin(2 * np.pi * 2500 * time) + 0.01 * noise,
                "clock": noise * (time % 0.25 < 0.01) + 0.001 * noise,
            }
            for scene, wave in sounds.items():
                soundfile.write(folder / f"{scene}-{split}.wav", 0.3 * wave.T / np.abs(wave).max(), RATE)
                rows.writerow([f"{scene}-{split}.wav", CAPTIONS[scene], scene, split])
    return folder / "manifest.csv"


def run_of(stage: str, manifest: Path, table: Mapping[str, Any], **optim: Any) -> RunConfig:
    """A run beside its manifest; checkpoint and validation at the end only."""
    settings = {"lr": 3e-3, "warmup_steps": 2, "ema": 0.9, "precision": "fp32"} | optim
    return run_from_mapping(
        {
            "stage": stage,
            "model": "tiny",
            "out": str(manifest.parent / "run"),
            "device": "cpu",
            "data": {"manifests": [str(manifest)], "segment_seconds": 1.0, "batch": 4},
            "optim": settings,
            "every": {"log": 10, "validate": 1000, "checkpoint": 1000},
            stage: dict(table),
        }
    )


@dataclass(frozen=True)
class Trained:
    """What came of a run: the loss of every step, the model's folder, the stage with its last weights."""

    losses: list[float]
    folder: Path
    stage: Stage

    def fall(self, steps: int = 5) -> float:
        """Mean loss of the last steps relative to that of the first."""
        return float(np.mean(self.losses[-steps:]) / np.mean(self.losses[:steps]))


def train(run: RunConfig, model: Model | None = None, resume: bool = False) -> Trained:
    """The run to its end, by the loop and the stage as they are."""
    device = torch.device("cpu")
    stage = open_stage(run, model or store.create("tiny", run.seed), device)
    losses: list[float] = []
    training = Training(run, stage, store.save, Processes(device))
    folder = training.go(
        lambda told: losses.append(told.loss) if told.doing == "training" else None, resume=resume
    )
    return Trained(losses, folder / "model", stage)
