"""The questions that need an answer before anything goes on: a name, a file, a yes.

One small object, so that a test can answer in the user's place. It knows nothing of what is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtWidgets import QFileDialog, QInputDialog, QLineEdit, QMessageBox, QWidget


class Asking:
    """Asks in front of `parent`. None is "never mind"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._parent = parent

    def text(self, title: str, words: str, now: str = "") -> str | None:
        """One line of text."""
        text, sure = QInputDialog.getText(self._parent, title, words, QLineEdit.EchoMode.Normal, now)
        return text.strip() if sure and text.strip() else None

    def yes(self, question: str, words: str) -> bool:
        """Whether to do it. words: what the button that does it says."""
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle("Roomtone")
        box.setText(question)
        do = box.addButton(words, QMessageBox.ButtonRole.AcceptRole)
        leave = box.addButton("Never mind", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(leave)
        box.setEscapeButton(leave)
        box.exec()
        return box.clickedButton() is do

    def one_of(self, title: str, words: str, choices: Sequence[tuple[str, str]], now: str = "") -> str | None:
        """One of (value, words); `now` is offered first."""
        values, shown = [value for value, _ in choices], [text for _, text in choices]
        place = values.index(now) if now in values else 0
        text, sure = QInputDialog.getItem(self._parent, title, words, shown, place, False)
        return values[shown.index(text)] if sure else None

    def open_file(self, title: str, kinds: str) -> Path | None:
        """A file that there is."""
        path, _ = QFileDialog.getOpenFileName(self._parent, title, "", kinds)
        return Path(path) if path else None

    def save_file(self, title: str, name: str, kinds: str) -> Path | None:
        """A file to be written."""
        path, _ = QFileDialog.getSaveFileName(self._parent, title, name, kinds)
        return Path(path) if path else None

    def folder(self, title: str, now: Path) -> Path | None:
        """A folder."""
        path = QFileDialog.getExistingDirectory(self._parent, title, str(now))
        return Path(path) if path else None
