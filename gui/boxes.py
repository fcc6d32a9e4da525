"""Small boxes in front of the window: the keys, and what this program is. They change nothing."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QMessageBox, QWidget

from gui.menus import keys_table


def show_keys(parent: QWidget) -> None:
    """Every key of the panel, until the box is closed; the window stays usable behind it."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, "Keys", keys_table(), parent=parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()


def show_about(parent: QWidget) -> None:
    """Name, version and licence; returns when the box is closed."""
    from engine import __version__

    QMessageBox.about(
        parent, "Roomtone", f"Roomtone {__version__}\nAmbience from a sentence. GPL-3.0-or-later."
    )
