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
_LESS_TELLING = ("gradient_norm", "lr", "steps_per_second", "skipped_steps")
_COLOURS = {"train": "tab:blue", "validation": "tab:orange"}


def curves(lines: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Curve]]:
    """{figure: {"train" or "validation": curve}} of metrics.jsonl's lines, the loss of each turn first."""
    found: dict[str, dict[str, Curve]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        for name, value in line.items():
            if name not in ("step", "kind") and isinstance(value, (int, float)):
                found[name][line["kind"]].append((line["step"], value))
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
    panels = list(curves(lines).items())[:PANELS]
    rows = max(1, math.ceil(len(panels) / COLUMNS))
    figure = Figure(figsize=(5.0 * COLUMNS, 3.2 * rows), layout="constrained")
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
    last = name.rsplit("/", 1)[-1]
    return (2 if last in _LESS_TELLING else 0 if last == "loss" else 1), name
