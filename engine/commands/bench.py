"""`roomtone bench`: times a model on this machine, from the prompt to the finished file.

It renders through the studio, as every front end does, and throws the clips away. The first render is told
apart, since it also loads the model.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands.console import Console
from engine.commands.request import machine_of, scene_of, whole
from engine.commands.session import Session
from engine.reports import CancelledCheck
from engine.scene import Scene

if TYPE_CHECKING:
    from engine.studio import Studio

PROMPT = "steady rain on a canvas tent, distant thunder"
MOST_REPEATS = 100


@dataclass(frozen=True)
class Figures:
    """What the bench measured; times in s, medians over the repeats.

    first_s: the first render, which loads the model. stages_s: each stage of a later render.
    real_time_factor: time of a later render by the length of its clip. peak_bytes: of the process, 0 where
    the system does not tell.
    """

    model: str
    device: str
    precision: str
    seconds: float
    steps: int
    first_s: float
    render_s: float
    stages_s: dict[str, float]
    real_time_factor: float
    peak_bytes: int


class StageClock:
    """A report that notes how long each stage lasted."""

    def __init__(self) -> None:
        self.stages_s: dict[str, float] = {}
        self._stage = ""
        self._began_s = time.perf_counter()

    def __call__(self, stage: str, fraction: float) -> None:
        if stage != self._stage:
            self.stop()
            self._stage = stage

    def stop(self) -> None:
        """End the current stage."""
        now_s = time.perf_counter()
        if self._stage:
            self.stages_s[self._stage] = self.stages_s.get(self._stage, 0.0) + now_s - self._began_s
        self._began_s = now_s


def run(arguments: argparse.Namespace, session: Session) -> int:
    """Render once and then `--repeats` times, and print the figures."""
    options = {"prompt": PROMPT, "seed": 1, "model": arguments.model}
    options |= {} if arguments.seconds is None else {"seconds": arguments.seconds}
    scene = scene_of(options)
    repeats = whole("repeats", arguments.repeats, 1, MOST_REPEATS)
    studio = session.open_studio(*machine_of(arguments))
    figures = measure(studio, scene, repeats, Console(arguments.json), session.cancelled)
    if arguments.json:
        print(json.dumps(asdict(figures), ensure_ascii=False))
    else:
        print("\n".join(_rows(figures)))
    return 0


def measure(
    studio: Studio, scene: Scene, repeats: int, console: Console, cancelled: CancelledCheck
) -> Figures:
    """Render `scene` once and then `repeats` times into a folder that is thrown away."""
    scene = studio.resolve(scene)
    clocks, times_s = [], []
    with tempfile.TemporaryDirectory(prefix="roomtone-bench-") as folder:
        for number in range(repeats + 1):
            console.say(f"  render {number} of {repeats}" if number else "  first render, loading the model")
            clock, began_s = StageClock(), time.perf_counter()
            take = studio.render(scene, None, Path(folder), clock, cancelled)
            times_s.append(time.perf_counter() - began_s)
            clock.stop()
            clocks.append(clock)
    later = clocks[1:]
    stages = {name: statistics.median(clock.stages_s[name] for clock in later) for name in later[0].stages_s}
    render_s = statistics.median(times_s[1:])
    return Figures(
        model=take.recipe.model,
        device=take.recipe.device,
        precision=take.recipe.precision,
        seconds=scene.seconds,
        steps=scene.steps or 0,
        first_s=times_s[0],
        render_s=render_s,
        stages_s=stages,
        real_time_factor=render_s / scene.seconds,
        peak_bytes=peak_memory(),
    )


def peak_memory() -> int:
    """The most memory that this process has held, in bytes; 0 on Windows, which does not tell it this way."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _rows(figures: Figures) -> list[str]:
    rows = [
        f"model           {figures.model} on {figures.device} in {figures.precision}",
        f"clip            {figures.seconds:g} s, {figures.steps} steps",
        f"first render    {figures.first_s:.2f} s, with loading",
        f"later renders   {figures.render_s:.2f} s, real-time factor {figures.real_time_factor:.3f}",
    ]
    rows += [f"  {stage:22} {seconds:.2f} s" for stage, seconds in figures.stages_s.items()]
    return [*rows, *([f"peak memory     {figures.peak_bytes / 1e6:.0f} MB"] if figures.peak_bytes else [])]
