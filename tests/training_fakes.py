"""A stage small enough to train in a test: a line through points, and a turn that learns the error's size.

True in every respect that the loop cares about: two turns with their own weights, dropout, batch
normalisation, random batches that are pure functions of their address, validation, a model that can be saved.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from engine.training.loop import Training, Turn
from engine.training.processes import Processes, join
from engine.training.runs import RunConfig, run_from_mapping
from engine.training.seeds import torch_generator

if TYPE_CHECKING:
    from engine.models.store import (
        Model,
    )  # costs seconds to import; the programs started by the tests need none

TRUTH = torch.tensor([[1.0], [-2.0], [0.5]])


class LineStage:
    """y = x TRUTH, learnt from eight points a share; `poison` steps have a loss that is not a number."""

    name = "vae"
    part = ("vae",)

    def __init__(self, run: RunConfig, dropout: float = 0.1, norm: bool = True, late: int = 2) -> None:
        """Without dropout and `norm` two shares of eight are exactly one of sixteen."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(run.seed)
            middle = nn.BatchNorm1d(3) if norm else nn.Identity()
            self.line = nn.Sequential(
                middle, nn.Linear(3, 8), nn.GELU(), nn.Dropout(dropout), nn.Linear(8, 1)
            )
            self.size = nn.Linear(1, 1)
        self.seed = run.seed
        self.poison: set[int] = set()
        self.seen: list[tuple[int, int]] = []
        self.turns = [Turn("line", self.line), Turn("size", self.size, starts_at=late, lr_scale=0.5)]

    def batch(self, step: int, micro: int, rank: int) -> tuple[Tensor, Tensor]:
        self.seen.append((step, micro))
        points = torch.randn(8, 3, generator=torch_generator(self.seed, "points", step, micro, rank))
        return points, points @ TRUTH + (float("nan") if step in self.poison else 0.0)

    def loss(
        self, turn: str, batch: tuple[Tensor, Tensor], generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        points, wanted = batch
        jitter = 0.01 * torch.randn(wanted.shape, generator=generator)
        error = self.line(points) - wanted + jitter
        if turn == "line":
            return error.square().mean() + 0.01 * self.size(error.square()).mean(), {
                "error": error.abs().mean().item()
            }
        size = error.detach().square()
        return (self.size(size) - size).square().mean(), {}

    def validate(self, generator: torch.Generator) -> dict[str, float]:
        points = torch.randn(64, 3, generator=generator)
        return {"line/loss": (self.line(points) - points @ TRUTH).square().mean().item()}

    def model(self) -> nn.Module:
        return self.line


class TinyStage(LineStage):
    """The line, trained beside a real model, as the command line opens a stage."""

    def __init__(self, run: RunConfig, model: Model, device: torch.device) -> None:
        super().__init__(run)
        self.whole = model
        self.table = run.stage_config(TinyConfig)

    def batch(self, step: int, micro: int, rank: int) -> tuple[Tensor, Tensor]:
        if step == self.table.stop_at:
            os.kill(os.getpid(), signal.SIGTERM)
        return super().batch(step, micro, rank)

    def model(self) -> Any:
        return self.whole


@dataclass(frozen=True)
class TinyConfig:
    """`stop_at`: the step in which somebody asks the program to end."""

    stop_at: int = -1


def save_line(model: nn.Module, folder: Path) -> None:
    """What engine.models.store.save does, for a line."""
    folder.mkdir(parents=True)
    torch.save(model.state_dict(), folder / "line.pt")


def run_of(out: Path, **optim: Any) -> RunConfig:
    """Six steps in full precision, a checkpoint after each third; validation (it draws) at the end only."""
    settings = {"steps": 6, "lr": 1e-2, "warmup_steps": 2, "precision": "fp32", "ema": 0.9} | optim
    every = {"log": 1, "validate": 1000, "checkpoint": 3}
    return run_from_mapping({"stage": "vae", "out": str(out), "optim": settings, "every": every})


def alone() -> Processes:
    return Processes(torch.device("cpu"))


def flat(value: Any) -> list[Any]:
    """Every leaf of nested containers, in order."""
    if isinstance(value, dict):
        return [leaf for key in sorted(value, key=str) for leaf in flat(value[key])]
    if isinstance(value, (list, tuple)):
        return [leaf for one in value for leaf in flat(one)]
    return [value]


def same(one: Any, other: Any) -> bool:
    """Bitwise equality of everything in two states."""
    pairs = list(zip(flat(one), flat(other), strict=True))
    return all(torch.equal(a, b) if isinstance(a, Tensor) else a == b for a, b in pairs)


def main() -> None:
    """One run described by a JSON text on the command line, in as many processes as we were started in."""
    wanted = json.loads(sys.argv[1])
    torch.set_num_threads(1)
    run = run_of(Path(wanted["out"]), **wanted["optim"])
    stage = LineStage(run, **wanted["stage"])
    kill_at = wanted.get("kill_at")

    def report(progress: Any) -> None:
        print(progress.step, progress.doing, flush=True)
        if progress.step == kill_at:
            sys.stdin.readline()  # nothing comes: whoever started us kills us here

    processes = join(torch.device("cpu"))
    try:
        Training(run, stage, save_line, processes).go(report, resume=wanted.get("resume", False))
    finally:
        if processes.world > 1:
            torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main()
