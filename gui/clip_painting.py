"""How a take looks in a list: a star, its outline, the scene in two lines, and plain figures.

It paints what the model hands it; this module asks no library.
"""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QModelIndex, QPointF, QRect, Qt
from PyQt6.QtGui import QColor, QPainter, QPolygonF
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine.library import Clip
from gui import clip_words, theme
from gui.clip_model import COLUMNS, ClipModel, cell_text, side_of
from gui.pictures import Pictures
from gui.waveform import draw_small


class ClipPainter(QStyledItemDelegate):
    """Paints the cells of a ClipModel. A list that scrolls paints some hundred of them each time: what can be
    known beforehand is."""

    def __init__(self, model: ClipModel, pictures: Pictures, parent: QWidget) -> None:
        super().__init__(parent)
        self._clips, self._pictures = model, pictures
        self._inks: tuple[theme.Colours, dict[bool, _Inks]] | None = None
        self._elided: dict[tuple[str, int], str] = {}

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """One cell."""
        clip = self._clips.clip_at(index.row())
        if painter is None or clip is None:
            return
        column, place, chosen = COLUMNS[index.column()], option.rect, bool(option.state & _SELECTED)
        inks = self._colours()[chosen]
        if chosen or option.state & _UNDER_MOUSE:
            painter.fillRect(place, inks.ground)
        if column.name == "star":
            _paint_star(painter, place, clip.starred, inks)
        elif column.name == "wave":
            peaks = None if clip.missing else self._pictures.small(clip.path)
            draw_small(painter, place.adjusted(2, 7, -6, -7), peaks, inks.wave)
        elif column.name == "scene":
            self._paint_scene(painter, place.adjusted(4, 4, -6, -4), clip, inks)
        else:
            painter.setPen(inks.quiet)
            words = self._fitting(painter, cell_text(clip, column.name), place.width() - 10)
            painter.drawText(place.adjusted(4, 0, -6, 0), _SIDES[column.name], words)

    def _paint_scene(self, painter: QPainter, place: QRect, clip: Clip, inks: _Inks) -> None:
        under, half = clip_words.under_title(clip), place.height() // 2
        ink = inks.quiet if clip.missing else inks.text
        title = place.adjusted(0, 0, 0, -half) if under else place
        lines = ((title, clip.title, ink), (place.adjusted(0, half, 0, 0), under, inks.quiet))
        for area, words, colour in lines:
            painter.setPen(colour)
            painter.drawText(area, _LEFT, self._fitting(painter, words, area.width()))

    def _fitting(self, painter: QPainter, words: str, width: int) -> str:
        """The words, with an ellipsis where they do not fit."""
        found = self._elided.get((words, width))
        if found is None:
            if len(self._elided) > _ELIDED_KEPT:
                self._elided.clear()
            found = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, width)
            self._elided[words, width] = found
        return found

    def _colours(self) -> dict[bool, _Inks]:
        now = theme.current()
        if self._inks is None or self._inks[0] is not now:
            self._inks = (now, {chosen: _inks(now, chosen) for chosen in (False, True)})
        return self._inks[1]


@dataclass(frozen=True)
class _Inks:
    ground: QColor
    text: QColor
    quiet: QColor
    wave: QColor
    star: QColor


def _inks(colours: theme.Colours, chosen: bool) -> _Inks:
    usual = (colours.raised, colours.text, colours.muted, colours.wave)
    ground, text, quiet, wave = (colours.chosen, *[colours.on_chosen] * 3) if chosen else usual
    return _Inks(QColor(ground), QColor(text), QColor(quiet), QColor(wave), QColor(colours.warning))


_ELIDED_KEPT = 8_000
_SELECTED = QStyle.StateFlag.State_Selected
_UNDER_MOUSE = QStyle.StateFlag.State_MouseOver
_SIDES = {column.name: int(side_of(column)) for column in COLUMNS}
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
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


def _paint_star(painter: QPainter, place: QRect, on: bool, inks: _Inks) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(inks.star if on else inks.quiet)
    painter.setOpacity(1.0 if on else 0.45)
    painter.setBrush(inks.star if on else Qt.GlobalColor.transparent)
    painter.translate(QPointF(place.center()))
    painter.drawPolygon(_STAR_SHAPE)
    painter.restore()


_STAR_SHAPE = QPolygonF([QPointF(x * 0.9, y * 0.9) for x, y in _STAR])
