"""What stands where there is nothing to show: a sentence in the middle, and perhaps a way out.

Signal: acted() when the way out was taken. It knows nothing of what is missing.
"""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.fields import GAP, button, label

_WIDEST = 320


class Empty(QFrame):
    """A sentence in the middle."""

    acted = pyqtSignal()

    def __init__(self, sentence: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = label("", "muted")
        self._text.setWordWrap(True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setMaximumWidth(_WIDEST)
        self._text.setMinimumWidth(120)
        self._act = button("", "", self.acted.emit)
        middle = QHBoxLayout()
        middle.addStretch()
        middle.addWidget(self._text, 4)
        middle.addStretch()
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self._act)
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.setSpacing(GAP)
        layout.addStretch(2)
        layout.addLayout(middle)
        layout.addLayout(buttons)
        layout.addStretch(3)
        self.tell(sentence)

    @property
    def sentence(self) -> str:
        """What it says."""
        return self._text.text()

    def tell(self, sentence: str, action: str = "") -> None:
        """Say this; with `action`, a button of these words stands below."""
        self._text.setText(sentence)
        self.setAccessibleName(sentence)
        self._act.setText(action)
        self._act.setAccessibleName(action or "Way out")
        self._act.setToolTip(action)
        self._act.setVisible(bool(action))


class Sentence(QLabel):
    """A sentence in the middle of a list that may be empty; it is not there until something is said."""

    def __init__(self, view: QWidget) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "muted")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        QVBoxLayout(view).addWidget(self)
        self.hide()

    def say(self, sentence: str) -> None:
        """Show a sentence; "" is none."""
        self.setText(sentence)
        self.setVisible(bool(sentence))
