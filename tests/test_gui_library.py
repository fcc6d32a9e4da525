"""The library in the panel: takes are found, chosen, heard, labelled, put away and taken back."""

from __future__ import annotations

from pathlib import Path

import soundfile
from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QSlider, QWidget

from engine.scene import Output
from gui import library_view
from gui.clip_asking import ExportAnswer, ExportDialog, LabelAnswer, LabelDialog
from gui.clip_model import PLACES
from gui.drag import files_of, mime_of
from tests.library_panel import PROMPTS, LibraryPanel, empty_panel, panel
from tests.many_clips import some_takes

__all__ = ["empty_panel", "panel"]

NEWEST_FIRST = list(reversed(PROMPTS))


def test_the_newest_take_comes_first(panel: LibraryPanel) -> None:
    assert panel.titles() == NEWEST_FIRST
    assert panel.view.count.text() == "5 takes"


def test_typing_searches(panel: LibraryPanel) -> None:
    QTest.keyClicks(panel.view.search, "rain te")
    panel.wait(lambda: panel.titles() == ["steady rain on a tent"])
    panel.view.search.clear()
    panel.wait(lambda: panel.model.rowCount() == 5)


def test_a_search_without_an_answer_says_so_and_leads_back(panel: LibraryPanel) -> None:
    panel.view.search.setText("bagpipes")
    panel.wait(lambda: panel.view.empty.isVisible())
    assert panel.view.empty.sentence == library_view.NO_RESULTS
    panel.view.empty.acted.emit()
    panel.wait(lambda: panel.table.isVisible() and panel.model.rowCount() == 5)
    assert panel.view.search.text() == ""


def test_an_empty_library_says_what_to_do(empty_panel: LibraryPanel) -> None:
    empty_panel.wait(lambda: empty_panel.view.empty.sentence == library_view.NO_TAKES)
    assert not empty_panel.view.more.isEnabled()
    assert empty_panel.view.acts() == []


def test_the_order_can_be_chosen_by_list_and_by_column(panel: LibraryPanel) -> None:
    panel.view.order.choose("prompt+")
    panel.wait(lambda: panel.titles() == sorted(PROMPTS))
    header = panel.table.horizontalHeader()
    assert header is not None
    header.sectionClicked.emit(PLACES["made"])
    panel.wait(lambda: panel.titles() == NEWEST_FIRST)
    header.sectionClicked.emit(PLACES["made"])
    panel.wait(lambda: panel.titles() == list(PROMPTS))


def test_filters_narrow_the_list_and_are_counted(panel: LibraryPanel) -> None:
    panel.library.star(panel.clips[1].id, True)
    panel.view.filters.shown.choose("starred")
    panel.wait(lambda: panel.titles() == [PROMPTS[1]])
    assert panel.view.unfold.text() == "Filters (1)"
    panel.view.filters.clear_button.click()
    panel.wait(lambda: panel.model.rowCount() == 5)
    assert panel.view.unfold.text() == "Filters"


def test_each_filter_asks_for_what_it_says(panel: LibraryPanel) -> None:
    some_takes(panel.library, ["a looped hum"], seconds=8.0, loop=True)
    panel.wait(lambda: panel.model.rowCount() == 6)
    panel.wait(lambda: panel.view.filters.family.count() > 2 and panel.view.filters.model.count() == 2)
    filters = panel.view.filters
    for choice, value, expected in (
        (filters.shown, "loops", 1),
        (filters.shown, "no_loops", 5),
        (filters.length, "5", 5),
        (filters.length, "15", 1),
        (filters.length, "60", 0),
        (filters.model, "noise", 6),
        (filters.family, "RAIN", 1),
        (filters.since, "0", 0),
        (filters.since, "364", 6),
    ):
        choice.choose(value)
        panel.wait(lambda expected=expected: panel.view.count.text().startswith(f"{expected} "))
        filters.clear()
        panel.wait(lambda: panel.view.count.text() == "6 takes")


