"""The rows of the queue: a model that keeps the jobs in their order, and a delegate that paints one.

It knows no studio and decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.jobs import Job
from gui import job_words, theme

JOB_ROLE = Qt.ItemDataRole.UserRole + 1
_PAD = 8
_BAR_HEIGHT = 3


class JobRows(QAbstractListModel):
    """The jobs of the queue, from the running one to the oldest ended one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: list[Job] = []

    def show_jobs(self, jobs: Sequence[Job]) -> None:
        """Take these jobs in this order. Rows that did not change are not painted anew."""
        new = list(jobs)
        if [job.id for job in new] == [job.id for job in self._jobs]:
            changed = [place for place, (old, now) in enumerate(zip(self._jobs, new)) if old != now]
            self._jobs = new
            for place in changed:
                index = self.index(place)
                self.dataChanged.emit(index, index)
            return
        self.beginResetModel()
        self._jobs = new
        self.endResetModel()

    def jobs(self) -> list[Job]:
        """The jobs as shown."""
        return list(self._jobs)

    def place(self, job_id: str) -> int:
        """The row of a job, -1 when it is not shown."""
        return next((place for place, job in enumerate(self._jobs) if job.id == job_id), -1)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """One row a job."""
        return 0 if parent is not None and parent.isValid() else len(self._jobs)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The job itself, and its words for those who cannot see the row."""
        if not 0 <= index.row() < len(self._jobs):
            return None
        job = self._jobs[index.row()]
        if role == JOB_ROLE:
            return job
        if role == Qt.ItemDataRole.DisplayRole:
            return job_words.title(job)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return job_words.spoken(job)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{job_words.title(job)}\n{job_words.state(job)}"
        return None


class JobDelegate(QStyledItemDelegate):
    """Two lines of text and, while it runs, a thin bar."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Two lines and the space around them."""
        return QSize(120, 2 * QFontMetrics(option.font).height() + 2 * 6 + 4)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """One job."""
        job = index.data(JOB_ROLE)
        if painter is None or not isinstance(job, Job):
            return
        colours = theme.current()
        painter.save()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(option.rect, QColor(colours.chosen))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, QColor(colours.raised))
        ink = colours.on_chosen if chosen else colours.text
        quiet = colours.on_chosen if chosen else colours.muted
        state = quiet if chosen else {"failed": colours.danger, "done": colours.good}.get(job.state, quiet)
        self._write(painter, option, job, ink if job.state != "cancelled" else quiet, state, quiet)
        if job.state == "running":
            _bar(painter, option.rect, job.fraction, colours)
        painter.restore()

    def _write(
        self, painter: QPainter, option: QStyleOptionViewItem, job: Job, ink: str, state: str, quiet: str
    ) -> None:
        font = theme.figures_font(QFont(option.font))
        painter.setFont(font)
        metrics = QFontMetrics(font)
        inside = option.rect.adjusted(_PAD, 5, -_PAD, -5)
        lines = metrics.height()
        figures = job_words.figures(job)
        width = metrics.horizontalAdvance(figures)
        second = QRect(inside.left(), inside.top() + lines + 2, inside.width(), lines)
        _line(
            painter,
            metrics,
            QRect(inside.left(), inside.top(), inside.width(), lines),
            job_words.title(job),
            ink,
        )
        _line(painter, metrics, second.adjusted(0, 0, -width - _PAD, 0), job_words.state(job), state)
        painter.setPen(QColor(quiet))
        painter.drawText(second, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, figures)


def _line(painter: QPainter, metrics: QFontMetrics, place: QRect, text: str, colour: str) -> None:
    painter.setPen(QColor(colour))
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _bar(painter: QPainter, rect: QRect, fraction: float, colours: theme.Colours) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    whole = QRectF(rect.left() + _PAD, rect.bottom() - _BAR_HEIGHT - 1, rect.width() - 2 * _PAD, _BAR_HEIGHT)
    painter.setBrush(QColor(colours.line))
    painter.drawRoundedRect(whole, 1.5, 1.5)
    whole.setWidth(whole.width() * min(1.0, max(0.0, fraction)))
    painter.setBrush(QColor(colours.accent))
    painter.drawRoundedRect(whole, 1.5, 1.5)
