"""The queue as one sees it: what renders, what waits, what ended, and what one can do about it.

It shows snapshots and says by signals what the user wants; it knows no studio.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from PyQt6.QtCore import QModelIndex, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QListView, QMenu, QVBoxLayout, QWidget

from engine.jobs import Job
from gui import job_words
from gui.empty import Sentence
from gui.fields import GAP, Elastic, button, label, row
from gui.job_rows import JOB_ROLE, JobDelegate, JobRows
from gui.notice import Notice

ACTIONS = (
    ("cancel", "Cancel", "Take the job back (Del).", "Del"),
    ("retry", "Retry", "Queue the same scene once more.", "Ctrl+R"),
    ("up", "Up", "Let the waiting job come earlier (Alt+Up).", "Alt+Up"),
    ("down", "Down", "Let the waiting job come later (Alt+Down).", "Alt+Down"),
)
_EMPTY = "Nothing is being rendered.\nWrite a scene and press Ctrl+Enter."


class JobList(QWidget):
    """The jobs. wanted: an action's name and the job's id; opened: the clip id of a finished one."""

    wanted = pyqtSignal(str, str)
    opened = pyqtSignal(str)
    clear_asked = pyqtSignal()
    unload_asked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.rows = JobRows(self)
        self.view = _View()
        self.notice = Notice()
        self._summary = Elastic()
        self._model = label("", "muted")
        self._model.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._unload = button(
            "Unload",
            "Free the memory that the model takes; the next render loads it again.",
            self.unload_asked.emit,
            name="Unload model",
        )
        self._clear = button("Clear", "Take what has ended off this list. The clips stay.")
        self._clear.clicked.connect(lambda: self.clear_asked.emit())
        self._buttons = {
            name: button(words, tip, functools.partial(self._act, name)) for name, words, tip, _ in ACTIONS
        }
        self._menu = QMenu(self)
        self._lay_out()
        self._connect()
        self.show_model("")
        self.show_jobs([])

    def show_jobs(self, jobs: Sequence[Job]) -> None:
        """Show the whole queue in this order; the chosen job stays chosen."""
        chosen = self.chosen()
        self.rows.show_jobs(jobs)
        if chosen is not None and self.chosen() is None:
            place = self.rows.place(chosen.id)
            if place >= 0:
                self.view.setCurrentIndex(self.rows.index(place))
        self._summary.setText(job_words.summary(list(jobs)))
        self._clear.setEnabled(any(job.ended for job in jobs))
        self.view.empty.say("" if jobs else _EMPTY)
        self._show_chosen()

    def show_model(self, name: str) -> None:
        """Say which model is in memory; "" is none."""
        self._model.setText(f"{name} is loaded" if name else "")
        self._unload.setVisible(bool(name))

    def chosen(self) -> Job | None:
        """The chosen job, as last shown."""
        job = self.view.currentIndex().data(JOB_ROLE)
        return job if isinstance(job, Job) else None

    def choose(self, job_id: str) -> None:
        """Choose a job."""
        place = self.rows.place(job_id)
        if place >= 0:
            self.view.setCurrentIndex(self.rows.index(place))

    def _lay_out(self) -> None:
        self.view.setModel(self.rows)
        self.view.setItemDelegate(JobDelegate(self.view))
        for name, words, tip, keys in ACTIONS:
            action = self._menu.addAction(words)
            assert action is not None
            action.setObjectName(name)
            action.setToolTip(tip)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(functools.partial(self._acted, name))
            self.view.addAction(action)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addLayout(row(label("Queue", "title"), self._summary, self._model, self._unload))
        layout.addWidget(self.notice)
        layout.addWidget(self.view, 1)
        layout.addLayout(row(*self._buttons.values(), 1, self._clear, gap=4))

    def _connect(self) -> None:
        self.view.moved.connect(self._show_chosen)
        self.view.activated.connect(self._open)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._show_menu)

    def _act(self, name: str) -> None:
        job = self.chosen()
        if job is not None and name in _possible(job):
            self.wanted.emit(name, job.id)

    def _acted(self, name: str, _checked: bool = False) -> None:
        self._act(name)

    def _open(self, index: QModelIndex) -> None:
        job = index.data(JOB_ROLE)
        if isinstance(job, Job) and job.clip:
            self.opened.emit(job.clip)

    def _show_menu(self, place: QPoint) -> None:
        viewport = self.view.viewport()
        if viewport is not None and self.chosen() is not None:
            self._menu.popup(viewport.mapToGlobal(place))

    def _show_chosen(self) -> None:
        job = self.chosen()
        possible = _possible(job) if job is not None else ()
        for name, made in self._buttons.items():
            made.setEnabled(name in possible)
        for action in self._menu.actions():
            action.setEnabled(action.objectName() in possible)


class _View(QListView):
    """A list that says when the choice moved, and says a sentence when it is empty."""

    moved = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Queue")
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setMinimumHeight(72)
        self.empty = Sentence(self)

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        """Qt tells the choice here."""
        super().currentChanged(current, previous)
        self.moved.emit()


def _possible(job: Job) -> tuple[str, ...]:
    return {"running": ("cancel",), "waiting": ("cancel", "up", "down")}.get(job.state, ("retry",))