def test_a_new_take_appears_at_the_top_and_the_chosen_one_stays(panel: LibraryPanel) -> None:
    panel.choose("crickets")
    some_takes(panel.library, ["x"] * 5 + ["thunder"])
    panel.wait(lambda: panel.model.rowCount() == 11)
    current = panel.table.current()
    assert current is not None
    assert current.title == "crickets"
    assert [clip.title for clip in panel.table.chosen()] == ["crickets"]


def test_space_plays_the_chosen_take_and_holds_it(panel: LibraryPanel) -> None:
    (clip,) = panel.choose("crickets")
    QTest.keyClick(panel.table, Qt.Key.Key_Space)
    assert panel.sound.state().path == clip.path
    assert panel.sound.state().playing
    QTest.keyClick(panel.table, Qt.Key.Key_Space)
    assert panel.sound.state().paused
    QTest.keyClick(panel.table, Qt.Key.Key_Space)
    assert panel.sound.state().playing


def test_an_arrow_key_plays_the_next_take_at_once(panel: LibraryPanel) -> None:
    panel.choose(NEWEST_FIRST[0])
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    assert panel.sound.state().playing
    assert panel.sound.state().path == panel.clips[-2].path
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    assert panel.sound.state().path == panel.clips[-3].path


def test_an_arrow_key_plays_a_take_that_is_held_from_its_start(panel: LibraryPanel) -> None:
    panel.choose(NEWEST_FIRST[0])
    for _ in range(2):
        QTest.keyClick(panel.table, Qt.Key.Key_Space)
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    QTest.keyClick(panel.table, Qt.Key.Key_Up)
    assert panel.sound.state().path == panel.clips[-1].path
    assert panel.sound.state().playing
    panel.choose(NEWEST_FIRST[1])  # by the mouse: the first one plays on
    QTest.keyClick(panel.table, Qt.Key.Key_Up)
    assert panel.sound.state().playing


def test_a_click_chooses_without_a_sound_and_a_double_click_plays(panel: LibraryPanel) -> None:
    place = panel.table.visualRect(panel.model.index(2, PLACES["scene"])).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    current = panel.table.current()
    assert current is not None
    assert current.title == NEWEST_FIRST[2]
    assert not panel.sound.state().playing
    QTest.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert panel.sound.state().playing


def test_a_click_on_the_star_stars(panel: LibraryPanel) -> None:
    place = panel.table.visualRect(panel.model.index(0, PLACES["star"])).center()
    for starred in (True, False):
        QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        panel.wait(lambda starred=starred: panel.library.get(panel.clips[-1].id).starred is starred)
        panel.wait(lambda starred=starred: panel.model.clip_at(0).starred is starred)


def test_tags_and_notes_of_one_take_are_set_as_answered(panel: LibraryPanel) -> None:
    (clip,) = panel.choose("crickets")
    panel.library.tag(clip.id, add=["old"])
    panel.answers.label_answer = LabelAnswer(("night", "close"), "For the second act.")
    panel.wait(lambda: panel.table.chosen()[0].tags == ("old",))
    panel.view.act("labels")
    panel.wait(lambda: panel.library.get(clip.id).notes == "For the second act.")
    assert panel.library.get(clip.id).tags == ("night", "close")
    panel.wait(lambda: panel.take.clip is not None and panel.take.clip.tags == ("night", "close"))


def test_tags_of_several_takes_are_added(panel: LibraryPanel) -> None:
    panel.library.tag(panel.clips[0].id, add=["old"])
    panel.choose(PROMPTS[0], PROMPTS[1])
    panel.answers.label_answer = LabelAnswer(("wet",), None)
    panel.view.act("labels")
    panel.wait(lambda: panel.library.get(panel.clips[1].id).tags == ("wet",))
    panel.wait(lambda: panel.library.get(panel.clips[0].id).tags == ("old", "wet"))


def test_a_take_is_renamed_on_wish_only(panel: LibraryPanel) -> None:
    (clip,) = panel.choose("crickets")
    panel.view.act("rename")  # answered with "never mind"
    panel.answers.name = "Summer night"
    panel.view.act("rename")
    panel.wait(lambda: "Summer" in panel.library.get(clip.id).path.name)
    assert not clip.path.exists()
    assert panel.library.get(clip.id).path.is_file()


