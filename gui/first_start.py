"""The first start: where clips go, what computes, and a first clip to hear. Three steps, each may be skipped.

It asks the studio for what is chosen; all of it can be changed in the settings later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QDialog, QLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from engine.audition import AuditionState
from engine.errors import EngineError
from engine.jobs import Job
from engine.scene import Scene
from engine.settings import DEVICES
from gui import job_words
from gui.adapter import Adapter
from gui.asking import Asking
from gui.fields import GAP, Choice, button, label, row
from gui.notice import Notice
from gui.settings_dialog import DEVICE_WORDS

if TYPE_CHECKING:
    from engine.studio import Studio

TEST_SCENE = Scene("steady rain on a canvas tent, distant thunder", seconds=5.0)
_STEPS = (
    (
        "Where shall clips go?",
        "Every clip you render is kept in this folder, with its recipe inside the file.",
    ),
    ("What shall compute?", "Roomtone finds the fastest by itself. Choose another if you need that one."),
    (
        "Hear a first clip",
        "Five seconds of rain on a tent. The first render loads the model, which takes a while.",
    ),
)


class FirstStart(QDialog):
    """The three steps, in front of `parent`. scene: what is rendered in the last of them."""

    log_asked = pyqtSignal()

    def __init__(
        self, studio: Studio, adapter: Adapter, asking: Asking, parent: QWidget, scene: Scene = TEST_SCENE
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("First steps")
        self.setAccessibleName("First steps")
        self._studio, self._adapter, self._asking, self._scene = studio, adapter, asking, scene
        self._folder = studio.settings.library_folder
        self._job = ""
        self._path = ""
        self.pages = QStackedWidget()
        self.notice = Notice()
        self._make_fields()
        self._lay_out()
        adapter.jobs_changed.connect(self._hear_of_jobs)
        adapter.audition_changed.connect(self._hear_of_sound)
        self.finished.connect(self._end)
        self._show_step()

    def _make_fields(self) -> None:
        self.folder = label(str(self._folder))
        self.folder.setWordWrap(True)
        self.choose = button("Choose another folder…", "Where finished clips go.", self._choose_folder)
        self.device = Choice("Device", "What computes.", [(name, DEVICE_WORDS[name]) for name in DEVICES])
        self.device.choose(self._studio.settings.device)
        self.make = button("Render and play", "Render five seconds and play them.", self._render)
        self.again = button("Play again", "Play the clip once more.", self._play)
        self.again.setEnabled(False)
        self.told = label("", "muted")
        self.told.setWordWrap(True)
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress of the first clip")
        self.progress.setTextVisible(False)
        self.progress.setValue(0)

    def _lay_out(self) -> None:
        fields: Sequence[Sequence[QWidget | QLayout]] = (
            (self.folder, row(self.choose, 1)),
            (self.device,),
            (row(self.make, self.again, 1), self.progress, self.told),
        )
        for (heading, words), parts in zip(_STEPS, fields):
            self.pages.addWidget(_page(heading, words, parts))
        self._count = label("", "muted")
        self.back = button("Back", "The step before.", lambda: self._go(-1))
        self.next = button("Next", "The next step.", lambda: self._go(1), role="primary")
        self.next.setDefault(True)
        skip = button("Skip", "Begin at once; all of this is in the settings too.", self.reject, role="quiet")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.notice)
        layout.addLayout(row(self._count, 1, skip, self.back, self.next))
        self.resize(520, 320)

    def _go(self, by: int) -> None:
        if by > 0 and not self._kept():
            return
        place = self.pages.currentIndex() + by
        if place >= self.pages.count():
            self.accept()
            return
        self.pages.setCurrentIndex(max(0, place))
        self._show_step()

    def _show_step(self) -> None:
        place, count = self.pages.currentIndex(), self.pages.count()
        self._count.setText(f"Step {place + 1} of {count}")
        self.back.setEnabled(place > 0)
        self.next.setText("Done" if place == count - 1 else "Next")
        self.notice.clear()

    def _kept(self) -> bool:
        """Keep what this step has chosen; says whether it could be kept."""
        now = self._studio.settings
        wanted = replace(now, device=self.device.value())
        if self._folder != now.library_folder:
            wanted = replace(wanted, library=str(self._folder))
        if wanted == now:
            return True
        try:
            self._studio.use_settings(wanted)
        except EngineError as error:
            self.notice.fail(str(error))
            return False
        return True

    def _choose_folder(self) -> None:
        folder = self._asking.folder("Where clips go", _there(self._folder))
        if folder is not None:
            self._folder = folder
            self.folder.setText(str(folder))

    def _render(self) -> None:
        self.notice.clear()
        try:
            self._job = self._studio.submit(self._scene, origin="first start").id
        except EngineError as error:
            self.notice.fail(str(error))
            return
        self.make.setEnabled(False)

    def _hear_of_jobs(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            if job.id != self._job:
                continue
            self.progress.setValue(round(100 * job.fraction))
            self.told.setText(
                "  ".join(part for part in (job_words.state(job), job_words.figures(job)) if part)
            )
            self.make.setEnabled(job.ended)
            if job.state == "done":
                self._path = job.path
                self.again.setEnabled(True)
                self._play()
            elif job.state == "failed":
                self.notice.fail(job.sentence, "Open log", self.log_asked.emit)

    def _play(self) -> None:
        self._studio.audition.play(Path(self._path))

    def _hear_of_sound(self, state: AuditionState) -> None:
        if self._path and state.sentence:
            self.notice.fail(state.sentence)

    def _end(self) -> None:
        self._adapter.jobs_changed.disconnect(self._hear_of_jobs)
        self._adapter.audition_changed.disconnect(self._hear_of_sound)
        self.deleteLater()


def _page(heading: str, words: str, parts: Sequence[QWidget | QLayout]) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(GAP)
    layout.addWidget(label(heading, "heading"))
    explanation = label(words, "muted")
    explanation.setWordWrap(True)
    layout.addWidget(explanation)
    layout.addSpacing(GAP)
    for part in parts:
        if isinstance(part, QLayout):
            layout.addLayout(part)
        else:
            layout.addWidget(part)
    layout.addStretch(1)
    return page


def _there(folder: Path) -> Path:
    return next(above for above in (folder, *folder.parents) if above.exists())
