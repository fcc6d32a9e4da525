"""The large pictures of a take: outline above, spectrogram below, over the same time, with a playhead.

Signals: seek_asked(float) seconds, by a click or the arrow keys; drag_asked() when the pictures are dragged
away; toggle_asked() by space; part_chosen() when a part has been marked with Shift and a drag, or let go.
Imported only when the first take is shown: pyqtgraph takes its time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph
from PyQt6.QtCore import QEvent, QPoint, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication, QWidget

from engine.changes import SHORTEST_PART_SECONDS
from gui import theme
from gui.fields import explain
from gui.part_mark import PartMark
from gui.spectrogram import Spectrogram
from gui.waveform import Peaks

AXIS_WIDTH = 34
_PITCHES = ((100, "100"), (1_000, "1k"), (10_000, "10k"))
_KEY_SECONDS = 1.0


class TakePlots(pyqtgraph.GraphicsLayoutWidget):  # type: ignore[misc]
    """Shows Peaks and a Spectrogram, either of which may come later or not at all."""

    seek_asked = pyqtSignal(float)
    drag_asked = pyqtSignal()
    toggle_asked = pyqtSignal()
    part_chosen = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.seconds = 0.0
        self.position = 0.0
        self.part: tuple[float, float] | None = None
        self._pressed: QPoint | None = None
        self._marking: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Waveform and spectrogram")
        explain(
            self,
            "Click to play from here, drag to take the file into another program.\n"
            "Shift and a drag marks a part that can be replaced; a click or Esc lets it go.",
        )
        self.wave = self._plot(0)
        self.pitch = self._plot(1)
        self.pitch.setXLink(self.wave)
        self.wave.hideAxis("bottom")
        self.curve = pyqtgraph.PlotCurveItem(connect="pairs", antialias=False)
        self.picture = pyqtgraph.ImageItem()
        self.wave.addItem(self.curve)
        self.pitch.addItem(self.picture)
        self.heads = [pyqtgraph.InfiniteLine(angle=90) for _ in range(2)]
        for plot, head in zip((self.wave, self.pitch), self.heads):
            head.setZValue(10)
            plot.addItem(head)
        self._mark = PartMark((self.wave, self.pitch))
        self.ci.layout.setRowStretchFactor(0, 2)
        self.ci.layout.setRowStretchFactor(1, 3)
        self.ci.layout.setSpacing(2)
        self.ci.layout.setContentsMargins(0, 2, 4, 0)
        self.setMinimumHeight(100)
        self._dress()

    def show_length(self, seconds: float) -> None:
        """Begin with a take of this length; pictures of the one before are gone."""
        self.seconds = seconds
        self.curve.setData([], [])
        self.picture.clear()
        self.wave.setXRange(0, max(seconds, 0.01), padding=0)
        self.show_position(0.0)
        self.mark(None)

    def show_peaks(self, peaks: Peaks) -> None:
        """Draw the outline, as high as the place allows."""
        columns = len(peaks.low)
        times = np.repeat((np.arange(columns) + 0.5) * peaks.seconds / columns, 2)
        levels = np.stack([peaks.low, peaks.high], 1).ravel()
        self.curve.setData(times, levels)
        top = 1.25 * peaks.peak
        self.wave.setYRange(-top, top, padding=0)
        decibels = f"{20 * np.log10(peaks.peak):.0f}" if peaks.peak > 1e-4 else ""
        self.wave.getAxis("left").setTicks([[(peaks.peak, decibels)]])

    def show_spectrogram(self, spectrogram: Spectrogram) -> None:
        """Draw the spectrogram."""
        _, rows = spectrogram.levels.shape
        self.picture.setImage(spectrogram.levels, autoLevels=False, levels=(0, 255))
        self.picture.setRect(QRectF(0, 0, spectrogram.seconds, rows))
        self.pitch.setYRange(0, rows, padding=0)
        octaves = np.log(spectrogram.high_hz / spectrogram.low_hz)
        ticks = [
            (rows * float(np.log(hertz / spectrogram.low_hz) / octaves), words)
            for hertz, words in _PITCHES
            if hertz < spectrogram.high_hz
        ]
        self.pitch.getAxis("left").setTicks([ticks])

    def show_position(self, seconds: float) -> None:
        """Put the playhead there."""
        self.position = seconds
        for head in self.heads:
            head.setPos(seconds)

    def mark(self, part: tuple[float, float] | None) -> None:
        """Mark a part, or none; one that is too short to be replaced is none."""
        if part is not None and part[1] - part[0] < SHORTEST_PART_SECONDS:
            part = None
        self._mark.show(part)
        if part != self.part:
            self.part = part
            self.part_chosen.emit()

    # -- mouse and keys -------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """With Shift the one end of a part; else a click or the start of a drag: which, is seen later."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        place = event.position().toPoint()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._marking = self.seconds_at(place)
            self.mark(None)
        else:
            self._pressed = place

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """The other end of a part; without Shift, far enough from the press, it is a drag."""
        if event is not None and self._marking is not None:
            here = self.seconds_at(event.position().toPoint())
            self.mark((min(self._marking, here), max(self._marking, here)))
        if event is None or self._pressed is None:
            return
        if (event.position().toPoint() - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._pressed = None
            self.drag_asked.emit()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """A click goes to its place and lets the part go."""
        self._marking = None
        if event is not None and self._pressed is not None:
            self._pressed = None
            self.mark(None)
            self.seek_asked.emit(self.seconds_at(event.position().toPoint()))

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Nothing more than two clicks."""

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """The whole take is always in sight."""
        if event is not None:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Arrows seek, space plays and holds, Esc lets the part go."""
        if event is None:
            return
        places = {
            Qt.Key.Key_Left: self.position - _KEY_SECONDS,
            Qt.Key.Key_Right: self.position + _KEY_SECONDS,
            Qt.Key.Key_Home: 0.0,
        }
        if event.key() in places:
            self.seek_asked.emit(min(max(0.0, places[Qt.Key(event.key())]), self.seconds))
        elif event.key() == Qt.Key.Key_Space:
            self.toggle_asked.emit()
        elif event.key() == Qt.Key.Key_Escape and self.part is not None:
            self.mark(None)
        else:
            event.ignore()

    def changeEvent(self, event: QEvent | None) -> None:
        """New colours."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and hasattr(self, "_mark"):
            self._dress()

    def seconds_at(self, point: QPoint) -> float:
        """The time at a point of this widget."""
        place = self.wave.vb.mapSceneToView(self.mapToScene(point)).x()
        return float(min(max(0.0, place), self.seconds))

    # -- inside ---------------------------------------------------------------------------------------------

    def _plot(self, place: int) -> Any:
        plot = self.addPlot(row=place, col=0)
        plot.setMouseEnabled(False, False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.vb.setDefaultPadding(0)
        plot.getAxis("left").setWidth(AXIS_WIDTH)
        plot.getAxis("bottom").setHeight(18)
        return plot

    def _dress(self) -> None:
        colours = theme.current()
        self.setBackground(colours.field)
        font = self.font()
        font.setPixelSize(10)
        for plot in (self.wave, self.pitch):
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setPen(colours.line)
                axis.setTextPen(colours.muted)
                axis.setTickFont(font)
                axis.setStyle(tickLength=-3, tickTextOffset=3)
        self.curve.setPen(pyqtgraph.mkPen(colours.wave, width=1))
        self.picture.setLookupTable(_colour_table(colours.field, colours.wave, colours.text))
        self._mark.dress(colours)
        for head in self.heads:
            head.setPen(pyqtgraph.mkPen(colours.warning, width=1.5))


def _colour_table(*stops: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """256 colours from the first to the last, (256, 3)."""
    known = np.array([QColor(stop).getRgb()[:3] for stop in stops], float)
    places = np.linspace(0, 1, 256) ** 1.4
    steps = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(places, steps, known[:, channel]) for channel in range(3)], 1).astype(np.uint8)
