"""One turn's learning: AdamW with its learning rate, the averaged weights, the guard against bad gradients.

A `Learner` knows the parameters of one module and nothing of what is learnt: the loss comes from outside.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engine.training.processes import Processes
from engine.training.runs import OptimConfig

AVERAGE_WARMUP = 10  # the average's decay is at most (1 + n) / (10 + n) after n steps


@dataclass(frozen=True)
class Turn:
    """A module that learns, one after another within each step; `ema`: keep averaged weights of it.

    It joins at step `starts_at` with `lr_scale` times the run's learning rate. Weights that do not require a
    gradient when the run begins stay frozen. No weight may belong to two turns.
    """

    name: str
    module: nn.Module
    starts_at: int = 0
    lr_scale: float = 1.0
    ema: bool = True


def learning_rate(optim: OptimConfig, step: int, starts_at: int = 0) -> float:
    """The rate at `step` (0-based): linear warm-up from the turn's start, cosine to `lr * lr_floor` at the
    end.

    Cosine without restarts: Loshchilov & Hutter 2017, eq. 5.
    """
    warm = min(1.0, (step - starts_at + 1) / optim.warmup_steps) if optim.warmup_steps else 1.0
    done = min(1.0, step / optim.steps)
    cosine = 0.5 * (1.0 + math.cos(math.pi * done))
    return optim.lr * warm * (optim.lr_floor + (1.0 - optim.lr_floor) * cosine)


class Learner:
    """The optimizer, the averaged weights and the gradient scaler of one turn."""

    def __init__(self, turn: Turn, optim: OptimConfig, device: torch.device) -> None:
        self.turn = turn
        self.optim = optim
        self.weights = [weight for weight in turn.module.parameters() if weight.requires_grad]
        if not self.weights:
            raise ValueError(f"the turn {turn.name!r} has no weight that requires a gradient")
        self.optimizer = _adamw(self.weights, optim)
        self.scaler = torch.amp.GradScaler(device.type) if optim.precision == "fp16" else None
        keeps = turn.ema and optim.ema > 0
        self.average = [weight.detach().clone() for weight in self.weights] if keeps else []
        self.updates = 0

    def require_gradients(self, wanted: bool) -> None:
        """Let gradients reach this turn's weights, or not: other turns' losses pass through them
        unhindered.
        """
        for weight in self.weights:
            weight.requires_grad_(wanted)

    def backward(self, loss: Tensor) -> None:
        """Add this share's gradients to those of the step."""
        (loss if self.scaler is None else self.scaler.scale(loss)).backward()

    def update(self, step: int, loss: Tensor, processes: Processes) -> tuple[float, float] | None:
        """Take one step along the gathered gradients; (loss, norm of the gradient), or None where one is not
        finite.

        On None neither weights nor moments nor average have changed.
        """
        loss = processes.average_gradients(self.weights, loss)
        if self.scaler is not None:
            self.scaler.unscale_(self.optimizer)
        limit = self.optim.clip or math.inf
        norm = nn.utils.clip_grad_norm_(self.weights, limit)
        value, size = torch.stack([loss.float(), norm.float()]).tolist()
        finite = math.isfinite(value) and math.isfinite(size)
        if finite:
            self._advance(step)
        if self.scaler is not None:
            self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        return (value, size) if finite else None

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The averaged weights stand in the module; afterwards the live ones are back, bit for bit."""
        live = [weight.detach().clone() for weight in self.weights] if self.average else []
        _copy(self.weights if live else [], self.average)
        try:
            yield
        finally:
            _copy(self.weights if live else [], live)

    def state(self) -> dict[str, Any]:
        """Everything that the next step depends on; tensors, numbers, text and containers of them only."""
        return {
            "module": dict(self.turn.module.state_dict()),
            "optimizer": self.optimizer.state_dict(),
            "average": list(self.average),
            "updates": self.updates,
            "scaler": self.scaler.state_dict() if self.scaler is not None else {},
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from `state()`. Raises ValueError or RuntimeError where it belongs to another module."""
        self.turn.module.load_state_dict(state["module"])
        self.optimizer.load_state_dict(state["optimizer"])
        for group, fresh in zip(self.optimizer.param_groups, _groups(self.weights, self.optim)):
            group |= {
                "weight_decay": fresh["weight_decay"],
                "betas": self.optim.betas,
            }  # the run file's, not the old
        if len(state["average"]) == len(self.average):
            _copy(self.average, state["average"])
        elif self.average:  # the average was switched on since: it starts from the live weights
            _copy(self.average, [weight.detach() for weight in self.weights])
        self.updates = int(state["updates"])
        if self.scaler is not None and state["scaler"]:
            self.scaler.load_state_dict(state["scaler"])

    def _advance(self, step: int) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.optim, step, self.turn.starts_at) * self.turn.lr_scale
        if self.scaler is None:
            self.optimizer.step()
        else:
            self.scaler.step(self.optimizer)
        if self.average:
            decay = min(self.optim.ema, (1 + self.updates) / (AVERAGE_WARMUP + self.updates))
            for kept, weight in zip(self.average, self.weights):
                kept.lerp_(weight.detach(), 1.0 - decay)
        self.updates += 1


def learners_of(turns: Sequence[Turn], optim: OptimConfig, device: torch.device) -> list[Learner]:
    """A learner for each turn. Raises ValueError where two turns share a weight: both would move it."""
    learners = [Learner(turn, optim, device) for turn in turns]
    owners: dict[int, str] = {}
    for learner in learners:
        for weight in learner.weights:
            owner = owners.setdefault(id(weight), learner.turn.name)
            if owner != learner.turn.name:
                raise ValueError(f"the turns {owner!r} and {learner.turn.name!r} share a weight")
    return learners


@contextmanager
def averages_in(learners: Sequence[Learner]) -> Iterator[None]:
    """Every learner's averaged weights in place, as validation and model folders want them."""
    if not learners:
        yield
        return
    with learners[0].averaged(), averages_in(learners[1:]):
        yield


@contextmanager
def only_learning(learner: Learner, learners: Sequence[Learner]) -> Iterator[None]:
    """Gradients reach one turn's weights only: it saves the others' share of the backward pass."""
    for other in learners:
        other.require_gradients(other is learner)
    try:
        yield
    finally:
        for other in learners:
            other.require_gradients(True)


def _adamw(weights: Sequence[nn.Parameter], optim: OptimConfig) -> torch.optim.AdamW:
    try:
        return torch.optim.AdamW(_groups(weights, optim), lr=optim.lr, betas=optim.betas, fused=True)
    except RuntimeError:  # a device or a type of number without the fused step
        return torch.optim.AdamW(_groups(weights, optim), lr=optim.lr, betas=optim.betas)


def _groups(weights: Sequence[nn.Parameter], optim: OptimConfig) -> list[dict[str, Any]]:
    decayed = [weight for weight in weights if weight.ndim > 1]
    others = [weight for weight in weights if weight.ndim <= 1]
    pairs = ((decayed, optim.weight_decay), (others, 0.0))
    return [{"params": group, "weight_decay": decay} for group, decay in pairs if group]


def _copy(targets: Sequence[Tensor], sources: Sequence[Tensor]) -> None:
    with torch.no_grad():
        for target, source in zip(targets, sources, strict=True):
            target.copy_(source)
