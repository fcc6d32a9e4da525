"""The style sheet of the panel as one template; the colours are filled in by the theme.

Sizes are in px of the design; the UI scale multiplies all of them. This module knows no widget of ours, only
Qt's and a few roles: [role="title"], [role="muted"], [role="primary"], [role="quiet"], [role="figure"].
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def style_sheet(colours: DataclassInstance) -> str:
    """The whole style sheet in those colours."""
    text = _TEMPLATE
    values: dict[str, Any] = asdict(colours)
    # Longest first: "$on_accent" before "$on".
    for role in sorted(values, key=len, reverse=True):
        text = text.replace(f"${role}", values[role])
    return text


_TEMPLATE = """
QMainWindow, QDialog { background: $window; }
QWidget[role="panel"] { background: $panel; }
QToolTip { background: $raised; color: $text; border: 1px solid $edge; padding: 4px 6px; }

QLabel[role="title"] { color: $text; font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="label"] { color: $muted; }
QLabel[role="danger"] { color: $danger; }
QLabel[role="good"] { color: $good; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="heading"] { color: $text; font-size: 17px; font-weight: 600; }

QPushButton, QToolButton {
    background: $raised; color: $text; border: 1px solid $line; border-radius: 4px;
    padding: 0 10px; min-height: 22px;
}
QToolButton { padding: 0 8px; }
QPushButton[role="tight"] { padding: 0 7px; }
QToolButton[role="fold"] { background: transparent; border-color: transparent; padding: 0 6px 0 0; }
QToolButton[role="fold"]:focus { border-color: $accent; }
QPushButton:hover, QToolButton:hover { border-color: $edge; }
QPushButton:pressed, QToolButton:pressed { background: $line; }
QPushButton:checked, QToolButton:checked { background: $chosen; color: $on_chosen; border-color: $accent; }
QPushButton:disabled, QToolButton:disabled { color: $muted; background: transparent; border-color: $line; }
QPushButton:focus, QToolButton:focus { border: 1px solid $accent; }
QPushButton[role="primary"] {
    background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 600; padding: 0 16px;
    min-height: 30px;
}
QPushButton[role="primary"]:hover { background: $accent_text; }
QPushButton[role="primary"]:focus { border: 2px solid $text; }
QPushButton[role="primary"]:disabled { background: $raised; color: $muted; border-color: $line; }
QPushButton[role="quiet"], QToolButton[role="quiet"] { background: transparent; border-color: transparent; }
QPushButton[role="quiet"]:hover, QToolButton[role="quiet"]:hover { background: $raised; }
QPushButton[role="quiet"]:checked, QToolButton[role="quiet"]:checked { background: $raised; color: $text; }
QPushButton[role="quiet"]:focus, QToolButton[role="quiet"]:focus { border-color: $accent; }
QPushButton[role="quiet"]:disabled, QToolButton[role="quiet"]:disabled { border-color: transparent; }
QToolButton::menu-indicator { image: none; width: 0; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {
    background: $field; color: $text; border: 1px solid $line; border-radius: 4px; padding: 0 6px;
    min-height: 22px; selection-background-color: $chosen; selection-color: $on_chosen;
}
QLineEdit, QPlainTextEdit { placeholder-text-color: $muted; }
QPlainTextEdit, QTextEdit { padding: 4px; min-height: 44px; }
QPlainTextEdit[role="lines"] { min-height: 56px; max-height: 56px; }
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox { max-height: 22px; }
QLineEdit:hover, QPlainTextEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover, QComboBox:hover {
    border-color: $edge;
}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus,
QComboBox:focus, QComboBox:on { border-color: $accent; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {
    color: $muted; background: transparent;
}
QLineEdit[wrong="true"], QPlainTextEdit[wrong="true"], QSpinBox[wrong="true"],
QDoubleSpinBox[wrong="true"], QComboBox[wrong="true"] { border-color: $danger; }
QSpinBox, QDoubleSpinBox { padding-right: 2px; }
QComboBox { padding-right: 4px; }
QComboBox::drop-down { border: none; width: 18px; subcontrol-position: center right; }
QComboBox::down-arrow { image: url(icons:chevron-$muted.svg); width: 10px; height: 10px; }
QComboBox QAbstractItemView {
    background: $panel; color: $text; border: 1px solid $edge; outline: none; padding: 2px;
    selection-background-color: $chosen; selection-color: $on_chosen;
}

QCheckBox, QRadioButton { color: $text; spacing: 6px; min-height: 22px; }
QCheckBox:disabled, QRadioButton:disabled { color: $muted; }
QCheckBox::indicator, QRadioButton::indicator {
    width: 13px; height: 13px; border: 1px solid $edge; border-radius: 3px; background: $field;
}
QRadioButton::indicator { border-radius: 7px; }
QCheckBox::indicator:checked {
    background: $accent; border-color: $accent; image: url(icons:tick-$on_accent.svg);
}
QRadioButton::indicator:checked { background: $accent; border: 4px solid $field; width: 7px; height: 7px; }
QCheckBox:focus, QRadioButton:focus { color: $accent_text; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: $accent; }

QListView, QTreeView, QTableView, QListWidget, QTreeWidget {
    background: $panel; color: $text; border: 1px solid $line; border-radius: 4px; outline: none;
    selection-background-color: $chosen; selection-color: $on_chosen;
    alternate-background-color: $panel;
}
QListView:focus, QTreeView:focus, QTableView:focus { border-color: $accent; }
QTreeView::item, QListView::item { min-height: 24px; padding: 0 4px; border: none; }
QTreeView::item:hover, QListView::item:hover { background: $raised; }
QTreeView::item:selected, QListView::item:selected { background: $chosen; color: $on_chosen; }
QTreeView::branch { background: transparent; }
QTreeView::branch:selected { background: $chosen; }
QTreeView::branch:has-children:!has-siblings:closed, QTreeView::branch:closed:has-children {
    image: url(icons:right-$muted.svg);
}
QTreeView::branch:open:has-children { image: url(icons:chevron-$muted.svg); }
QHeaderView::section {
    background: $panel; color: $muted; border: none; border-bottom: 1px solid $line; padding: 2px 6px;
    min-height: 20px;
}
QTableView { gridline-color: transparent; }

QMenuBar { background: $window; color: $text; border: none; padding: 2px 4px; }
QMenuBar::item { background: transparent; padding: 3px 8px; border-radius: 4px; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $panel; color: $text; border: 1px solid $edge; padding: 4px; }
QMenu::item { padding: 4px 20px 4px 12px; border-radius: 3px; }
QMenu::item:selected { background: $chosen; color: $on_chosen; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }
QMenu::indicator { width: 12px; height: 12px; margin-left: 4px; }
QMenu::indicator:checked { image: url(icons:tick-$text.svg); }

QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: $line; }
QStatusBar { background: $window; color: $muted; }
QStatusBar::item { border: none; }
QFrame[role="rule"] { background: $line; max-height: 1px; min-height: 1px; border: none; }
QFrame[role="notice"] { background: $notice; border: 1px solid $line; border-radius: 4px; }
QFrame[role="notice"] QLabel { color: $text; background: transparent; }
QFrame[role="notice"][kind="error"] { border-color: $danger; }
QFrame[role="notice"][kind="error"] QLabel { color: $danger; }

QProgressBar { background: $line; border: none; border-radius: 2px; min-height: 4px; max-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $line; border-radius: 4px; margin: 1px; }
QScrollBar::handle:vertical { min-height: 24px; }
QScrollBar::handle:horizontal { min-width: 24px; }
QScrollBar::handle:hover { background: $edge; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollArea { border: none; background: transparent; }
QScrollArea > QWidget > QWidget { background: transparent; }

QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabBar::tab {
    background: transparent; color: $muted; padding: 5px 12px; border-bottom: 2px solid transparent;
}
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $accent_text; }
QSlider::groove:horizontal { background: $line; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { background: $text; width: 10px; margin: -5px 0; border-radius: 5px; }
QSlider::handle:horizontal:focus { background: $accent; }
QDockWidget { color: $text; }
QDockWidget::title { background: $panel; padding: 6px 8px; }
"""
