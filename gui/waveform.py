"""The outline of a clip: its lowest and highest sample in each of so many columns, and how it is drawn small.

Reading runs in threads, a block at a time; drawing is for the window's thread. This module knows no clip and
no library, only files of sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QLineF, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from engine.errors import EngineError

if TYPE_CHECKING:
    import numpy as np

_BLOCK_FRAMES = 131_072


@dataclass(frozen=True)
class Peaks:
    """low, high: (columns,) in [-1, 1], over all channels. seconds: of the whole clip."""

    low: np.ndarray[Any, np.dtype[np.float32]]
    high: np.ndarray[Any, np.dtype[np.float32]]
    seconds: float

    @property
    def peak(self) -> float:
        """The largest sample, at least a trace, so that silence can be drawn too."""
        return max(1e-4, -float(self.low.min(initial=0)), float(self.high.max(initial=0)))


def read_peaks(path: Path, columns: int) -> Peaks:
    """The outline of a file in at most `columns` columns. Raises EngineError when it cannot be read."""
    import numpy as np
    import soundfile

    lows, highs = [], []
    try:
        with soundfile.SoundFile(str(path)) as file:
            wide = max(1, -(-file.frames // columns))
            blocks = max(1, _BLOCK_FRAMES // wide)
            seconds = file.frames / file.samplerate
            while len(block := file.read(wide * blocks, dtype="float32", always_2d=True)):
                starts = np.arange(0, len(block), wide)
                lows.append(np.minimum.reduceat(block.min(axis=1), starts))
                highs.append(np.maximum.reduceat(block.max(axis=1), starts))
    except (OSError, soundfile.LibsndfileError) as error:
        raise EngineError(f"{path} cannot be drawn: {error}") from error
    if not lows:
        return Peaks(np.zeros(1, np.float32), np.zeros(1, np.float32), 0.0)
    return Peaks(np.concatenate(lows), np.concatenate(highs), seconds)


def draw_small(painter: QPainter, place: QRect, peaks: Peaks | None, ink: QColor) -> None:
    """Draw an outline as high as the place; a flat line while it is not known."""
    middle = place.top() + place.height() / 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(ink, 1))
    if peaks is None:
        painter.setOpacity(0.35)
        painter.drawLine(QLineF(place.left(), middle, place.right(), middle))
    else:
        scale = (place.height() / 2 - 1) / peaks.peak
        step = place.width() / len(peaks.low)
        lows, highs = (middle - peaks.low * scale).tolist(), (middle - peaks.high * scale).tolist()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        left, wide = float(place.left()), max(1.0, step)
        painter.drawRects(
            *(
                QRectF(left + number * step, top, wide, max(1.0, low - top))
                for number, (low, top) in enumerate(zip(lows, highs))
            )
        )
    painter.restore()
