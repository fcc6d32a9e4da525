"""The window's controls: each has a name and explains itself, keys reach all of them, and nothing is cut."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui import menus
from tests.panel import noise_studio, open_window


def test_every_control_has_a_name_that_is_spoken(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio())
    window.form.advanced.unfold(True)
    window.bridge_desk.show()
    window.open_settings()
    window.welcome()
    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QSlider)
    unnamed = []
    for widget in _controls(window):
        # What QAccessible falls back on: PyQt has no door to QAccessible itself.
        name = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        focusable = widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.focusProxy() is None
        if (isinstance(widget, kinds) or focusable) and not name.strip():
            unnamed.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    assert unnamed == []


def test_every_button_says_in_words_what_it_does(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio())
    wordless = [
        made
        for made in window.findChildren(QAbstractButton)
        if made.isVisibleTo(window)
        and not _inner(made)
        and not any(letter.isascii() and letter.isalpha() for letter in made.text())
    ]
    assert wordless == []


def test_every_control_of_ours_explains_itself(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio())
    window.form.advanced.unfold(True)
    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QPlainTextEdit)
    silent = [
        f"{type(control).__name__} {control.accessibleName()}"
        for control in _controls(window)
        if isinstance(control, kinds)
        and control.isVisibleTo(window)
        and not (control.toolTip() or control.accessibleDescription())
    ]
    assert silent == []


def test_tab_reaches_every_control_of_the_form_from_top_to_bottom(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio())
    window.activateWindow()
    window.form.prompt.setFocus()
    visited = []
    for _ in range(12):
        focused = QApplication.focusWidget()
        assert focused is not None
        visited.append(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    form = window.form
    # Fields of one line differ by a pixel or two.
    places = [
        widget.mapTo(form, widget.rect().center()).y() // 16
        for widget in visited
        if form.isAncestorOf(widget)
    ]
    assert len(places) >= 8
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("key", "widget"),
    [
        (Qt.Key.Key_P, lambda window: window.presets.search),
        (Qt.Key.Key_E, lambda window: window.form.prompt),
        (Qt.Key.Key_J, lambda window: window.jobs.view),
        (Qt.Key.Key_L, lambda window: window.library_desk.view.search),
    ],
)
def test_the_keys_go_to_their_places(qtbot: QtBot, key: Qt.Key, widget: object) -> None:
    window = open_window(qtbot, noise_studio())
    window.activateWindow()
    window.form.avoid.setFocus()
    qtbot.keyClick(window.form.avoid, key, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is widget(window)  # type: ignore[operator]


def test_no_key_means_two_things(qtbot: QtBot) -> None:
    keys = [key for _, lines in menus.MENUS for _, _, keys in lines for key in keys]
    assert len(keys) == len(set(keys))
    window = open_window(qtbot, noise_studio())
    assert set(window.actions_by_name) == {name for _, lines in menus.MENUS for name, _, _ in lines if name}


def test_it_fits_into_900_by_600_and_no_text_of_a_button_is_cut(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio())
    window.resize(900, 600)
    qtbot.waitUntil(lambda: window.width() == 900)
    assert window.minimumSizeHint().width() <= 900
    assert window.minimumSizeHint().height() <= 600
    cut = [
        f"{made.text()} {made.width()} < {made.minimumSizeHint().width()}"
        for made in window.findChildren(QAbstractButton)
        if made.isVisible() and not _inner(made) and made.width() < made.minimumSizeHint().width()
    ]
    assert cut == []
    outside = [
        widget.accessibleName()
        for widget in _controls(window)
        if widget.isVisible() and not window.rect().contains(widget.mapTo(window, QPoint(0, 0)))
    ]
    assert outside == []


def _controls(window: QWidget) -> list[QWidget]:
    return [widget for widget in window.findChildren(QWidget) if not _inner(widget)]


def _inner(widget: QWidget) -> bool:
    """Qt's own inner parts: the line in a number field, the popup of a choice."""
    if widget.objectName().startswith("qt_"):
        return True
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, (QAbstractSpinBox, QComboBox, QLineEdit)):
            return True
        parent = parent.parentWidget()
    return False
