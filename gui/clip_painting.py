"""How a take looks in a list: a star, its outline, the scene in two lines, and plain figures.

It paints what the model hands it; this module asks no library.
"""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QPointF, QRect, Qt
from PyQt6.QtGui import QColor, QPainter, QPolygonF
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine.library import Clip
from gui import clip_words, theme
from gui.clip_model import CLIP, COLUMNS
from gui.pictures import Pictures
from gui.waveform import draw_small


class ClipPainter(QStyledItemDelegate):
    """Star, outline, and a scene in two lines; everything else as Qt does."""

    def __init__(self, pictures: Pictures, parent: QWidget) -> None:
        super().__init__(parent)
        self._pictures = pictures

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        """The cell with the focus has no frame of its own: the whole row is marked."""
        super().initStyleOption(option, index)
        if option is not None:
            option.state &= ~QStyle.StateFlag.State_HasFocus

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """One cell."""
        column = COLUMNS[index.column()].name
        clip = index.data(CLIP)
        if painter is None or not isinstance(clip, Clip):
            return
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        colours = theme.current()
        if chosen:
            painter.fillRect(option.rect, QColor(colours.chosen))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, QColor(colours.raised))
        ink = QColor(colours.on_chosen if chosen else colours.text)
        quiet = QColor(colours.on_chosen if chosen else colours.muted)
        if column == "star":
            _paint_star(painter, option.rect, clip.starred, QColor(colours.warning), quiet)
        elif column == "wave":
            peaks = None if clip.missing else self._pictures.small(clip.path)
            wave = QColor(colours.on_chosen if chosen else colours.wave)
            draw_small(painter, option.rect.adjusted(2, 7, -6, -7), peaks, wave)
        elif column == "scene":
            _paint_scene(painter, option.rect.adjusted(4, 4, -6, -4), clip, ink, quiet)
        else:
            painter.setPen(quiet)
            alignment = index.data(Qt.ItemDataRole.TextAlignmentRole)
            words = painter.fontMetrics().elidedText(
                str(index.data()), Qt.TextElideMode.ElideRight, option.rect.width() - 10
            )
            painter.drawText(option.rect.adjusted(4, 0, -6, 0), int(alignment), words)


def _paint_scene(painter: QPainter, place: QRect, clip: Clip, ink: QColor, quiet: QColor) -> None:
    metrics = painter.fontMetrics()
    under = clip_words.under_title(clip)
    half = place.height() // 2
    lines = [(place.adjusted(0, 0, 0, -half), clip.title, quiet if clip.missing else ink)]
    if under:
        lines.append((place.adjusted(0, half, 0, 0), under, quiet))
    else:
        lines = [(place, clip.title, ink)]
    for area, words, colour in lines:
        painter.setPen(colour)
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)


_STAR = (
    (0, -7),
    (1.9, -2.4),
    (6.9, -2.1),
    (3, 1.1),
    (4.3, 5.9),
    (0, 3.2),
    (-4.3, 5.9),
    (-3, 1.1),
    (-6.9, -2.1),
    (-1.9, -2.4),
)


def _paint_star(painter: QPainter, place: QRect, on: bool, full: QColor, empty: QColor) -> None:
    middle = QPointF(place.center())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(full if on else empty)
    painter.setOpacity(1.0 if on else 0.45)
    painter.setBrush(full if on else Qt.GlobalColor.transparent)
    painter.drawPolygon(QPolygonF([middle + QPointF(x * 0.9, y * 0.9) for x, y in _STAR]))
    painter.restore()
