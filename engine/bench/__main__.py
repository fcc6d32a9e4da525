"""The process that measures: `python -m engine.bench TASK JSON ANSWER`. `roomtone bench` starts it.

The answer is a JSON file, the figures or the sentence of a refusal, so that no library's print can spoil it.
"""

from __future__ import annotations

import importlib
import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.bench.figures import CompareFigures, CompareTask, RenderFigures, RenderTask
from engine.configs import from_mapping, to_mapping
from engine.errors import EngineError, UsageError


def render(task: RenderTask) -> RenderFigures:
    """A model as the studio's child process renders; importing what it needs is timed apart."""
    from engine.bench.rendering import measure
    from engine.rendering import Rendering
    from engine.settings import load_settings
    from engine.studio import Studio

    studio = Studio(load_settings(), task.device, task.precision, task.threads)
    scene = studio.resolve(task.scene)
    began_s = time.perf_counter()
    importlib.import_module("engine.pipeline")
    importlib.import_module("engine.takes")
    return measure(studio, Rendering(), scene, task.repeats, time.perf_counter() - began_s, say)


def compare(task: CompareTask) -> CompareFigures:
    """The comparison with AudioLDM's sizes."""
    import torch
    from diffusers.utils import logging

    from engine.bench import comparison
    from engine.models.sizes import SIZES

    torch.set_num_threads(task.threads)
    logging.set_verbosity_error()  # a pipeline tells of its age whenever it is made
    return comparison.compare(task.size, SIZES[task.size], task.seconds, task.steps, task.device, say=say)


TASKS: dict[str, tuple[type[Any], Callable[[Any], Any]]] = {
    "RenderTask": (RenderTask, render),
    "CompareTask": (CompareTask, compare),
}


def say(text: str) -> None:
    """A line on stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def main(name: str, task: str, answer: str) -> None:
    """Do the task and write its figures."""
    # Ctrl-C reaches the whole group of processes; the one that the user started decides and ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    config, work = TASKS[name]
    try:
        found = to_mapping(work(from_mapping(config, json.loads(task))))
    except EngineError as error:
        found = {"refusal": str(error), "usage": isinstance(error, UsageError)}
    Path(answer).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
