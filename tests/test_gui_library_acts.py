"""What is done with chosen takes in the panel: labelled, put away and taken back, and handed on."""

from __future__ import annotations

from pathlib import Path

import soundfile
from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtTest import QTest

from engine.scene import Output
from gui import library_view
from gui.clip_asking import ExportAnswer, ExportDialog, LabelAnswer, LabelDialog
from gui.clip_model import PLACES
from gui.drag import files_of, mime_of
from tests.library_panel import PROMPTS, LibraryPanel, panel

__all__ = ["panel"]


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
