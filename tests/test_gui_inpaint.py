"""A part of a take made anew in the panel: marked in the waveform or typed, asked for in a dialog."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.changes import part_of
from engine.edits import fitted
from engine.scene import Scene
from gui.change_dialogs import InpaintDialog
from tests.library_panel import LibraryPanel, empty_panel, panel
from tests.panel import noise_studio, open_window, until
from tests.test_gui_take import shown

__all__ = ["empty_panel", "panel"]

LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier


def mark(panel: LibraryPanel, first: int, last: int, key: Qt.KeyboardModifier = SHIFT) -> None:
    """Drag over the waveform of "crickets" from one place to another, in px."""
    area = panel.take.plots.viewport()
    QTest.mousePress(area, LEFT, key, QPoint(first, 30))
    QTest.mouseMove(area, QPoint((first + last) // 2, 30))
    QTest.mouseMove(area, QPoint(last, 30))
    QTest.mouseRelease(area, LEFT, key, QPoint(last, 30))
    QTest.keyRelease(area, Qt.Key.Key_Shift)  # else Qt takes it for held down in what comes after


@pytest.mark.parametrize("way", [1, -1])
def test_shift_and_a_drag_mark_a_part_and_neither_drag_out_nor_seek(
    panel: LibraryPanel, monkeypatch: pytest.MonkeyPatch, way: int
) -> None:
    shown(panel)
    plots, dragged = panel.take.plots, []
    panel.wait(lambda: plots.width() > 200)
    monkeypatch.setattr("gui.take_view.drag_out", lambda _source, clips: dragged.extend(clips))
    assert not panel.take.inpaint.isVisible()
    mark(panel, *(120, 240)[::way])
    assert plots.part == (plots.seconds_at(QPoint(120, 30)), plots.seconds_at(QPoint(240, 30)))
    assert panel.take.inpaint.isVisible()
    assert "from {:.2f} to {:.2f} s".format(*plots.part) in panel.take.inpaint.toolTip()
    assert all(stripe.isVisible() for stripe in plots._mark._stripes)
    assert plots._mark._stripes[1].getRegion() == plots.part
    assert not dragged
    assert not panel.sound.state().playing


def test_a_part_that_leaves_the_waveform_ends_with_the_take(panel: LibraryPanel) -> None:
    shown(panel)
    panel.wait(lambda: panel.take.plots.width() > 200)
    mark(panel, 200, panel.take.plots.width() + 300)
    assert panel.take.plots.part[1] == 2.0


def test_a_click_plays_from_there_and_lets_the_part_go(panel: LibraryPanel) -> None:
    shown(panel)
    panel.wait(lambda: panel.take.plots.width() > 200)
    mark(panel, 120, 240)
    QTest.mouseClick(panel.take.plots.viewport(), LEFT, pos=QPoint(150, 20))
    assert panel.sound.state().playing
    assert panel.take.plots.part is None
    assert not panel.take.inpaint.isVisible()


def test_a_drag_without_shift_takes_the_file_and_leaves_the_part(
    panel: LibraryPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(panel)
    dragged: list[object] = []
    monkeypatch.setattr("gui.take_view.drag_out", lambda _source, clips: dragged.extend(clips))
    panel.wait(lambda: panel.take.plots.width() > 200)
    mark(panel, 120, 240)
    before = panel.take.plots.part
    mark(panel, 130, 200, Qt.KeyboardModifier.NoModifier)
    assert len(dragged) == 1
    assert panel.take.plots.part == before


def test_esc_a_shift_click_and_another_take_let_the_part_go(panel: LibraryPanel) -> None:
    shown(panel)
    plots = panel.take.plots
    panel.wait(lambda: plots.width() > 200)
    mark(panel, 120, 240)
    QTest.keyClick(plots, Qt.Key.Key_Escape)
    assert plots.part is None
    mark(panel, 120, 240)
    mark(panel, 150, 151)  # shorter than what can be replaced
    assert plots.part is None
    mark(panel, 120, 240)
    panel.choose("a crowd")
    assert plots.part is None
    assert not panel.take.inpaint.isVisible()


def test_the_marked_part_is_asked_for_by_button_key_and_menu(panel: LibraryPanel) -> None:
    (clip,) = panel.choose("crickets")
    shown(panel)
    panel.wait(lambda: panel.take.plots.width() > 200)
    mark(panel, 120, 240)
    part = panel.take.plots.part
    assert "Replace this part…" in [action.text() for action in panel.view.menu().actions()]
    panel.answers.made = InpaintDialog(clip, part).scene()
    keys = Qt.KeyboardModifier.ControlModifier | SHIFT
    panel.desk.column.activateWindow()
    panel.qtbot.waitUntil(panel.desk.column.isActiveWindow)
    asks = (
        panel.take.inpaint.click,
        lambda: QTest.keyClick(panel.table, Qt.Key.Key_I, keys),
        lambda: QTest.keyClick(panel.take.plots, Qt.Key.Key_I, keys),
        lambda: panel.view.act("inpaint"),
    )
    for ask in asks:
        with panel.qtbot.waitSignal(panel.desk.acts.made_asked) as asked:
            ask()
        assert asked.args == [panel.answers.made, clip.id]
    assert panel.answers.parts == [part] * 4
    panel.answers.made = None  # "never mind"
    QTest.mouseClick(panel.take.plots.viewport(), LEFT, pos=QPoint(150, 20))
    panel.view.act("inpaint")
    QTest.keyClick(panel.table, Qt.Key.Key_I, keys)
    assert panel.answers.parts[4:] == [None, None]


def test_the_dialog_asks_for_the_part_a_prompt_and_a_seed(panel: LibraryPanel) -> None:
    (clip,) = panel.choose("crickets")
    dialog = InpaintDialog(clip, (0.51234, 1.25))
    scene = dialog.scene()
    assert (scene.source, scene.change, scene.part) == (str(clip.path), "inpaint", "0.51-1.25")
    assert (scene.prompt, scene.seed, scene.model) == ("crickets", None, clip.scene.model)
    dialog.prompt.setText("a door creaks")
    dialog.seed.set_number(0)
    assert (dialog.scene().prompt, dialog.scene().seed) == ("a door creaks", 0)
    dialog.accept()
    assert dialog.result() == InpaintDialog.DialogCode.Accepted


def test_without_a_marked_part_it_is_typed(panel: LibraryPanel, qtbot: QtBot) -> None:
    dialog = InpaintDialog(panel.clips[0], None, panel.desk.column)
    dialog.show()
    dialog.activateWindow()
    assert part_of(dialog.scene().part) == (0.67, 1.33)
    qtbot.waitUntil(dialog.first.hasFocus)
    dialog.first.selectAll()
    for field, text in ((dialog.first, "0.5"), (dialog.last, "1.75"), (dialog.seed, "7")):
        assert field.hasFocus()
        qtbot.keyClicks(QApplication.focusWidget(), text)
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert dialog.scene().part == "0.5-1.75"
    qtbot.keyClick(dialog.seed, Qt.Key.Key_Return)
    assert dialog.result() == InpaintDialog.DialogCode.Accepted
    assert dialog.scene().seed == 7


def test_limits_and_cross_fade_are_told_and_kept(panel: LibraryPanel) -> None:
    dialog = InpaintDialog(panel.clips[0], (0.5, 1.5))
    panel.qtbot.addWidget(dialog)
    dialog.show()
    assert "within 0 to 2 s, at least 0.1 s long" in dialog.words.text()
    assert "cross-fade of 0.1 s" in dialog.words.text()
    assert dialog.first.toolTip().endswith("From 0 to 2 s.")
    dialog.last.setValue(0.7)
    assert "cross-fade of 0.05 s" in dialog.words.text()
    dialog.last.setValue(0.4)
    dialog.accept()
    assert "The range 0.5-0.4 is shorter than 0.1 s." in dialog.notice.sentence
    assert dialog.result() == 0
    panel.qtbot.wait(50)
    assert dialog.words.height() >= dialog.words.heightForWidth(dialog.words.width())
    dialog.last.setValue(9)
    assert dialog.last.value() == 2.0


def test_a_part_may_reach_the_very_end_of_a_take_between_two_steps(panel: LibraryPanel) -> None:
    clip = panel.clips[0]
    frames = 44_100 + 777
    soundfile.write(clip.path, np.zeros(frames), 44_100)
    clip = replace(clip, seconds=frames / 44_100)
    dialog = InpaintDialog(clip, (0.5, clip.seconds))
    assert part_of(fitted(dialog.scene()).part)[1] == clip.seconds
    dialog.last.setValue(1.01)
    assert part_of(dialog.scene().part)[1] == 1.01


def test_a_loop_whose_end_is_replaced_does_not_loop_any_more(panel: LibraryPanel) -> None:
    clip = panel.clips[0]
    clip = replace(clip, scene=replace(clip.scene, loop=True))
    dialog = InpaintDialog(clip, (0.5, 1.5))
    assert dialog.scene().loop
    assert "not loop" not in dialog.words.text()
    dialog.last.setValue(2)
    assert not dialog.scene().loop
    assert "will not loop any more" in dialog.words.text()


def test_the_rest_of_the_take_stays_as_it_was(qtbot: QtBot) -> None:
    studio = noise_studio()
    with studio:
        window = open_window(qtbot, studio)
        window.form.set_scene(Scene("crickets", seconds=2.0, model="noise"))
        window.form.ask()
        until(qtbot, lambda: studio.library.count() == 1)
        (first,) = studio.library.search()
        dialog = InpaintDialog(first, (0.5, 1.25), window)
        dialog.prompt.setText("a door creaks")
        window.library_desk.acts.made_asked.emit(dialog.scene(), first.id)
        until(qtbot, lambda: studio.library.count() == 2)
        (made,) = studio.library.search(limit=1)
        old, new = soundfile.read(first.path)[0], soundfile.read(made.path)[0]
        same = (old == new).all(axis=1)
        assert (made.parent, made.prompt, len(new)) == (first.id, "a door creaks", len(old))
        assert same[:22_050].all()
        assert same[55_125:].all()
        assert not same[22_200:55_000].any()
        window.use_scene(made.scene, "made")
        assert window.form._origin.words.text().startswith("0.5 to 1.25 s replaced: ")
