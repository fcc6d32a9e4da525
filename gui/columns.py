"""Columns and the splitters between them. It knows nothing of what stands in a column."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from gui.fields import GAP


def column(content: QWidget) -> QWidget:
    """The content on the ground of a column, with space around it."""
    made = QWidget()
    made.setProperty("role", "panel")
    layout = QVBoxLayout(made)
    layout.setContentsMargins(GAP, GAP, GAP, GAP)
    layout.addWidget(content)
    return made


def splitter(way: Qt.Orientation, name: str, *parts: QWidget) -> QSplitter:
    """Columns, or splitters of columns, side by side or one above the other; none can be folded away."""
    made = QSplitter(way)
    made.setAccessibleName(name)
    made.setHandleWidth(GAP)
    made.setChildrenCollapsible(False)
    for part in parts:
        is_column = isinstance(part, QSplitter) or part.property("role") == "panel"
        made.addWidget(part if is_column else column(part))
    return made
