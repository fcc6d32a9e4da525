"""A morph in the panel: written in the fold, told in words, kept by presets and takes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.errors import UsageError
from engine.layer import Layer
from engine.presets import find_preset
from engine.ranges import RANGES
from engine.scene import PROMPT_CHARACTERS, Scene
from gui.scene_form import SceneForm
from tests.panel import noise_studio, open_window, until

MORPH = Scene("dawn birds", seconds=60.0, morph=("midday insects", "thunder"))


@pytest.fixture
def form(qtbot: QtBot) -> SceneForm:
    made = SceneForm()
    qtbot.addWidget(made)
    made.show()
    made.advanced.unfold(True)
    return made


def test_the_prompts_of_a_morph_are_written_one_a_line(form: SceneForm, qtbot: QtBot) -> None:
    form.prompt.setPlainText("dawn birds")
    form.length.seconds.setValue(60)
    qtbot.keyClicks(form.advanced.morph.box, "midday insects")
    qtbot.keyClick(form.advanced.morph.box, Qt.Key.Key_Return)
    qtbot.keyClick(form.advanced.morph.box, Qt.Key.Key_Return)
    qtbot.keyClicks(form.advanced.morph.box, " thunder ")
    assert form.scene().checked() == MORPH
    with qtbot.waitSignal(form.render_asked) as asked:
        form.ask()
    assert asked.args[0].scene == form.scene()


@pytest.mark.parametrize(
    "scene",
    [
        MORPH,
        replace(MORPH, blend=0.125, seed=7),
        replace(MORPH, blend=0.0),
        replace(MORPH, morph=("two  blanks", " one before")),
        replace(MORPH, source="/a/clip.wav", change="vary", strength=0.25),
    ],
)
def test_a_scene_that_morphs_comes_out_as_it_went_in(form: SceneForm, scene: Scene) -> None:
    form.set_scene(scene)
    assert form.scene() == scene
    form.set_scene(Scene("rain"))
    assert (form.scene().morph, form.scene().blend) == ((), None)


def test_a_blend_goes_with_a_morph_only(form: SceneForm) -> None:
    assert not form.advanced.morph.blend.isEnabled()
    form.advanced.morph.box.setPlainText("wind")
    assert form.advanced.morph.blend.isEnabled()
    assert form.scene().blend is None
    form.advanced.morph.blend.set_number(0.5)
    assert form.scene().blend == 0.5
    form.advanced.morph.box.setPlainText(" \n")
    assert (form.scene().morph, form.scene().blend) == ((), None)


def test_it_is_told_what_is_heard_when(form: SceneForm) -> None:
    assert not form.advanced.morph.way.isVisible()
    form.set_scene(MORPH)
    assert form.advanced.morph.way.text() == "30 s midday insects → 60 s thunder"
    form.length.loop.setChecked(True)
    assert form.advanced.morph.way.toolTip().endswith("40 s thunder → 60 s dawn birds")
    form.prompt.setPlainText("owls")
    assert form.advanced.morph.way.text() == "20 s midday insects → 40 s thunder → 60 s owls"
    form.advanced.morph.blend.set_number(0.25)
    assert form.advanced.morph.way.text() == "25% of the way to thunder, all along"
    form.advanced.morph.box.clear()
    assert not form.advanced.morph.way.isVisible()


def test_a_folded_morph_is_told_first_in_the_summary(form: SceneForm) -> None:
    form.set_scene(MORPH)
    form.advanced.unfold(False)
    assert form.advanced._summary.text().startswith("becomes midday insects, thunder over time  ·  mini")
    form.advanced.morph.blend.set_number(0.25)
    assert "becomes midday insects, thunder, blend 0.25" in form.advanced._summary.text()
    assert not form._origin.isVisible()


@pytest.mark.parametrize("wrong", ["!!!", "x" * (PROMPT_CHARACTERS + 1)])
def test_a_wrong_prompt_of_a_morph_is_refused_in_its_own_box(form: SceneForm, wrong: str) -> None:
    form.set_scene(replace(MORPH, morph=("wind", wrong)))
    form.advanced.unfold(False)
    with pytest.raises(UsageError) as refused:
        form.scene().checked()
    form.refuse(str(refused.value))
    assert form.notice.sentence.startswith("A prompt of the morph has")
    assert form.advanced.unfolded
    assert form.advanced.morph.box.property("wrong")
    assert not form.prompt.property("wrong")
    form.refuse("")
    assert not form.advanced.morph.box.property("wrong")


def test_a_morph_of_layers_is_refused_as_the_engine_does(form: SceneForm) -> None:
    form.set_scene(Scene("rain, owl", layers=(Layer("rain"), Layer("owl"))))
    form.advanced.morph.box.setPlainText("wind")
    with pytest.raises(UsageError, match="cannot be made from a clip or morph"):
        form.scene().checked()


def test_the_fields_of_a_morph_explain_themselves_and_tab_leaves_them(form: SceneForm, qtbot: QtBot) -> None:
    morph = form.advanced.morph
    assert (morph.box.accessibleName(), morph.blend.accessibleName()) == ("Morph to", "Blend")
    assert str(PROMPT_CHARACTERS) in morph.box.toolTip()
    assert str(RANGES["blend"]) in morph.blend.toolTip()
    assert "Over time: the sound turns" in morph.blend.toolTip()
    morph.box.setPlainText("wind")
    form.activateWindow()
    morph.box.setFocus()
    visited = []
    for _ in range(2):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        visited.append(QApplication.focusWidget())
    assert visited == [morph.blend, form.advanced.steps]


def test_in_a_small_window_the_fold_is_shown_from_its_top(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio())
    window.resize(900, 600)
    window.form.advanced.unfold(True)
    sight, box = window.form._area.viewport(), window.form.advanced.morph.box

    def in_sight() -> bool:
        top, bottom = window.form.advanced.mapTo(sight, QPoint()), box.mapTo(sight, box.rect().bottomRight())
        return bool(sight.rect().contains(QRect(top, bottom)))

    qtbot.waitUntil(in_sight)
    assert box.height() >= 3 * box.fontMetrics().lineSpacing() + 16


def test_a_morph_goes_into_a_preset_a_take_and_back(qtbot: QtBot) -> None:
    with noise_studio() as studio:
        window = open_window(qtbot, studio, "weather/from dawn to thunder")
        morph = replace(MORPH, seconds=1.0, model="noise", seed=3)
        window.form.set_scene(morph)
        window.preset_desk.act("save", None)
        assert find_preset("weather/from dawn to thunder").scene == morph
        window.form.ask()
        window.form.set_scene(Scene("rain"))
        until(qtbot, lambda: studio.library.count() == 1)
        (take,) = studio.library.search()
        assert (take.scene.morph, take.scene.blend) == (morph.morph, None)
        window.library_desk.acts.act("use_scene", [take])
        assert window.form.scene().morph == morph.morph
        window.form.set_scene(Scene("rain"))
        window.preset_desk.act("use", find_preset("weather/from dawn to thunder"))
        assert window.form.scene() == morph
        assert window.form.title == "From dawn to thunder"
        window.form.advanced.morph.blend.set_number(0.5)
        assert window.form.title == "From dawn to thunder (changed)"
        window.close()
        again = open_window(qtbot, studio)
        assert again.form.scene() == replace(morph, blend=0.5)
