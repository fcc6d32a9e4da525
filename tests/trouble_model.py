"""A true stand-in for a model with which things go wrong, in the child process, as the prompt says."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.reports import CancelledCheck, Report
from engine.scene import Scene
from tests.noise_model import NoiseRenderer

STEP_S = 0.02


class TroubleRenderer(NoiseRenderer):
    """Noise, after what the first word of the prompt does: hang, kill, memory, cuda, bug, world, slow."""

    def render(
        self, scene: Scene, report: Report, cancelled: CancelledCheck
    ) -> Iterator[NDArray[np.float32]]:
        blocks = super().render(scene, report, cancelled)
        yield next(blocks)
        trouble = scene.prompt.split()[0]
        if trouble == "hang":
            while True:
                time.sleep(60.0)
        if trouble == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if trouble == "leave":
            os._exit(3)
        if trouble == "memory":
            raise MemoryError
        if trouble == "cuda":
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB.")
        if trouble == "bug":
            raise ZeroDivisionError("by nothing")
        if trouble == "world":
            raise EngineError("The clouds are gone.")
        if trouble == "slow":
            for step in range(scene.steps or 1):
                time.sleep(STEP_S)
                report("denoising", step / (scene.steps or 1))
        if trouble == "busy":  # a long step of many calls, which says nothing but asks
            until_s = time.monotonic() + 3.0
            while time.monotonic() < until_s and not cancelled():
                time.sleep(STEP_S)
        yield from blocks


def load_trouble(folder: Path, device: str, precision: str) -> TroubleRenderer:
    """The loader; a model called "hanging" hangs as it is loaded."""
    if folder.name == "hanging":
        time.sleep(600.0)
    return TroubleRenderer()
