"""`roomtone bench`: times a model on this machine, from the prompt to the finished file.

Beside it, in the same run, AudioLDM's own sizes. Everything is measured in processes of their own, so that
this one stays light and no figure spoils another.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from engine.bench.figures import CompareFigures, CompareTask, RenderFigures, RenderTask
from engine.bench.processes import cold_start, measured
from engine.commands.console import Console
from engine.commands.request import machine_of, scene_of, whole
from engine.commands.session import Session

PROMPT = "steady rain on a canvas tent, distant thunder"
MOST_REPEATS = 100
MOST_THREADS = 1024
LONG_S = (30.0, 120.0)
"""Clips whose memory is compared: beyond the first, length must cost none."""


@dataclass(frozen=True)
class Bench:
    """Everything that one run found out. longer: the clips of LONG_S, where they were asked for."""

    cold_s: float
    render: RenderFigures
    longer: tuple[RenderFigures, ...] = ()
    comparison: CompareFigures | None = None


def run(arguments: argparse.Namespace, session: Session) -> int:
    """Measure what the options ask for, and print each figure as soon as it is there, or all as JSON."""
    options = {"prompt": PROMPT, "seed": 1, "model": arguments.model}
    options |= {} if arguments.seconds is None else {"seconds": arguments.seconds}
    scene = scene_of(options)
    repeats = whole("repeats", arguments.repeats, 1, MOST_REPEATS)
    threads = whole("threads", arguments.threads, 1, MOST_THREADS)
    device, precision, _ = machine_of(arguments)
    # What is asked wrongly is told now, not by the first process.
    scene = session.open_studio(device, precision, threads).resolve(scene)
    task = RenderTask(scene, repeats, threads, device, precision)
    told = _unsaid if arguments.json else _said
    bench = measure_all(task, LONG_S if arguments.long else (), not arguments.no_compare, told)
    if arguments.json:
        print(json.dumps(as_mapping(bench), ensure_ascii=False))
    return 0


def measure_all(
    task: RenderTask, long_s: Sequence[float], comparing: bool, told: Callable[[list[str]], None]
) -> Bench:
    """One process after the other. told: hears the rows of each as soon as it has ended."""
    console = Console()
    console.say("Starting a whole `roomtone render`")
    cold_s = cold_start(task)
    told([f"cold start      {cold_s:.2f} s, a whole `roomtone render`"])
    console.say("Timing the model")
    render = measured(task, RenderFigures)
    told(_render_rows(render))
    longer: list[RenderFigures] = []
    for seconds in long_s:
        console.say(f"Rendering {seconds:g} s for its memory")
        long_scene = replace(task.scene, seconds=seconds)
        longer.append(measured(replace(task, scene=long_scene, repeats=0), RenderFigures))
        told([_long_row(longer[-1])])
    if not comparing:
        return Bench(cold_s, render, tuple(longer))
    console.say(
        "Comparing with AudioLDM's sizes: a minute or more on a CPU, and some gigabytes of memory; "
        "--no-compare leaves it out"
    )
    comparison = measured(
        CompareTask(task.scene.seconds, task.threads, task.device or "auto"), CompareFigures
    )
    told(_comparison_rows(comparison, render))
    return Bench(cold_s, render, tuple(longer), comparison)


def as_mapping(bench: Bench) -> dict[str, object]:
    """All figures for JSON: the render's own on top, beside them cold_s, longer and comparison."""
    figures = asdict(bench)
    return {**figures.pop("render"), **figures}


def _said(rows: list[str]) -> None:
    print("\n".join(rows), flush=True)


def _unsaid(rows: list[str]) -> None:
    """JSON says everything at the end."""


def _render_rows(figures: RenderFigures) -> list[str]:
    threads = f", threads: {figures.threads}" if figures.threads else ""
    rows = [
        f"model           {figures.model} on {figures.device} in {figures.precision}{threads}",
        f"clip            {figures.seconds:g} s, {figures.steps} steps",
        f"import          {figures.import_s:.2f} s",
        f"load            {figures.load_s:.2f} s",
        f"first render    {figures.first_s:.2f} s, once loaded",
        f"later renders   {figures.render_s:.2f} s, real-time factor {figures.real_time_factor:.3f}",
    ]
    rows += [f"  {stage:22} {seconds:.2f} s" for stage, seconds in figures.stages_s.items()]
    return [*rows, f"peak memory     {_memory(figures.peak_bytes)}"]


def _long_row(figures: RenderFigures) -> str:
    length = f"{figures.seconds:g} s clip"
    return f"{length:15} {_memory(figures.peak_bytes)} at its peak, rendered in {figures.render_s:.2f} s"


def _comparison_rows(figures: CompareFigures, render: RenderFigures) -> list[str]:
    steps = ", ".join(f"{seconds:.2f} s in {name}" for name, seconds in figures.guided_step_s.items())
    times = figures.real_time_factor / render.real_time_factor
    return [
        f"beside it       the size {figures.size}, random weights, {figures.seconds:g} s",
        f"  guided UNet step       {steps}; {figures.unet_parameters / 1e6:.1f} M weights",
        f"  AudioLDMPipeline       {figures.pipeline_s:.2f} s at {figures.pipeline_steps} steps in float32, "
        f"real-time factor {figures.real_time_factor:.3f}",
        f"    of it the steps      {figures.pipeline_steps_s:.2f} s",
        f"    compared             {times:.1f} times the time of {render.model}",
        f"  peak memory            {_memory(figures.peak_bytes)}",
    ]


def _memory(number: int) -> str:
    return f"{number / 1e6:.0f} MB" if number else "unknown, the system does not tell"
