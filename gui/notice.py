"""A sentence where the user is looking: an error or a message, with a way out, gone when it is settled.

It never shows a traceback; that is in the log. This module knows no studio.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from PyQt6.QtWidgets import QFrame, QHBoxLayout, QWidget

from gui.fields import GAP, button, explain, label


class Notice(QFrame):
    """One sentence with at most one button that acts, and one that puts the sentence away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self._action: Callable[[], object] | None = None
        self._sentence = ""
        self._text = label()
        self._text.setWordWrap(True)
        self._act = button("Do it", "What can be done about it.", self._acted)
        self._close = button("Dismiss", "Put this message away.", self.clear, role="quiet")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GAP, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._act)
        layout.addWidget(self._close)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says now, "" when it is hidden."""
        return "" if self.isHidden() else self._sentence

    def tell(
        self, sentence: str, action: str = "", do: Callable[[], object] | None = None, *, error: bool = False
    ) -> None:
        """Show a sentence. action: the words on the button that calls `do`."""
        self._sentence = sentence
        # A long path may break behind each folder and word, else it would be cut.
        self._text.setText(re.sub(r"([/\\_])", "\\1\u200b", sentence))
        self.setAccessibleName(sentence)
        self._action = do
        if action:
            self._act.setText(action)
            self._act.setAccessibleName(action)
            explain(self._act, f"{action}: what can be done about it.")
        self._act.setVisible(bool(action and do))
        self.setProperty("kind", "error" if error else "")
        style = self.style()
        for widget in (self, self._text):
            if style is not None:
                style.unpolish(widget)
                style.polish(widget)
        self.show()

    def fail(self, sentence: str, action: str = "", do: Callable[[], object] | None = None) -> None:
        """Show what went wrong."""
        self.tell(sentence, action, do, error=True)

    def clear(self) -> None:
        """Put the sentence away."""
        self.hide()
        self._action = None

    def _acted(self) -> None:
        action = self._action
        self.clear()
        if action is not None:
            action()
