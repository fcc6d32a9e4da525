"""The library in the panel: takes are found, put in order, chosen and heard."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QSlider, QWidget

from gui import library_view
from gui.clip_model import PLACES
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


def test_a_missing_file_is_told_and_not_played(panel: LibraryPanel) -> None:
    (clip,) = panel.choose("crickets")
    clip.path.unlink()
    panel.library.rescan()
    panel.wait(lambda: panel.table.chosen() and panel.table.chosen()[0].missing)
    QTest.keyClick(panel.table, Qt.Key.Key_Space)
    assert "is not there any more" in panel.view.notice.sentence
    assert not panel.sound.state().playing


def test_the_controls_are_remembered(panel: LibraryPanel) -> None:
    panel.view.search.setText("rain")
    panel.view.order.choose("seconds-")
    panel.view.filters.length.choose("15")
    panel.player.gain.setValue(-6)
    panel.player.live.click()
    panel.player.use_device("Headphones")
    remembered = panel.desk.remembered()
    panel.view.search.clear()
    panel.view.order.choose("created-")
    panel.view.filters.clear()
    panel.player.gain.setValue(0)
    panel.player.live.click()
    panel.player.use_device("")
    panel.desk.recall(remembered)
    assert panel.desk.remembered() == remembered
    assert panel.sound.device == "Headphones"
    assert panel.sound.gain_db == -6.0
    assert panel.studio.monitor.on
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


def test_enter_in_the_search_goes_to_the_first_take(panel: LibraryPanel) -> None:
    panel.view.search.setText("rain")
    panel.wait(lambda: panel.model.rowCount() == 1)
    panel.view.search.returnPressed.emit()
    assert [clip.title for clip in panel.table.chosen()] == [PROMPTS[0]]
