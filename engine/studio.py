"""The Studio: what every front end asks for sound. It resolves a scene, has it rendered and keeps the take.

For now it renders in the calling process. A front end sees one blocking call with a report and a way to
cancel, so that a queue and a child process can take the place of what is behind it. Nothing heavy is imported
before the first render; this module knows no window, no OSC and no option of the command line.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from engine import __version__
from engine.catalogue import ModelEntry, find_model, weight_hash
from engine.errors import EngineError
from engine.ranges import RANGES, check_number
from engine.recipe import Recipe
from engine.reports import CancelledCheck, Report, never, silent, stop_if
from engine.scene import FORMATS, Output, Scene
from engine.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.takes import Take

SEEDS = int(RANGES["seed"].high) + 1


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


LoadPipeline = Callable[[Path, str, str], Renderer]
"""(model folder, device, precision) -> a renderer."""


class Studio:
    """One for each program. `device`, `precision`, `threads`: empty and 0 mean what the settings say."""

    def __init__(
        self,
        settings: Settings | None = None,
        device: str = "",
        precision: str = "",
        threads: int = 0,
        load_pipeline: LoadPipeline | None = None,
    ) -> None:
        settings = settings or Settings()
        self.settings = replace(
            settings,
            device=device or settings.device,
            precision=precision or settings.precision,
            threads=threads or settings.threads,
        ).checked()
        self._load_pipeline = load_pipeline or self._load
        self._loaded: tuple[Path, Renderer] | None = None
        self._threads = self.settings.threads

    def resolve(self, scene: Scene) -> Scene:
        """The scene with every default of its model filled in and a seed drawn when it has none.

        Raises UsageError for a scene that cannot be rendered and for an unknown model, EngineError for a
        damaged one.
        """
        scene = scene.checked()
        index = find_model(scene.model).index
        return replace(
            scene,
            seed=secrets.randbelow(SEEDS) if scene.seed is None else scene.seed,
            steps=index.default_steps if scene.steps is None else scene.steps,
            guidance=index.default_guidance if scene.guidance is None else scene.guidance,
            sampler=scene.sampler or index.default_sampler,
        )

    def variations(self, scene: Scene, count: int) -> list[Scene]:
        """`count` resolved scenes with the seeds seed, seed + 1, ...; after the last seed comes 0."""
        check_number("variations", count)
        first = self.resolve(scene)
        return [replace(first, seed=((first.seed or 0) + number) % SEEDS) for number in range(count)]

    def check_weights(self, recipe: Recipe) -> None:
        """Raise EngineError when the recipe's model has other weights now than when the recipe was made."""
        now = weight_hash(find_model(recipe.scene.model).folder)
        if recipe.weight_hash != now:
            raise EngineError(
                f"The clip was made with the weights {recipe.weight_hash} of the model {recipe.model}, but "
                f"those here are {now}, so it cannot be made again; name the model to render its scene anew."
            )

    def render(
        self,
        scene: Scene,
        output: Output | None = None,
        target: Path | None = None,
        report: Report = silent,
        cancelled: CancelledCheck = never,
    ) -> Take:
        """Render one scene into one new file; what the scene leaves open is resolved first.

        target: a file (.wav or .flac), else a folder that is made if missing; None is the library. Raises
        UsageError and EngineError, one sentence each, and Cancelled; then no file is left behind.
        """
        from engine.naming import Naming
        from engine.newfiles import made_folder, told
        from engine.takes import check_target, write_take

        scene = self.resolve(scene)
        output = (output or self.settings.output).checked()
        entry = find_model(scene.model)
        recipe = Recipe(scene, output, entry.name, weight_hash(entry.folder), version=__version__)
        if target is not None:
            check_target(target, recipe)
        renderer = self._renderer(entry, report, cancelled)
        recipe = replace(
            recipe,
            device=str(renderer.device),
            precision=_word(renderer.precision),
            threads=self._threads,
        )

        def tell(stage: str, fraction: float) -> None:
            stop_if(cancelled)
            report(stage, fraction)

        def blocks() -> Iterator[NDArray[np.float32]]:
            # A generator, so that the place of the file is tried out before the model is set to work.
            yield from renderer.render(scene, tell, cancelled)

        with contextlib.ExitStack() as places:
            if target is not None and not _names_a_file(target):
                places.enter_context(told(target))
                places.enter_context(made_folder(target))
            return write_take(
                blocks(),
                entry.index.sample_rate,
                recipe,
                target,
                self.settings.library_folder,
                Naming(creator=self.settings.creator),
                report=tell,
            )

    def _renderer(self, entry: ModelEntry, report: Report, cancelled: CancelledCheck) -> Renderer:
        """The loaded model: the one of the last render, or a new one in its place."""
        if self._loaded is None or self._loaded[0] != entry.folder:
            self._loaded = None
            report("loading the model", 0.0)
            renderer = self._load_pipeline(entry.folder, self.settings.device, self.settings.precision)
            self._loaded = (entry.folder, renderer)
            stop_if(cancelled)
        return self._loaded[1]

    def _load(self, folder: Path, device: str, precision: str) -> Renderer:
        import torch

        from engine.pipeline import load_pipeline

        if self.settings.threads:
            torch.set_num_threads(self.settings.threads)
        pipeline = load_pipeline(folder, device, precision)
        self._threads = torch.get_num_threads() if pipeline.device.type == "cpu" else 0
        return pipeline


def _names_a_file(target: Path) -> bool:
    return target.suffix.lower().lstrip(".") in FORMATS and not target.is_dir()


def _word(precision: object) -> str:
    return str(precision).removeprefix("torch.")
