"""The prompt: history with the arrows, suggestions while typing, and one layer a line."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.prompt_edit import HISTORY, PromptEdit


@pytest.fixture
def prompt(qtbot: QtBot) -> PromptEdit:
    edit = PromptEdit()
    qtbot.addWidget(edit)
    edit.set_history(["old rain", "new wind"])
    edit.set_suggestions(["a crackling campfire at night", "crickets on a warm summer night"])
    edit.resize(400, 100)
    edit.show()
    edit.setFocus()
    return edit


def test_spare_blanks_and_empty_lines_do_not_count(prompt: PromptEdit) -> None:
    prompt.setPlainText(" steady   rain\n\n  thunder -9 dB ")
    assert prompt.prompt() == "steady rain\nthunder -9 dB"


def test_up_goes_back_and_down_comes_back_to_what_was_typed(prompt: PromptEdit, qtbot: QtBot) -> None:
    qtbot.keyClicks(prompt, "my")
    shown = []
    for key in (
        Qt.Key.Key_Up,
        Qt.Key.Key_Up,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
    ):
        qtbot.keyClick(prompt, key)
        shown.append(prompt.prompt())
    assert shown == ["new wind", "old rain", "old rain", "new wind", "my", "my"]


def test_up_in_a_lower_line_moves_the_cursor_instead(prompt: PromptEdit, qtbot: QtBot) -> None:
    prompt.setPlainText("one\ntwo")
    prompt.moveCursor(prompt.textCursor().MoveOperation.End)
    qtbot.keyClick(prompt, Qt.Key.Key_Up)
    assert prompt.prompt() == "one\ntwo"


def test_the_newest_prompt_is_remembered_once_and_last(prompt: PromptEdit) -> None:
    prompt.remember("old rain")
    assert prompt.history() == ["new wind", "old rain"]
    prompt.set_history([str(number) for number in range(HISTORY + 10)])
    assert len(prompt.history()) == HISTORY


def test_presets_and_history_are_suggested_and_taken_with_enter(prompt: PromptEdit, qtbot: QtBot) -> None:
    qtbot.keyClicks(prompt, "night")
    assert prompt.suggested() == ["a crackling campfire at night", "crickets on a warm summer night"]
    popup = prompt._completer.popup()
    assert popup is not None
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert prompt.prompt() == "a crackling campfire at night"
    assert prompt.suggested() == []


def test_escape_puts_suggestions_away_and_keeps_what_was_typed(prompt: PromptEdit, qtbot: QtBot) -> None:
    qtbot.keyClicks(prompt, "wind")
    assert prompt.suggested() == ["new wind"]
    popup = prompt._completer.popup()
    assert popup is not None
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    assert (prompt.suggested(), prompt.prompt()) == ([], "wind")


def test_two_letters_suggest_nothing(prompt: PromptEdit, qtbot: QtBot) -> None:
    qtbot.keyClicks(prompt, "ni")
    assert prompt.suggested() == []


def test_each_layer_has_suggestions_of_its_own(prompt: PromptEdit, qtbot: QtBot) -> None:
    prompt.setPlainText("steady rain")
    prompt.moveCursor(prompt.textCursor().MoveOperation.End)
    qtbot.keyClick(prompt, Qt.Key.Key_Return)
    qtbot.keyClicks(prompt, "crick")
    assert prompt.suggested() == ["crickets on a warm summer night"]
    popup = prompt._completer.popup()
    assert popup is not None
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert prompt.prompt() == "steady rain\ncrickets on a warm summer night"


def test_layers_come_back_from_the_history_and_are_not_suggested(prompt: PromptEdit, qtbot: QtBot) -> None:
    prompt.remember("rain\nowl -15 dB left")
    prompt.set_suggestions([])
    qtbot.keyClicks(prompt, "owl")
    assert prompt.suggested() == []
    qtbot.keyClick(prompt, Qt.Key.Key_Up)
    assert prompt.prompt() == "rain\nowl -15 dB left"
