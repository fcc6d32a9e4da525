"""The library's part of the panel on true takes: without a window around it, an engine, or a sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PyQt6.QtCore import QItemSelectionModel
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.library import Clip
from engine.scene import Output, Scene
from engine.settings import load_settings
from engine.studio import Studio
from gui import theme
from gui.adapter import Adapter
from gui.asking import Asking
from gui.clip_asking import ClipAsking, ExportAnswer, LabelAnswer
from gui.library_desk import LibraryDesk
from tests.many_clips import some_takes
from tests.silent_audition import SilentAudition

PROMPTS = ("steady rain on a tent", "slow waves at night", "wind in a pine forest", "crickets", "a crowd")


class Answers(Asking, ClipAsking):
    """Answers in the user's place."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.choice: str | None = None
        self.label_answer: LabelAnswer | None = None
        self.export_answer: ExportAnswer | None = None
        self.made: Scene | None = None
        self.parts: list[tuple[float, float] | None] = []

    def text(self, title: str, words: str, now: str = "") -> str | None:
        return self.name

    def one_of(self, title: str, words: str, choices: Sequence[tuple[str, str]], now: str = "") -> str | None:
        return self.choice

    def labels(self, clips: Sequence[Clip]) -> LabelAnswer | None:
        return self.label_answer

    def variation(self, clip: Clip) -> Scene | None:
        return self.made

    def extension(self, clip: Clip) -> Scene | None:
        return self.made

    def inpainting(self, clip: Clip, part: tuple[float, float] | None) -> Scene | None:
        self.parts.append(part)
        return self.made

    def export(self, clips: Sequence[Clip], output: Output, folder: Path) -> ExportAnswer | None:
        return self.export_answer


class LibraryPanel:
    """A desk with everything it needs, shown, and looking at its studio."""

    def __init__(self, qtbot: QtBot, prompts: Sequence[str]) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.apply_theme(application, "dark")
        self.qtbot, self.sound, self.answers = qtbot, SilentAudition(), Answers()
        self.studio = Studio(load_settings())
        self.studio._audition = self.sound
        self.library = self.studio.library
        self.clips = some_takes(self.library, prompts)
        self.adapter = Adapter(self.studio)
        self.desk = LibraryDesk(self.studio, self.adapter, self.answers)
        self.desk.acts.clip_asking = self.answers
        self.view, self.table, self.model = self.desk.view, self.desk.view.table, self.desk.view.model
        self.take, self.player = self.desk.take, self.desk.player
        qtbot.addWidget(self.desk.column)
        self.desk.column.resize(460, 760)
        self.desk.column.show()
        qtbot.waitExposed(self.desk.column)
        self.adapter.start()
        self.wait(lambda: self.model.rowCount() == len(prompts))

    def titles(self) -> list[str]:
        """The scenes in the list, from the top."""
        return [clip.title for row in range(self.model.rowCount()) if (clip := self.model.clip_at(row))]

    def wait(self, condition: Callable[[], object]) -> None:
        """Until it is so."""
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=10_000)

    def choose(self, *titles: str) -> list[Clip]:
        """Choose these takes in the list."""
        self.table.clearSelection()
        clips = [clip for clip in self.clips if clip.title in titles]
        for clip in clips:
            self.table.selectRow(self.model.row_of(clip.id)) if len(clips) == 1 else self._add(clip)
        return clips

    def _add(self, clip: Clip) -> None:
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        selection = self.table.selectionModel()
        assert selection is not None
        index = self.model.index(self.model.row_of(clip.id), 0)
        selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        selection.select(index, flags)

    def close(self) -> None:
        """As the window does."""
        self.adapter.stop()
        self.desk.close()
        self.studio.close()


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[LibraryPanel]:
    """Five takes in the library."""
    made = LibraryPanel(qtbot, PROMPTS)
    yield made
    made.close()


@pytest.fixture
def empty_panel(qtbot: QtBot) -> Iterator[LibraryPanel]:
    """No take at all."""
    made = LibraryPanel(qtbot, ())
    yield made
    made.close()
