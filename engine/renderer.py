"""The Renderer: what a loaded model can do for those who want sound of it, and how one is come by.

It says no more than that: it knows no network, no order and no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from engine.reports import CancelledCheck, Report
from engine.scene import Scene

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Renderer(Protocol):
    """A loaded model: engine.pipeline.Pipeline, or a small true stand-in in tests."""

    @property
    def device(self) -> object:
        """Where it computes; `str` of it goes into the recipe."""

    @property
    def precision(self) -> object:
        """What it computes in; `str` of it goes into the recipe."""

    def render(
        self, scene: Scene, report: Report, cancelled: CancelledCheck
    ) -> Iterator[NDArray[np.float32]]:
        """Blocks (samples, channels) at the model's rate. Raises Cancelled once `cancelled()` is true."""

    def fit(self, scene: Scene, blocks: Iterator[NDArray[np.float32]]) -> float:
        """How well a sound fits the scene's prompt, from -1 to 1; asked for scenes with candidates alone."""


LoadPipeline = Callable[[Path, str, str], Renderer]
"""(model folder, device, precision) -> a renderer. Importable by its name, for it travels to the child."""
