"""Starts what the bench measures, each in a process of its own, so that no figure spoils another.

Knows processes; refuses to know what runs in them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from engine.bench.figures import CompareFigures, CompareTask, RenderFigures, RenderTask
from engine.configs import from_mapping, to_mapping
from engine.errors import EngineError, UsageError

Figures = TypeVar("Figures", RenderFigures, CompareFigures)


def measured(task: RenderTask | CompareTask, figures: type[Figures]) -> Figures:
    """Do `task` in a process of its own; its messages go to stderr.

    Raises EngineError and UsageError as they were raised there, and EngineError when the process died.
    """
    with tempfile.TemporaryDirectory(prefix="roomtone-bench-") as folder:
        answer = Path(folder) / "answer.json"
        request = json.dumps(to_mapping(task))
        code = _run(["-m", "engine.bench", type(task).__name__, request, str(answer)], task.threads)
        if code or not answer.exists():
            raise EngineError(_death(code))
        found = json.loads(answer.read_text(encoding="utf-8"))
    if "refusal" in found:
        raise (UsageError if found["usage"] else EngineError)(found["refusal"])
    return from_mapping(figures, found)


def cold_start(task: RenderTask) -> float:
    """Seconds of a whole `roomtone render` of the task's scene, from the start of Python to its end."""
    scene = task.scene
    words = ["-m", "engine", "render", scene.prompt, "--seed", "1", "--quiet"]
    words += ["--model", scene.model, "--seconds", str(scene.seconds)]
    words += ["--device", task.device] if task.device else []
    words += ["--precision", task.precision] if task.precision else []
    with tempfile.TemporaryDirectory(prefix="roomtone-bench-") as folder:
        began_s = time.perf_counter()
        code = _run([*words, "--out", str(Path(folder) / "cold.wav")], task.threads)
        seconds = time.perf_counter() - began_s
    if code:
        raise EngineError(_death(code))
    return seconds


def _run(words: Sequence[str], threads: int) -> int:
    """Run Python on `words` and return its exit code; whatever ends us ends it too."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    process = subprocess.Popen([sys.executable, *words], env=environment, stdout=subprocess.DEVNULL)
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _death(code: int) -> str:
    if code in (-9, 137):
        return "The system ended the measured process, most likely for want of memory: close other programs."
    return f"The measured process ended with exit code {code} before it was done: see what it said above."
