"""The one loop that trains every stage: batches, turns, averages, validation, checkpoints, resume.

Everything random is a function of (seed, step, share), so a run that was killed goes on bit for bit. A share
is one forward pass: with `accumulate` A on W processes a step has A x W shares, numbered through, so that two
processes learn what one process with twice the accumulation learns. The loop knows no audio, no mel, no loss:
a Stage does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from engine.devices import autocast, choose_training_precision
from engine.errors import Cancelled, EngineError, UsageError
from engine.reports import CancelledCheck, never
from engine.training import checkpoints, logs
from engine.training.learner import Learner, Turn, averages_in, learners_of, only_learning
from engine.training.processes import Processes
from engine.training.runs import RunConfig, write_run
from engine.training.seeds import number, torch_generator
from engine.training.stages import Stage

__all__ = ["Progress", "Stage", "Training", "Turn"]

BAD_STEPS_IN_A_ROW = 20  # then it is no accident


@dataclass(frozen=True)
class Progress:
    """Where a run is: `step` of `steps` done, the loss of the last step, an estimate that counts
    validation in.
    """

    step: int
    steps: int
    loss: float
    seconds_left: float
    doing: str


class Training:
    """One run of one stage, from the first step or from a checkpoint, to the last."""

    def __init__(
        self, run: RunConfig, stage: Stage, save_model: Callable[[Any, Path], None], processes: Processes
    ) -> None:
        """`save_model(model, folder)` writes a model folder. Raises UsageError for fp16 anywhere but on
        CUDA.
        """
        device = processes.device
        if run.optim.precision == "fp16" and device.type != "cuda":
            raise UsageError(
                f"optim.precision 'fp16' needs a CUDA device, this is '{device.type}'; choose bf16 or fp32."
            )
        self.run, self.stage, self.save_model, self.processes = run, stage, save_model, processes
        self.learners = learners_of(stage.turns, run.optim, device)
        self.step = 0
        self.bad_steps = self.bad_in_a_row = 0
        self._log: logs.RunLog | None = None

    def go(
        self, report: Callable[[Progress], None], cancelled: CancelledCheck = never, resume: bool = False
    ) -> Path:
        """Train to the last step; the folder of the last checkpoint.

        When `cancelled()`, finishes the step, writes a checkpoint and raises Cancelled. Raises EngineError
        after too many steps without a finite loss, UsageError when the folder holds a run and `resume` is
        False.
        """
        found = self._start(resume)
        if found is not None and self.step >= self.run.optim.steps:
            return found
        if self.processes.first:
            write_run(self.run)
            self._log = logs.RunLog(self.run.folder, self.step)
        cuda = [self.processes.device] if self.processes.device.type == "cuda" else []
        try:
            with torch.random.fork_rng(devices=cuda):
                return self._run(report, cancelled)
        finally:
            if self._log is not None:
                self._log.close()

    def _start(self, resume: bool) -> Path | None:
        out = self.run.folder
        found = checkpoints.latest(out)
        if found is not None and not resume:
            raise UsageError(
                f"'{out}' holds a run already ({found.name}); go on with --resume or choose another out."
            )
        if found is not None:
            self._load(checkpoints.read(found), found)
        self.processes.wait()
        if self.processes.first:
            checkpoints.sweep(out)
        self.processes.same_everywhere([learner.turn.module for learner in self.learners])
        return found

    def _run(self, report: Callable[[Progress], None], cancelled: CancelledCheck) -> Path:
        run, began_at, began = self.run, self.step, time.monotonic()
        written: Path | None = None

        def tell(doing: str, loss: float) -> None:
            pace = (time.monotonic() - began) / max(1, self.step - began_at)
            report(Progress(self.step, run.optim.steps, loss, pace * (run.optim.steps - self.step), doing))

        loss = float("nan")
        while self.step < run.optim.steps:
            if self.processes.any(cancelled()):
                raise Cancelled(
                    f"Stopped; '{written or self._checkpoint()}' is written, go on with --resume."
                )
            loss, written = self._one_step(loss), None
            last = self.step == run.optim.steps
            tell("training", loss)
            if last or self.step % run.every.validate == 0:
                tell("validating", loss)
                self._validate()
            if last or self.step % run.every.checkpoint == 0:
                tell("writing a checkpoint", loss)
                written = self._checkpoint()
        return written or checkpoints.folder_of(run.folder, self.step)

    def _one_step(self, loss_before: float) -> float:
        """Every turn once; the loss of the first turn that ran, or `loss_before` where none was good."""
        began = time.monotonic()
        world, rank = self.processes.world, self.processes.rank
        shares = [micro * world + rank for micro in range(self.run.optim.accumulate)]
        batches = [self.stage.batch(self.step, share, 0) for share in shares]
        for learner in self.learners:
            learner.turn.module.train()
        results = [
            self._turn(learner, shares, batches)
            for learner in self.learners
            if self.step >= learner.turn.starts_at
        ]
        self.processes.average_buffers([learner.turn.module for learner in self.learners])
        self.step += 1
        self._count(all(result is not None for result in results))
        if self._log is not None:
            self._log.step(self.step, time.monotonic() - began, self.bad_steps)
            if self.step % self.run.every.log == 0 or self.step == self.run.optim.steps:
                self._log.write_means(self.step)
        return next((result for result in results if result is not None), loss_before)

    def _turn(self, learner: Learner, shares: Sequence[int], batches: Sequence[Any]) -> float | None:
        """One turn's step; its loss, or None where it was skipped and has left no trace."""
        turn, seed, device = learner.turn, self.run.seed, self.processes.device
        # A forward pass moves the running statistics of every module it goes through, not only of its own.
        statistics = [buffer for other in self.learners for buffer in other.turn.module.buffers()]
        before = [buffer.clone() for buffer in statistics]
        total, figures = torch.zeros((), device=device), []
        with only_learning(learner, self.learners):
            for share, batch in zip(shares, batches):
                address = (seed, "loss", turn.name, self.step, share)
                torch.manual_seed(number(*address, "dropout"))  # dropout draws from the global generator
                with self._autocast():
                    loss, spoken = self.stage.loss(turn.name, batch, torch_generator(*address, device=device))
                learner.backward(loss / len(shares))
                total += loss.detach() / len(shares)
                figures.append(spoken)
        result = learner.update(self.step, total, self.processes)
        if result is None:
            for buffer, kept in zip(statistics, before):
                buffer.copy_(kept)
            return None
        if self._log is not None:
            self._log.turn(turn.name, {**logs.means(figures), "loss": result[0], "gradient_norm": result[1]})
            self._log.turn(turn.name, {"lr": learner.optimizer.param_groups[0]["lr"]})
        return result[0]

    def _count(self, good: bool) -> None:
        self.bad_in_a_row = 0 if good else self.bad_in_a_row + 1
        self.bad_steps += not good
        if self.bad_in_a_row >= BAD_STEPS_IN_A_ROW:
            raise EngineError(
                f"The loss or its gradient was no finite number in {BAD_STEPS_IN_A_ROW} steps in a row, up "
                f"to step {self.step}; lower optim.lr or set optim.precision=fp32, and go on from the last "
                "checkpoint with --resume."
            )

    def _validate(self) -> None:
        """On the first process, with averaged weights and always the same random numbers; the others wait."""
        if self._log is not None:
            for learner in self.learners:
                learner.turn.module.eval()
            generator = torch_generator(self.run.seed, "validation", device=self.processes.device)
            torch.manual_seed(number(self.run.seed, "validation"))
            with (
                averages_in(self.learners),
                torch.no_grad(),
                self._autocast(),
                self._log.listening(self.step),
            ):
                self._log.validation(self.step, self.stage.validate(generator))
            self._log.draw()
        self.processes.wait()

    def _checkpoint(self) -> Path:
        folder = checkpoints.folder_of(self.run.folder, self.step)
        if self.processes.first:
            checkpoints.write(
                self.run.folder, self.step, self._save_averaged, self._state, self.run.every.keep
            )
        self.processes.wait()
        return folder

    def _save_averaged(self, folder: Path) -> None:
        for learner in self.learners:
            learner.turn.module.eval()  # a stage may measure its model before it hands it out
        with averages_in(self.learners), torch.no_grad():
            self.save_model(self.stage.model(), folder)

    def _state(self) -> dict[str, Any]:
        return {
            "stage": self.stage.name,
            "step": self.step,
            "bad_steps": self.bad_steps,
            "bad_in_a_row": self.bad_in_a_row,
            "turns": {learner.turn.name: learner.state() for learner in self.learners},
        }

    def _load(self, state: dict[str, Any], folder: Path) -> None:
        try:
            if state["stage"] != self.stage.name:
                raise UsageError(
                    f"'{folder}' holds a run of the stage '{state['stage']}'; choose another out."
                )
            for learner in self.learners:
                learner.load(state["turns"][learner.turn.name])
            self.step = int(state["step"])
            self.bad_steps, self.bad_in_a_row = int(state["bad_steps"]), int(state["bad_in_a_row"])
        except (KeyError, ValueError, RuntimeError) as problem:
            raise EngineError(
                f"The checkpoint '{folder}' does not fit the model of this run; give the model it was begun "
                f"with, or another out ({str(problem).splitlines()[0]})."
            ) from problem

    def _autocast(self) -> AbstractContextManager[Any]:
        device = self.processes.device
        return autocast(device, choose_training_precision(device, self.run.optim.precision))