def test_takes_go_to_the_trash_and_come_back(panel: LibraryPanel) -> None:
    panel.choose("crickets", "a crowd")
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    panel.wait(lambda: panel.model.rowCount() == 3)
    panel.wait(lambda: panel.view.notice.sentence == "2 takes moved to the trash.")
    assert panel.take.clip is not None  # another one in its place
    panel.view.notice._act.click()
    panel.wait(lambda: panel.model.rowCount() == 5)
    assert all(panel.library.get(clip.id).path == clip.path for clip in panel.clips)


def test_the_trash_can_be_looked_at_and_put_back_from(panel: LibraryPanel) -> None:
    panel.library.trash(panel.clips[0].id)
    panel.view.filters.shown.choose("trash")
    panel.wait(lambda: panel.titles() == [PROMPTS[0]])
    panel.table.selectRow(0)
    assert set(panel.view.acts()) == {"restore", "reveal"}
    panel.view.act("restore")
    panel.wait(lambda: panel.view.empty.isVisible())
    assert panel.view.empty.sentence == library_view.EMPTY_TRASH
    assert panel.clips[0].path.is_file()


def test_a_take_that_plays_is_stopped_before_it_goes_to_the_trash(panel: LibraryPanel) -> None:
    (clip,) = panel.choose("crickets")
    panel.view.play_asked.emit(clip)
    panel.view.act("trash")
    panel.wait(lambda: panel.model.rowCount() == 4)
    assert not panel.sound.state().playing


def test_rejected_takes_are_hidden_and_come_back_on_undo(panel: LibraryPanel) -> None:
    panel.choose("crickets")
    panel.view.act("reject")
    panel.wait(lambda: panel.model.rowCount() == 4 and panel.view.notice.sentence)
    panel.view.notice._act.click()
    panel.wait(lambda: panel.model.rowCount() == 5)


def test_a_change_that_fails_is_a_sentence(panel: LibraryPanel) -> None:
    (clip,) = panel.choose("crickets")
    panel.answers.name = "---"
    panel.view.act("rename")
    panel.wait(lambda: "no letter in it" in panel.view.notice.sentence)
    assert clip.path.is_file()


def test_a_missing_file_is_told_and_not_played(panel: LibraryPanel) -> None:
    (clip,) = panel.choose("crickets")
    clip.path.unlink()
    panel.library.rescan()
    panel.wait(lambda: panel.table.chosen() and panel.table.chosen()[0].missing)
    QTest.keyClick(panel.table, Qt.Key.Key_Space)
    assert "is not there any more" in panel.view.notice.sentence
    assert not panel.sound.state().playing


def test_takes_are_dragged_as_urls_of_their_finished_files(panel: LibraryPanel) -> None:
    clips = panel.choose("crickets", "a crowd")
    indexes = panel.table.selectionModel().selectedIndexes()
    content = panel.model.mimeData(indexes)
    assert {url.toLocalFile() for url in content.urls()} == {str(clip.path) for clip in clips}
    assert all(soundfile.info(url.toLocalFile()).frames > 0 for url in content.urls())


def test_only_files_that_are_there_are_offered(panel: LibraryPanel, tmp_path: Path) -> None:
    panel.clips[0].path.unlink()
    assert files_of(panel.clips) == [clip.path for clip in panel.clips[1:]]
    odd = tmp_path / "ambiência nø1 100% #rain.wav"
    assert mime_of([odd]).urls() == [QUrl.fromLocalFile(str(odd))]


def test_takes_are_copied_as_files(panel: LibraryPanel) -> None:
    (clip,) = panel.choose("crickets")
    QTest.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    content = clipboard.mimeData()
    assert content is not None
    assert [url.toLocalFile() for url in content.urls()] == [str(clip.path)]
    assert panel.view.notice.sentence == "The file can be pasted now."


def test_takes_are_exported_as_answered(panel: LibraryPanel, tmp_path: Path) -> None:
    panel.choose("crickets", "a crowd")
    panel.answers.export_answer = ExportAnswer(tmp_path / "out", Output("flac", 48_000, "16", -20.0))
    panel.view.act("export")
    panel.wait(lambda: "Exported 2 takes" in panel.view.notice.sentence)
    files = sorted((tmp_path / "out").iterdir())
    assert [(soundfile.info(str(file)).samplerate, file.suffix) for file in files] == [(48_000, ".flac")] * 2
    assert all(clip.path.is_file() for clip in panel.clips)


