"""The questions that need an answer before anything goes on: a name, a file, a yes.

One small object, so that a test can answer in the user's place. It knows nothing of what is asked.
"""

from __future__ import annotations

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
