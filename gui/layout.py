"""Where everything stands in the window: three columns that can be drawn wider, below a line for sentences.

Left the presets, in the middle the scene above the queue, right the library. It knows no studio.
"""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from gui.columns import column, splitter
from gui.fields import GAP


def laid_out(
    notice: QWidget, presets: QWidget, form: QWidget, jobs: QWidget, library: QSplitter
) -> tuple[QWidget, dict[str, QSplitter]]:
    """The whole, and what divides it, by the names under which its places are remembered."""
    middle = splitter(Qt.Orientation.Vertical, "Scene and queue", form, jobs)
    columns = splitter(Qt.Orientation.Horizontal, "Columns", column(presets), middle, library)
    columns.setSizes([240, 480, 444])
    columns.setStretchFactor(1, 1)
    columns.setStretchFactor(2, 1)
    middle.setSizes([400, 300])
    whole = QWidget()
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(GAP, 0, GAP, 0)
    layout.setSpacing(GAP)
    layout.addWidget(notice)
    layout.addWidget(columns, 1)
    return whole, {"columns": columns, "middle": middle, "library": library}
