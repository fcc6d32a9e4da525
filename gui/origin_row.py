"""What the scene in the form is made from besides its prompt: a clip, one layer; seldom there, then let go.

It knows no scene: it shows words.
"""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget

from gui.fields import Elastic, button, label, row


class OriginRow(QWidget):
    """`name` stands before it in the form; both are hidden while there is nothing to say."""

    let_go = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.name: QLabel = label("From", "label")
        self.words = Elastic("", "")
        self.words.setAccessibleName("Made from")
        self.button = button("Let go", "Make the clip from its prompt alone.", self.let_go.emit)
        self.setLayout(row(self.words, self.button))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def tell(self, words: str) -> None:
        """Show these words; "" hides it all."""
        self.words.setText(words)
        self.words.setToolTip(words)
        for part in (self, self.name):
            part.setVisible(bool(words))
