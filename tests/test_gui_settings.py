"""Settings and first steps: what is chosen is kept, what is refused changes nothing, no file is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.settings import folders, load_settings
from gui import theme
from gui.first_start import TEST_SCENE, FirstStart
from gui.state import load_state
from tests.panel import noise_studio, open_window, until


def test_what_is_saved_holds_from_now_on_and_next_time(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio())
    desk = window.open_settings()
    dialog = desk.dialog
    dialog.device.choose("cpu")
    dialog.threads.setValue(3)
    dialog.rate.choose("48000")
    dialog.port.setValue(9_100)
    dialog.theme.choose("light")
    dialog.scale.choose("1.25")
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    settings = load_settings()
    assert (settings.device, settings.threads, settings.output.rate) == ("cpu", 3, 48_000)
    assert settings.bridge.port == 9_100
    assert window.studio.settings == settings
    assert theme.current() == theme.LIGHT
    assert "opened again" in window.notice.sentence
    window.close()
    assert (load_state().theme, load_state().scale) == ("light", 1.25)


def test_a_refused_setting_is_told_in_the_dialog_and_changes_nothing(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio())
    desk = window.open_settings()
    before = window.studio.settings
    desk.dialog.creator.setText("a b")
    qtbot.mouseClick(desk.dialog.save, Qt.MouseButton.LeftButton)
    assert "1 to 16 letters" in desk.dialog.notice.sentence
    assert desk.dialog.isVisible()
    assert window.studio.settings == before
    assert not folders().settings_file.exists()
    desk.dialog.reject()


def test_the_library_moves_by_copy_check_and_switch(qtbot: QtBot, tmp_path: Path) -> None:
    old, new = folders().library, tmp_path / "new place"
    old.mkdir(parents=True)
    (old / "clip.wav").write_bytes(b"sound" * 1000)
    window = open_window(qtbot, noise_studio(), new)
    desk = window.open_settings()
    qtbot.mouseClick(desk.dialog.move_library, Qt.MouseButton.LeftButton)
    until(qtbot, lambda: window.studio.settings.library_folder == new)
    assert (new / "clip.wav").read_bytes() == (old / "clip.wav").read_bytes()
    assert load_settings().library_folder == new
    assert "were checked" in desk.dialog.notice.sentence
    assert desk.dialog.library.text() == str(new)
    qtbot.mouseClick(desk.dialog.save, Qt.MouseButton.LeftButton)
    assert load_settings().library_folder == new


def test_a_library_does_not_move_into_itself(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio(), folders().library / "below")
    desk = window.open_settings()
    qtbot.mouseClick(desk.dialog.move_library, Qt.MouseButton.LeftButton)
    assert "within each other" in desk.dialog.notice.sentence
    assert window.studio.settings.library_folder == folders().library
    desk.dialog.reject()


def test_the_first_steps_keep_folder_and_device_and_let_a_clip_be_heard(qtbot: QtBot, tmp_path: Path) -> None:
    with noise_studio() as studio:
        window = open_window(qtbot, studio, tmp_path / "clips")
        steps = window.welcome(replace(TEST_SCENE, model="noise"))
        qtbot.mouseClick(steps.choose, Qt.MouseButton.LeftButton)
        qtbot.mouseClick(steps.next, Qt.MouseButton.LeftButton)
        steps.device.choose("cpu")
        qtbot.mouseClick(steps.next, Qt.MouseButton.LeftButton)
        assert (load_settings().library_folder, load_settings().device) == (tmp_path / "clips", "cpu")
        qtbot.mouseClick(steps.make, Qt.MouseButton.LeftButton)
        until(qtbot, lambda: steps.again.isEnabled())
        assert Path(steps._path).is_relative_to(tmp_path / "clips")
        assert window.studio.audition.state().path == Path(steps._path)
        qtbot.mouseClick(steps.next, Qt.MouseButton.LeftButton)
        assert window.state.welcomed
        window.close()
        assert load_state().welcomed


def test_skipping_the_first_steps_changes_nothing_and_does_not_ask_again(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio())
    window.welcome()
    steps = window.findChild(FirstStart)
    assert steps is not None
    steps.reject()
    assert window.state.welcomed
    assert not folders().settings_file.exists()


@pytest.mark.parametrize("page", range(5))
def test_every_tab_of_the_settings_fits(qtbot: QtBot, page: int) -> None:
    window = open_window(qtbot, noise_studio())
    desk = window.open_settings()
    desk.dialog.tabs.setCurrentIndex(page)
    wanted, there = desk.dialog.minimumSizeHint(), desk.dialog.size()
    assert wanted.width() <= there.width()
    assert wanted.height() <= there.height()
    desk.dialog.reject()
