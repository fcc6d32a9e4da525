"""The bridge itself, for the scripts in the DAWs, with an engine that makes noise at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.server import Bridge
from engine.library import Clip
from engine.reports import CancelledCheck, Report
from engine.scene import Scene
from engine.studio import Studio
from tests.bridge_fixtures import QUIET
from tests.noise_model import Loader, NoiseRenderer

EMBEDDED_RATE = 44_100


class EmbeddedNoise(NoiseRenderer):
    """Stands for the embedded model, which scripts get when they name none."""

    def render(
        self, scene: Scene, report: Report, cancelled: CancelledCheck
    ) -> Iterator[NDArray[np.float32]]:
        report("denoising", 0.5)
        samples = round(scene.seconds * EMBEDDED_RATE)
        yield (0.1 * np.random.default_rng(scene.seed).standard_normal((samples, 2))).astype(np.float32)


@dataclass(frozen=True)
class NoiseBridge:
    """A bridge that renders. port: where it listens."""

    port: int
    studio: Studio

    def clips(self) -> list[Clip]:
        """What it has rendered, the newest first."""
        return self.studio.library.search()


@contextmanager
def noise_bridge() -> Iterator[NoiseBridge]:
    """A bridge on a free port, with a worker process of its own."""
    loader = Loader(EmbeddedNoise())
    with loader.open_studio("", "", 0) as studio, Bridge(studio, QUIET) as bridge:
        yield NoiseBridge(bridge.status().port, studio)
