"""From an order to a take: the model is loaded, renders, and what it makes is written.

Importing this module is light; torch comes with the first model. It knows no queue and no pipe.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine import __version__
from engine.candidates import Candidate, best_first, fit_note
from engine.catalogue import ModelEntry, find_model, weight_hash
from engine.edits import keeps, parent_of
from engine.jobs import Machine
from engine.orders import Holds, Order
from engine.recipe import Recipe
from engine.renderer import LoadPipeline, Renderer
from engine.reports import CancelledCheck, Report, stop_if
from engine.scene import FORMATS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.takes import Take

Listener = Callable[[int, "NDArray[np.float32]"], None]
"""(rate in Hz, block (samples, channels)) of a sound in the making."""

STARTING, LOADING = "starting", "loading the model"
"""The stages before the first sound of a model; nothing has been written then."""


def load_pipeline(folder: Path, device: str, precision: str) -> Renderer:
    """The model in the folder, with torch."""
    from engine.pipeline import load_pipeline

    return load_pipeline(folder, device, precision)


class Rendering:
    """Renders one order after the other in this process; the model stays loaded from order to order."""

    def __init__(self, load: LoadPipeline = load_pipeline) -> None:
        self._load = load
        self._loaded: tuple[Path, str, str] | None = None
        self._renderer: Renderer | None = None
        self._own_threads = 0
        self.model = ""

    def render(
        self, order: Order, report: Report, cancelled: CancelledCheck, live: Listener | None = None
    ) -> Take:
        """One new file. Raises UsageError and EngineError, one sentence each, and Cancelled; then no file
        is left behind. live: hears the blocks as they are made, but none of candidates, which compete.
        """
        from engine.naming import Naming
        from engine.newfiles import made_folder, told
        from engine.takes import check_target, write_take

        def tell(stage: str, fraction: float) -> None:
            stop_if(cancelled)
            report(stage, fraction)

        entry = find_model(order.folder or order.scene.model)
        recipe = Recipe(order.scene, order.output, entry.name, weight_hash(entry.folder), version=__version__)
        recipe = replace(recipe, clip=order.clip, parent=order.parent or parent_of(order.scene))
        target = Path(order.target) if order.target else None
        if target is not None:
            check_target(target, recipe)
        renderer = self._ready(entry, order.machine, tell)
        device, precision = str(renderer.device), str(renderer.precision).removeprefix("torch.")
        threads = self._use_threads(order.machine.threads, device)
        recipe = replace(recipe, device=device, precision=precision, threads=threads)

        def blocks() -> Iterator[NDArray[np.float32]]:
            # A generator, so that the place of the file is tried out before the model is set to work.
            made = renderer.render(order.scene, tell, cancelled)
            yield from made if live is None else _overheard(made, entry.index.sample_rate, order, live)

        with contextlib.ExitStack() as places:
            if target is not None and not _names_a_file(target):
                places.enter_context(told(target))
                places.enter_context(made_folder(target))
            naming = Naming(*order.naming)
            rate, library = entry.index.sample_rate, Path(order.library)

            def write(sound: Iterator[NDArray[np.float32]], recipe: Recipe, target: Path | None) -> Take:
                return write_take(sound, rate, recipe, target, library, naming, recipe.scene.loop, tell)

            if order.scene.best_of == 1:
                return write(blocks(), recipe, target)
            found = places.enter_context(best_first(renderer, order.scene, rate, tell, cancelled))
            return _written(found, recipe, target, write)

    def holds(self) -> Holds:
        """Which model is in memory, and where."""
        loaded = self._loaded or (Path(), "", "")
        return Holds(self.model, loaded[1], loaded[2])

    def unload(self) -> None:
        """Let the model go, and the memory that it took."""
        self._loaded = self._renderer = None
        self.model = ""
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _ready(self, entry: ModelEntry, machine: Machine, tell: Report) -> Renderer:
        """The loaded model: the one of the last order, or a new one in its place."""
        wanted = (entry.folder, machine.device, machine.precision)
        if self._renderer is None or self._loaded != wanted:
            self.unload()
            tell(LOADING, 0.0)
            self._renderer = self._load(*wanted)
            self._loaded, self.model = wanted, entry.name
        return self._renderer

    def _use_threads(self, threads: int, device: str) -> int:
        """Set the number of CPU threads, 0 for torch's own choice; says how many, 0 on other devices."""
        torch = sys.modules.get("torch")
        if torch is None:
            return threads
        self._own_threads = self._own_threads or torch.get_num_threads()
        torch.set_num_threads(threads or self._own_threads)
        return int(torch.get_num_threads()) if device.startswith("cpu") else 0


def _overheard(
    blocks: Iterator[NDArray[np.float32]], rate: int, order: Order, live: Listener
) -> Iterator[NDArray[np.float32]]:
    """The same blocks; each is heard before the next one is made."""
    from engine.preview import Preview

    preview = Preview(rate, order.output, keeps(order.scene))
    for block in blocks:
        live(rate, preview.heard(block))
        yield block


def _written(
    found: list[Candidate],
    recipe: Recipe,
    target: Path | None,
    write: Callable[[Iterator[NDArray[np.float32]], Recipe, Path | None], Take],
) -> Take:
    """The take of the best candidate; the others, told with it, go into the library."""
    best, *others = found
    take = write(best.blocks(), replace(recipe, scene=best.scene), target)
    rest = [write(one.blocks(), replace(recipe, scene=one.scene, clip=""), None) for one in others]
    return replace(take, notes=(*take.notes, fit_note(found)), others=tuple(rest))


def _names_a_file(target: Path) -> bool:
    return target.suffix.lower().lstrip(".") in FORMATS and not target.is_dir()
