"""A part of a take, marked over its large pictures. It knows no take and no mouse, only seconds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyqtgraph
from PyQt6.QtGui import QColor

from gui.theme import Colours

_OPACITY = 70
"""Of 255: what lies under the mark stays readable."""


class PartMark:
    """One stripe in each of the plots, or none."""

    def __init__(self, plots: Iterable[Any]) -> None:
        self._stripes = []
        for plot in plots:
            stripe = pyqtgraph.LinearRegionItem(movable=False)
            stripe.setZValue(5)
            stripe.hide()
            plot.addItem(stripe, ignoreBounds=True)
            self._stripes.append(stripe)

    def show(self, part: tuple[float, float] | None) -> None:
        """Mark this part, first and last second; None: none."""
        for stripe in self._stripes:
            if part is not None:
                stripe.setRegion(part)
            stripe.setVisible(part is not None)

    def dress(self, colours: Colours) -> None:
        """New colours."""
        fill = QColor(colours.warning)
        fill.setAlpha(_OPACITY)
        for stripe in self._stripes:
            stripe.setBrush(fill)
            for edge in stripe.lines:
                edge.setPen(pyqtgraph.mkPen(colours.text, width=1))