def test_the_scene_of_a_take_is_handed_on(panel: LibraryPanel) -> None:
    (clip,) = panel.choose("crickets")
    with panel.qtbot.waitSignal(panel.desk.acts.use_scene) as used:
        panel.take.use_scene.click()
    assert used.args[0].prompt == "crickets"
    assert used.args[0].seed == clip.seed
    with panel.qtbot.waitSignal(panel.desk.acts.again_asked) as again:
        panel.take.again.click()
    assert again.args == [clip.id]
    with panel.qtbot.waitSignal(panel.desk.acts.anew_asked) as anew:
        panel.view.act("anew")
    assert anew.args == [clip.id]


def test_the_menu_offers_what_can_be_done(panel: LibraryPanel) -> None:
    panel.choose("crickets")
    words = [action.text() for action in panel.view.menu().actions() if action.text()]
    assert {"Use its scene", "Render again", "Variation of this…", "Extend…", "Star", "Export…"} <= set(words)
    assert "Take the star" not in words
    panel.choose("crickets", "a crowd")
    assert "Rename…" not in [action.text() for action in panel.view.menu().actions()]


def test_the_controls_are_remembered(panel: LibraryPanel) -> None:
    panel.view.search.setText("rain")
    panel.view.order.choose("seconds-")
    panel.view.filters.length.choose("15")
    panel.player.gain.setValue(-6)
    panel.player.use_device("Headphones")
    remembered = panel.desk.remembered()
    panel.view.search.clear()
    panel.view.order.choose("created-")
    panel.view.filters.clear()
    panel.player.gain.setValue(0)
    panel.player.use_device("")
    panel.desk.recall(remembered)
    assert panel.desk.remembered() == remembered
    assert panel.sound.device == "Headphones"
    assert panel.sound.gain_db == -6.0
    panel.desk.recall({"library": {"order": 3, "filters": 7}, "player": {"gain": "loud", "channels": [0]}})


def test_everything_has_a_name_and_a_tooltip(panel: LibraryPanel) -> None:
    kinds = (QAbstractButton, QComboBox, QLineEdit, QSlider)
    nameless = [
        widget
        for widget in panel.desk.column.findChildren(QWidget)
        if isinstance(widget, kinds)
        and widget.isVisible()
        and not widget.accessibleName()
        and not isinstance(widget.parent(), (QComboBox, QLineEdit))
        and widget.objectName() == ""
    ]
    assert [type(widget).__name__ for widget in nameless if not _inside_table(widget, panel)] == []
    spoken = panel.model.data(panel.model.index(0, 2), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("a crowd, 2.0 s")


def _inside_table(widget: QWidget, panel: LibraryPanel) -> bool:
    return panel.table.isAncestorOf(widget)


def test_the_dialogs_answer_what_stands_in_them(panel: LibraryPanel, tmp_path: Path) -> None:
    labels = LabelDialog(panel.clips[:1])
    labels.tags.setText("wet,  close ; far")
    labels.notes.setPlainText("One.\nTwo.")
    assert labels.answer() == LabelAnswer(("wet", "close", "far"), "One.\nTwo.")
    labels.tags.setText("x" * 70)
    labels.accept()
    assert "characters" in labels.notice.sentence
    export = ExportDialog(panel.clips[:2], Output(), tmp_path)
    export.format.choose("flac")
    export.bits.choose("32f")
    export.accept()
    assert "FLAC has no floating point" in export.notice.sentence
    export.bits.choose("16")
    assert export.answer() == ExportAnswer(tmp_path, Output("flac", 44_100, "16", -26.0))


def test_enter_in_the_search_goes_to_the_first_take(panel: LibraryPanel) -> None:
    panel.view.search.setText("rain")
    panel.wait(lambda: panel.model.rowCount() == 1)
    panel.view.search.returnPressed.emit()
    assert [clip.title for clip in panel.table.chosen()] == [PROMPTS[0]]
