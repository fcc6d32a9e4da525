"""Times a model through what the studio's child process runs, in this process, and throws the clips away.

Knows scenes and stages; refuses to know networks.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.bench.figures import RenderFigures
from engine.bench.memory import peak_memory
from engine.foreman import order_of
from engine.reports import never
from engine.scene import Scene

if TYPE_CHECKING:
    from engine.rendering import Rendering
    from engine.studio import Studio

LOADING = "loading the model"
"""The studio's stage before the first render; it is told apart."""


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


def measure(
    studio: Studio,
    rendering: Rendering,
    scene: Scene,
    repeats: int,
    import_s: float,
    say: Callable[[str], None],
) -> RenderFigures:
    """Render `scene` once and then `repeats` times; without repeats the first render stands for the later.

    import_s: what importing the engine took, for the record. say: hears what is being rendered.
    """
    scene = studio.resolve(scene)
    clocks, times_s = [], []
    with tempfile.TemporaryDirectory(prefix="roomtone-bench-") as folder:
        for number in range(repeats + 1):
            say(f"  {scene.seconds:g} s, render {number + 1} of {repeats + 1}")
            clock, began_s = StageClock(), time.perf_counter()
            order = order_of(studio.job(scene, target=folder), number, studio.settings)
            take = rendering.render(order, clock, never)
            times_s.append(time.perf_counter() - began_s)
            clock.stop()
            clocks.append(clock)
    load_s = clocks[0].stages_s.pop(LOADING, 0.0)
    times_s[0] -= load_s
    later = clocks[1:] or clocks
    render_s = statistics.median(times_s[1:] or times_s)
    return RenderFigures(
        model=take.recipe.model,
        device=take.recipe.device,
        precision=take.recipe.precision,
        threads=take.recipe.threads,
        seconds=scene.seconds,
        steps=scene.steps or 0,
        import_s=import_s,
        load_s=load_s,
        first_s=times_s[0],
        render_s=render_s,
        stages_s={
            name: statistics.median(clock.stages_s[name] for clock in later) for name in later[0].stages_s
        },
        real_time_factor=render_s / scene.seconds,
        peak_bytes=peak_memory(),
    )
