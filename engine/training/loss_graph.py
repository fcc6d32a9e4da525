"""The loss graph: one small panel for each figure, training and validation in the same panel where they share
a name.

Drawn with matplotlib's Agg, without pyplot's global state. Knows the lines of metrics.jsonl and nothing else.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Curve = list[tuple[int, float]]  # (step, value)
COLUMNS, PANELS = 3, 18
_LEFT_OUT = ("gradient_norm", "lr", "steps_per_second", "skipped_steps")  # TensorBoard shows them
_COLOURS = {"train": "tab:blue", "validation": "tab:orange"}


def curves(lines: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Curve]]:
    """{figure: {"train" or "validation": curve}} of metrics.jsonl's lines, the loss of each turn first.

    A validation's "l1" joins the training's "vae/l1" where only one turn has such a figure.
    """
    found: dict[str, dict[str, Curve]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        for name, value in line.items():
            if name not in ("step", "kind") and isinstance(value, (int, float)):
                found[name][line["kind"]].append((line["step"], value))
    for name in [name for name, by_kind in found.items() if "train" not in by_kind]:
        turns = [other for other in found if other.endswith(f"/{name}") and "train" in found[other]]
        if len(turns) == 1 and "validation" not in found[turns[0]]:
            found[turns[0]] |= found.pop(name)
    return {name: dict(found[name]) for name in sorted(found, key=_rank)}


def draw_losses(lines: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write the graph of `lines` to `path` (PNG). Raises EngineError where matplotlib is missing."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise EngineError(
            "The loss graph needs the package matplotlib: pip install 'roomtone[train]'."
        ) from None
    named = curves(lines).items()
    panels = [(name, by_kind) for name, by_kind in named if name.rsplit("/", 1)[-1] not in _LEFT_OUT][:PANELS]
    rows = max(1, math.ceil(len(panels) / COLUMNS))
    figure = Figure(figsize=(5.0 * COLUMNS, 3.2 * rows))
    # A constrained layout draws everything twice: 1.3 s instead of 0.4 s a graph.
    figure.subplots_adjust(0.05, 0.2 / rows, 0.98, 1 - 0.1 / rows, wspace=0.2, hspace=0.4)
    FigureCanvasAgg(figure)
    for place, (name, by_kind) in enumerate(panels, start=1):
        _panel(figure.add_subplot(rows, COLUMNS, place), name, by_kind)
    draft = path.with_name(f".{path.name}.part")
    figure.savefig(draft, format="png", dpi=100)
    draft.replace(path)


def smoothed(curve: Curve, weight: float = 0.9) -> Curve:
    """Exponential average along the curve, unbiased at its start (Kingma & Ba 2015, section 3)."""
    average, mass, smooth = 0.0, 0.0, []
    for step, value in curve:
        average = weight * average + (1 - weight) * value
        mass = weight * mass + (1 - weight)
        smooth.append((step, average / mass))
    return smooth


def _panel(axes: Axes, name: str, by_kind: Mapping[str, Curve]) -> None:
    for kind, curve in by_kind.items():
        colour = _COLOURS.get(kind, "tab:green")
        long = len(curve) > 20
        axes.plot(
            *zip(*curve),
            color=colour,
            alpha=0.3 if long else 1.0,
            marker="" if len(curve) > 1 else "o",
            label=None if long else kind,
        )
        if long:
            axes.plot(*zip(*smoothed(curve)), color=colour, label=kind)
    values = [value for curve in by_kind.values() for _, value in curve]
    if min(values) > 0 and max(values) > 10 * min(values):
        axes.set_yscale("log")
    axes.set_title(name)
    axes.set_xlabel("step")
    axes.grid(alpha=0.3)
    axes.legend()


def _rank(name: str) -> tuple[int, str]:
    return (0 if name.rsplit("/", 1)[-1] == "loss" else 1), name
