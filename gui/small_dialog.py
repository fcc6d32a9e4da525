"""A small dialog: fields in rows, a place for what is wrong, and two buttons. It knows not what is asked."""

from __future__ import annotations

from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QVBoxLayout, QWidget

from engine.errors import EngineError
from gui.fields import GAP, label
from gui.notice import Notice


class SmallDialog(QDialog):
    """A title, fields in rows, a place for what is wrong, and two buttons."""

    def __init__(self, title: str, words: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.fields, self.notice = QGridLayout(), Notice()
        self.fields.setSpacing(GAP)
        self.fields.setColumnStretch(1, 1)
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Ok | standard.Cancel)
        yes, no = self.buttons.button(standard.Ok), self.buttons.button(standard.Cancel)
        if yes is not None and no is not None:
            yes.setText(words)
            no.setText("Never mind")
            yes.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(GAP)
        layout.addLayout(self.fields)
        layout.addWidget(self.notice)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(420)

    def add(self, name: str, field: QWidget) -> None:
        """One row."""
        line = self.fields.rowCount()
        self.fields.addWidget(label(name, "label", field), line, 0)
        self.fields.addWidget(field, line, 1)

    def grow(self) -> None:
        """Make room for sentences that have become longer."""
        if self.isVisible():
            self.resize(self.width(), max(self.height(), self.heightForWidth(self.width())))

    def checked(self) -> None:
        """Raise EngineError when an answer is wrong."""

    def accept(self) -> None:
        """Close only with an answer that is right."""
        try:
            self.checked()
        except EngineError as error:
            self.notice.fail(str(error))
            self.grow()
            return
        super().accept()
