"""The browser of presets: everything is found, and nothing is lost by what one does with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.preset_bank import starred_presets
from engine.presets import FACTORY, find_preset, list_presets, save_preset
from engine.scene import Scene
from gui.preset_desk import PresetDesk
from gui.preset_list import PresetList
from gui.scene_form import SceneForm
from tests.panel import Answers


class Desk:
    """Browser, form and desk with a user who answers."""

    def __init__(self, qtbot: QtBot) -> None:
        self.answers = Answers()
        self.browser, self.form = PresetList(), SceneForm()
        for widget in (self.browser, self.form):
            qtbot.addWidget(widget)
        self.desk = PresetDesk(self.browser, self.form, self.answers)
        self.browser.resize(240, 600)
        self.browser.show()
        self.desk.load_now()

    def listed(self) -> list[str]:
        return [preset.key for preset in self.browser.listed()]

    def act(self, name: str, key: str = "", *answers: object) -> None:
        self.answers.answers = list(answers)
        if key:
            assert self.browser.choose(key)
        self.desk.act(name, self.browser.chosen())


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def test_all_presets_are_listed_by_family(desk: Desk) -> None:
    assert sorted(desk.listed()) == sorted(preset.key for preset in list_presets())
    assert len(desk.listed()) >= 60


def test_the_search_finds_words_of_name_family_and_prompt_in_any_order(desk: Desk) -> None:
    desk.browser.search.setText("thunder TENT")
    assert desk.listed() == ["weather/rain-on-canvas-tent"]
    desk.browser.search.setText("paintings")
    assert {key.split("/")[0] for key in desk.listed()} == {"paintings"}
    assert len(desk.listed()) == 6
    desk.browser.search.setText("no such words")
    assert desk.listed() == []
    assert desk.browser.tree.empty.isVisible()


def test_enter_in_the_search_goes_to_the_first_and_enter_there_uses_it(desk: Desk, qtbot: QtBot) -> None:
    desk.browser.search.setText("campfire")
    qtbot.keyClick(desk.browser.search, Qt.Key.Key_Return)
    qtbot.keyClick(desk.browser.tree, Qt.Key.Key_Return)
    assert desk.form.prompt.prompt() == "a crackling campfire at night"
    assert desk.form.title == "Campfire"


def test_a_changed_form_says_so_and_is_saved_under_a_new_name(desk: Desk) -> None:
    desk.act("use", "fire/campfire")
    desk.form.avoid.setText("everything else")
    assert desk.form.title == "Campfire (changed)"
    desk.act("save", "", "mine/my fire")
    saved = find_preset("mine/my fire")
    assert (saved.scene.avoid, saved.factory) == ("everything else", False)
    assert find_preset("fire/campfire").scene.avoid == "voices, music"
    desk.form.avoid.setText("more")
    desk.act("save")
    assert find_preset("mine/my fire").scene.avoid == "more"
    assert desk.form.title == "My fire"


def test_a_preset_is_replaced_only_when_the_user_agrees(desk: Desk) -> None:
    save_preset("mine", Scene("rain"))
    desk.form.set_scene(Scene("wind"))
    desk.act("save_as", "", "mine", False)
    assert find_preset("mine").scene.prompt == "rain"
    desk.act("save_as", "", "mine", True)
    assert find_preset("mine").scene.prompt == "wind"


@pytest.mark.parametrize(
    ("name", "prompt", "words"), [("..", "rain", "cannot be a preset's name"), ("a", "", "The prompt")]
)
def test_a_refusal_is_told_beside_the_presets(desk: Desk, name: str, prompt: str, words: str) -> None:
    desk.form.set_scene(Scene(prompt))
    desk.act("save_as", "", name)
    assert words in desk.browser.notice.sentence


def test_rename_duplicate_and_star(desk: Desk) -> None:
    save_preset("mine", Scene("rain"))
    desk.desk.load_now()
    desk.act("rename", "mine", "wet/other")
    assert "wet/other" in desk.listed()
    assert "mine" not in desk.listed()
    desk.act("duplicate", "wet/other")
    chosen = desk.browser.chosen()
    assert chosen is not None
    assert chosen.key == "wet/other copy"
    desk.act("star", "fire/campfire")
    assert starred_presets() == {"fire/campfire"}
    desk.browser.shown.choose("starred")
    assert desk.listed() == ["fire/campfire"]
    desk.browser.shown.choose("own")
    assert sorted(desk.listed()) == ["wet/other", "wet/other copy"]


def test_a_deleted_preset_comes_back_with_undo(desk: Desk, qtbot: QtBot) -> None:
    mine = save_preset("mine", Scene("rain"))
    desk.desk.load_now()
    desk.act("delete", "mine")
    assert not mine.path.exists()
    assert "mine" not in desk.listed()
    qtbot.mouseClick(desk.browser.notice._act, Qt.MouseButton.LeftButton)
    assert find_preset("mine") == mine
    assert "mine" in desk.listed()


def test_a_factory_preset_is_neither_renamed_nor_deleted(desk: Desk) -> None:
    for name in ("rename", "delete"):
        desk.act(name, "fire/campfire", "another")
        assert "comes with Roomtone" in desk.browser.notice.sentence
    assert (FACTORY / "fire" / "campfire.toml").exists()


def test_presets_go_out_and_come_in(desk: Desk, tmp_path: Path) -> None:
    desk.act("export", "fire/campfire", tmp_path / "fire.toml")
    desk.act("import", "", tmp_path / "fire.toml")
    assert "fire" in desk.listed()
    desk.act("export_own", "", tmp_path / "own.zip")
    desk.act("delete", "fire")
    desk.act("import", "", tmp_path / "own.zip")
    assert find_preset("fire").scene == find_preset("fire/campfire").scene
    (tmp_path / "none.zip").write_bytes(b"none")
    desk.act("import", "", tmp_path / "none.zip")
    assert "not a bank" in desk.browser.notice.sentence


def test_what_was_chosen_and_open_stays_so_when_presets_are_read_again(desk: Desk) -> None:
    desk.browser.unfold(["Fire"])
    desk.desk.load_now()
    desk.browser.choose("fire/campfire")
    save_preset("fire/mine", Scene("rain"))
    desk.desk.load_now()
    chosen = desk.browser.chosen()
    assert chosen is not None
    assert chosen.key == "fire/campfire"
    assert desk.browser.unfolded() == {"Fire"}


def test_a_wrong_file_is_told_and_spoils_no_other(desk: Desk) -> None:
    path = save_preset("wrong", Scene("rain")).path
    path.write_text("prompt = ")
    desk.desk.load_now()
    assert str(path) in desk.browser.notice.sentence
    assert len(desk.listed()) == len(list_presets())
