"""The field for the prompt: some lines of text with a history and with suggestions while one types.

Up in the first line goes back in the history, Down in the last line forward again, to what was being typed.
It knows no scene; what may be suggested is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtCore import QRect, QStringListModel, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QTextCursor
from PyQt6.QtWidgets import QCompleter, QPlainTextEdit

from gui.fields import explain
from gui.scene_words import tidied

HISTORY = 200
_FIRST_LETTERS = 3
_MOST_SUGGESTIONS = 7


class PromptEdit(QPlainTextEdit):
    """One prompt in one line, or one layer a line."""

    edited = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Prompt")
        explain(
            self,
            "What shall be heard, in plain English: the place, what moves in it, what is far away. "
            "Up to 2000 characters. Up and Down bring back earlier prompts.\n"
            "Several sounds in one clip: one a line, each with a gain and a place if you like, for example\n"
            "steady rain\nthunder -9 dB distant\nowl -15 dB left",
        )
        self.setPlaceholderText(
            "What shall be heard? For example: steady rain on a canvas tent, distant thunder"
        )
        self.setTabChangesFocus(True)
        self._history: list[str] = []
        self._place = 0
        self._draft = ""
        self._suggestions = QStringListModel(self)
        self._completer = self._make_completer()
        self.textChanged.connect(self.edited)

    def prompt(self) -> str:
        """The text without spare blanks, one layer a line."""
        return tidied(self.toPlainText())

    def set_prompt(self, text: str) -> None:
        """Show a text, without suggestions. It can be taken back with Ctrl+Z."""
        if text == self.prompt():
            return
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self._hide_suggestions()

    def history(self) -> list[str]:
        """The earlier prompts, oldest first."""
        return list(self._history)

    def set_history(self, prompts: Iterable[str]) -> None:
        """Begin with these earlier prompts, oldest first."""
        self._history = [prompt for prompt in prompts if prompt][-HISTORY:]
        self._place = len(self._history)

    def remember(self, prompt: str) -> None:
        """Add a prompt as the newest of the history; an older one of the same text goes.

        It has been asked for, so nothing is suggested any more: an open list would swallow the next key.
        """
        self._hide_suggestions()
        if prompt:
            self.set_history([*(old for old in self._history if old != prompt), prompt])

    def set_suggestions(self, prompts: Iterable[str]) -> None:
        """What may be suggested; the history comes before."""
        known = dict.fromkeys([*reversed(self._history), *prompts])
        self._suggestions.setStringList([prompt for prompt in known if "\n" not in prompt])

    def suggested(self) -> list[str]:
        """What is suggested now, best first; empty while nothing is shown."""
        popup = self._completer.popup()
        model = self._completer.completionModel()
        if popup is None or model is None or not popup.isVisible():
            return []
        return [str(model.index(place, 0).data()) for place in range(model.rowCount())]

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """History and suggestions first, then what every text field does."""
        if event is None:
            return
        popup = self._completer.popup()
        if popup is not None and popup.isVisible() and event.key() in _FOR_THE_POPUP:
            event.ignore()
            return
        if event.modifiers() == Qt.KeyboardModifier.NoModifier and self._walked(event.key()):
            return
        before = self.toPlainText()
        super().keyPressEvent(event)
        if self.toPlainText() != before:
            self._place = len(self._history)
            self._suggest()

    def _walked(self, key: int) -> bool:
        """Whether the key was a step in the history."""
        cursor = QTextCursor(self.textCursor())
        if key == Qt.Key.Key_Up and self._place > 0:
            if cursor.movePosition(QTextCursor.MoveOperation.Up):
                return False
            if self._place == len(self._history):
                self._draft = self.toPlainText()
            self._show_history(self._place - 1)
            return True
        if key == Qt.Key.Key_Down and self._place < len(self._history):
            if cursor.movePosition(QTextCursor.MoveOperation.Down):
                return False
            self._show_history(self._place + 1)
            return True
        return False

    def _show_history(self, place: int) -> None:
        self._place = place
        self.set_prompt(self._history[place] if place < len(self._history) else self._draft)

    def _make_completer(self) -> QCompleter:
        completer = QCompleter(self._suggestions, self)
        completer.setWidget(self)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(_MOST_SUGGESTIONS)
        completer.activated.connect(self._take)
        popup = completer.popup()
        if popup is not None:
            popup.setAccessibleName("Suggested prompts")
            popup.setTextElideMode(Qt.TextElideMode.ElideRight)
            popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return completer

    def _suggest(self) -> None:
        typed = tidied(self.textCursor().block().text())
        if len(typed) < _FIRST_LETTERS or not self.textCursor().atEnd():
            self._hide_suggestions()
            return
        self._completer.setCompletionPrefix(typed)
        model = self._completer.completionModel()
        if model is None or model.rowCount() == 0 or self._completer.currentCompletion() == typed:
            self._hide_suggestions()
            return
        under = self.cursorRect()
        self._completer.complete(QRect(0, under.top(), self.width(), under.height() + 4))

    def _take(self, text: str) -> None:
        *lines, _ = self.toPlainText().split("\n")
        self.set_prompt("\n".join([*lines, text]))

    def _hide_suggestions(self) -> None:
        popup = self._completer.popup()
        if popup is not None:
            popup.hide()


_FOR_THE_POPUP = (
    Qt.Key.Key_Enter,
    Qt.Key.Key_Return,
    Qt.Key.Key_Escape,
    Qt.Key.Key_Tab,
    Qt.Key.Key_Backtab,
)
