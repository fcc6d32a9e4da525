"""Two bars that show how loud left and right are. It knows no sound, only decibels."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from gui import theme

LOWEST_DB = -60.0
HOT_DB = -6.0
FULL_DB = -1.0


class LevelMeter(QWidget):
    """From -60 dB to full scale; the last dB in the colour of danger."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels = (LOWEST_DB, LOWEST_DB)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(60)
        self.setAccessibleName("Level")
        self.setToolTip("Level of what is heard, left and right, from -60 dB to full scale.")

    def sizeHint(self) -> QSize:
        """As high as two bars."""
        return QSize(120, 14)

    def show_levels(self, left_db: float, right_db: float) -> None:
        """Show these levels."""
        levels = (max(LOWEST_DB, left_db), max(LOWEST_DB, right_db))
        if levels != self._levels:
            self._levels = levels
            self.update()

    def levels(self) -> tuple[float, float]:
        """What is shown."""
        return self._levels

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """The ground, and on it as much of each bar as is loud."""
        colours, painter = theme.current(), QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        high, wide = (self.height() - 2) / 2, self.width()
        for place, level in enumerate(self._levels):
            top = place * (high + 2)
            painter.fillRect(QRectF(0, top, wide, high), QColor(colours.line))
            lit = wide * (1 - level / LOWEST_DB)
            for low, top_db, colour in (
                (LOWEST_DB, HOT_DB, colours.good),
                (HOT_DB, FULL_DB, colours.warning),
                (FULL_DB, 0.0, colours.danger),
            ):
                start, end = wide * (1 - low / LOWEST_DB), wide * (1 - top_db / LOWEST_DB)
                if lit > start:
                    painter.fillRect(QRectF(start, top, min(lit, end) - start, high), QColor(colour))
