"""The seed of a scene: a number, whether it is locked, and a button that draws another one.

It knows no scene; the form puts its value into one.
"""

from __future__ import annotations

import secrets

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from engine.ranges import RANGES
from gui.fields import NumberField, button, explain, row


class SeedRow(QWidget):
    """Locked, the number counts; otherwise it tells what was drawn last."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.number = NumberField("seed", "Seed", "The same seed gives the same clip.")
        self.lock = QCheckBox("Lock")
        self.lock.setAccessibleName("Lock the seed")
        explain(self.lock, "Render with this very seed. Otherwise a new one is drawn for each render.")
        self.number.setFixedWidth(104)
        self.number.set_number(_drawn())
        another = button("New seed", "Draw another seed and lock it (Ctrl+D).", self.draw)
        self.setLayout(row(self.number, self.lock, another, 1))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.number.valueChanged.connect(lambda *_: self.changed.emit())
        self.lock.toggled.connect(lambda *_: self.changed.emit())

    def seed(self) -> int | None:
        """The seed; None while it is not locked."""
        return self.number.whole() if self.lock.isChecked() else None

    def show_seed(self, seed: int | None) -> None:
        """Show the seed of a scene, and lock it when there is one."""
        self.lock.setChecked(seed is not None)
        if seed is not None:
            self.number.set_number(seed)

    def show_drawn(self, seed: int) -> None:
        """Show the seed that was drawn for a render; a locked one stays."""
        if not self.lock.isChecked():
            self.number.set_number(seed)

    def draw(self) -> None:
        """Another seed, locked."""
        self.number.set_number(_drawn())
        self.lock.setChecked(True)


def _drawn() -> int:
    return secrets.randbelow(int(RANGES["seed"].high) + 1)
