"""How long a job takes: learned from every job that is done, for each model, device and precision.

From it come a fraction of the whole job that never falls, and the seconds that are left, which are only told
once something is known. This module knows stages by their names, and no network.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path

from engine.errors import EngineError
from engine.logs import keep
from engine.scene import Scene
from engine.textfiles import replace_text

STAGES = ("starting", "loading the model", "reading the prompt", "denoising", "decoding", "writing")
WHOLE = STAGES[:3]
"""Stages that tell no part of theirs: they are done when the next one begins."""
GUESS_S = {
    "starting": 4.0,
    "loading the model": 4.0,
    "reading the prompt": 0.2,
    "denoising": 0.02,
    "decoding": 0.2,
    "writing": 0.05,
}
"""Seconds a unit of work, before anything is learned; only their ratios are used then."""
LEARNING = 0.4
"""The weight of the newest job: what is true today counts, one slow render does not spoil everything."""
TOLD_FROM = 0.1
"""The share of denoising after which its own pace tells what is left."""

_CALLS = {"heun": 2.0}
"""Network calls a step, where there is more than one."""


class Estimates:
    """What was learned, kept in a JSON file. Thread-safe. A damaged file is begun anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._learned: dict[str, dict[str, float]] | None = None

    def rates(self, key: str) -> dict[str, float]:
        """Seconds a unit of work in each stage, as far as they are learned."""
        with self._lock:
            if self._learned is None:
                self._learned = _read(self._path)
            return dict(self._learned.get(key, {}))

    def learn(self, key: str, rates: dict[str, float]) -> None:
        """Take in what the stages of one finished job took, in seconds a unit of work."""
        with self._lock:
            # Another program may have learned meanwhile.
            learned = _read(self._path)
            known = learned.setdefault(key, {})
            for stage, rate in rates.items():
                known[stage] = rate if stage not in known else known[stage] + LEARNING * (rate - known[stage])
            self._learned = learned
            try:
                replace_text(self._path, json.dumps(learned, indent=1))
            except EngineError as error:
                keep(error, "keeping what renders take")


class Course:
    """The way of one job through its stages. Used by one thread.

    skipped: stages that this job needs not, since the engine has started and its model is in memory.
    """

    def __init__(
        self,
        estimates: Estimates,
        key: str,
        scene: Scene,
        skipped: Collection[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._estimates, self._key, self._clock = estimates, key, clock
        self._units = units_of(scene)
        rates = estimates.rates(key)
        self._known = "denoising" in rates
        self._plan = {
            stage: self._units[stage] * rates.get(stage, GUESS_S[stage])
            for stage in STAGES
            if stage not in skipped
        }
        self._took = dict.fromkeys(STAGES, 0.0)
        self._parts = dict.fromkeys(STAGES, 0.0)
        self._stage = STAGES[0] if STAGES[0] in self._plan else ""
        self._began_s = self._heard_s = clock()
        self._highest = 0.0

    def told(self, stage: str, part: float) -> tuple[float, float | None]:
        """(fraction of the whole job, seconds left or None) now that `part` of `stage` is done.

        A clip of several layers comes back to the same stages, with parts that grow over all of them.
        """
        now_s = self._heard_s = self._clock()
        if stage != self._stage:
            self._leave(now_s)
            self._stage, self._began_s = stage, now_s
            if stage == STAGES[-1]:
                self._parts |= dict.fromkeys(STAGES[:-1], 1.0)
        if stage in self._parts:
            self._parts[stage] = max(self._parts[stage], min(part, 1.0))
        done_s = sum(planned * self._parts[name] for name, planned in self._plan.items())
        self._highest = min(max(self._highest, done_s / sum(self._plan.values())), 0.999)
        return self._highest, self._left()

    def finish(self) -> None:
        """The job is done: learn what its stages took."""
        self._leave(self._clock())
        self._estimates.learn(
            self._key,
            {
                stage: took / self._units[stage]
                for stage, took in self._took.items()
                if stage in self._plan and took
            },
        )

    def _left(self) -> float | None:
        if not self._known and (self._stage in WHOLE or self._stage not in STAGES):
            return None
        part, planned_s = self._parts.get(self._stage, 0.0), self._plan.get(self._stage, 0.0)
        elapsed_s = self._took.get(self._stage, 0.0) + self._heard_s - self._began_s
        others_s = sum(
            planned * (1.0 - self._parts[name]) for name, planned in self._plan.items() if name != self._stage
        )
        if part >= TOLD_FROM and elapsed_s > 0.0:
            left_s = elapsed_s * (1.0 - part) / part
            # What is slower today than it used to be will be so in the stages to come. Before anything is
            # learned, only the ratios of the guesses hold.
            pace = (elapsed_s + left_s) / planned_s if planned_s and self._stage == "denoising" else 1.0
            return left_s + others_s * (min(max(pace, 0.5), 2.0) if self._known else pace)
        return max(0.0, planned_s - elapsed_s) + others_s if self._known else None

    def _leave(self, now_s: float) -> None:
        if self._stage in STAGES:
            self._took[self._stage] += now_s - self._began_s
        for stage in WHOLE[: WHOLE.index(self._stage) + 1] if self._stage in WHOLE else ():
            self._parts[stage] = 1.0


def units_of(scene: Scene) -> dict[str, float]:
    """How much work each stage of a resolved scene is."""
    renders = scene.best_of * (1 if scene.stem else max(1, len(scene.layers)))
    calls = (scene.steps or 1) * _CALLS.get(scene.sampler, 1.0) * renders
    # A clip shorter than this costs hardly less: what does not grow with the length outweighs the rest.
    seconds = max(scene.seconds, 2.0)
    return dict(zip(STAGES, (1.0, 1.0, 1.0, calls * seconds, renders * seconds, seconds)))


def _read(path: Path) -> dict[str, dict[str, float]]:
    try:
        learned = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(key): {stage: float(rates[stage]) for stage in STAGES if float(rates.get(stage, -1.0)) >= 0.0}
            for key, rates in learned.items()
        }
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
