"""What a training stage is, and the closed table of those that exist, each imported when it is asked for.

This module knows no stage's mathematics. The loop drives whatever has a Stage's shape, listed here or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol

import torch
from torch import Tensor

from engine.training.learner import Turn
from engine.training.runs import RunConfig
from engine.training.seeds import number

STAGES = {
    "vae": "engine.training.vae:VaeStage",
    "clap": "engine.training.clap:ClapStage",
    "ldm": "engine.training.ldm:LdmStage",
    "vocoder": "engine.training.vocoder:VocoderStage",
}


class Stage(Protocol):
    """What is learnt; built as `XStage(run: RunConfig, model: Model, device: torch.device)`."""

    @property
    def name(self) -> str:
        """The stage's name: vae, clap, ldm or vocoder."""

    @property
    def part(self) -> tuple[str, ...]:
        """The parts of the model that it trains."""

    @property
    def turns(self) -> Sequence[Turn]:
        """Run one after another within each step, on the same batches."""

    def batch(self, step: int, micro: int, rank: int) -> Any:
        """The recordings of one share: a pure function of its arguments and the run's seed.

        The loop numbers the shares of all processes through in `micro` and passes rank 0.
        """

    def loss(self, turn: str, batch: Any, generator: torch.Generator) -> tuple[Tensor, Mapping[str, float]]:
        """(scalar to lower, figures for the log); `generator` lies on the run's device."""

    def validate(self, generator: torch.Generator) -> Mapping[str, float]:
        """Figures on the test split; sounds go to `logs.add_audio`. Modules are in eval mode, weights
        averaged.
        """

    def model(self) -> Any:
        """The complete engine.models.store.Model with the trained parts in place."""


def open_stage(run: RunConfig, model: Any, device: torch.device) -> Stage:
    """The stage that `run` names, on `model` (engine.models.store.Model), ready for the loop.

    Networks that it makes for itself (discriminators) begin with weights that follow from the run's seed.
    """
    module, _, name = STAGES[run.stage].partition(":")
    build = getattr(import_module(module), name)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(number(run.seed, run.stage))
        stage: Stage = build(run, model, device)
    return stage
