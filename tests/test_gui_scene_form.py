"""The form: what is put in comes out, and refusals stand where the user is looking."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.errors import UsageError
from engine.layer import Layer
from engine.ranges import RANGES
from engine.scene import Output, Scene
from gui.scene_form import Ask, SceneForm

FULL = Scene(
    "steady rain",
    avoid="voices",
    seconds=9.6,
    bars=4.0,
    bpm=100.0,
    meter="4/4",
    loop=True,
    seed=2**32 - 1,
    steps=12,
    guidance=3.5,
    guidance_rescale=0.25,
    sampler="heun",
    model="mini",
)


@pytest.fixture
def form(qtbot: QtBot) -> SceneForm:
    made = SceneForm()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize("scene", [FULL, Scene("wind"), Scene("sea", seconds=600.0, seed=0, guidance=0.0)])
def test_a_scene_comes_out_as_it_went_in(form: SceneForm, scene: Scene) -> None:
    form.set_scene(scene)
    assert form.scene().checked() == scene.checked()


def test_what_the_form_does_not_show_of_a_scene_is_kept(form: SceneForm) -> None:
    form.set_scene(replace(FULL, model="folder/of/a/model", strength=0.7))
    assert (form.scene().model, form.scene().strength) == ("folder/of/a/model", 0.7)


def test_an_output_comes_out_as_it_went_in(form: SceneForm) -> None:
    for output in (Output(), Output("flac", 96_000, "16", -18.5), Output("wav", 12_345, "32f", -60.0)):
        form.advanced.set_output(output)
        assert form.advanced.output() == output


def test_a_length_in_bars_is_told_in_seconds(form: SceneForm) -> None:
    form.length.use_bars(True)
    form.length.bars.setValue(4)
    form.length.bpm.setValue(90)
    form.length.meter.choose("3/4")
    assert form.scene().seconds == pytest.approx(8.0)
    assert form._cost.text() == "4 bars = 8.00 s"


def test_a_seed_is_sent_only_when_it_is_locked(form: SceneForm) -> None:
    form.seed.number.setValue(7)
    assert form.scene().seed is None
    form.seed.lock.setChecked(True)
    assert form.scene().seed == 7
    form.seed.show_drawn(8)
    assert form.seed.number.whole() == 7


def test_a_new_seed_is_another_one_and_locked(form: SceneForm) -> None:
    seeds = set()
    for _ in range(5):
        form.seed.draw()
        seeds.add(form.scene().seed)
    assert len(seeds) == 5


def test_the_render_button_asks_for_what_stands_there(form: SceneForm, qtbot: QtBot) -> None:
    form.set_scene(FULL)
    form.variations.setValue(3)
    with qtbot.waitSignal(form.render_asked) as asked:
        qtbot.mouseClick(form._render, Qt.MouseButton.LeftButton)
    assert asked.args == [Ask(form.scene(), form.advanced.output(), 3)]


def test_a_refusal_marks_the_field_that_it_is_about(form: SceneForm) -> None:
    form.refuse("The prompt is empty: say what shall be heard.")
    assert form.notice.sentence.startswith("The prompt is empty")
    assert form.prompt.property("wrong")
    assert not form.avoid.property("wrong")
    form.refuse("")
    assert not form.prompt.property("wrong")


def test_the_tempo_follows_the_daw_only_when_that_is_wished(form: SceneForm) -> None:
    form.length.bpm.setValue(120)
    form.hear_tempo(93.5)
    assert form.length.bpm.value() == 120
    form.length.follow.setChecked(True)
    assert form.length.bpm.value() == 93.5
    form.hear_tempo(140.0)
    assert form.length.bpm.value() == 140.0
    form.hear_tempo(None)
    assert not form.length.bpm.isReadOnly()


def test_words_are_counted(form: SceneForm) -> None:
    form.prompt.setPlainText("one")
    assert form._words.toolTip() == ""
    assert form._words.text() == "1 word"
    form.prompt.setPlainText("x" * 2001)
    assert "too long" in form._words.text()


def test_every_number_says_its_range(form: SceneForm) -> None:
    for name, field in {
        "seconds": form.length.seconds,
        "bars": form.length.bars,
        "bpm": form.length.bpm,
        "seed": form.seed.number,
        "variations": form.variations,
        "steps": form.advanced.steps,
        "guidance": form.advanced.guidance,
        "lufs": form.advanced.lufs,
        "width": form.advanced.stereo,
        "best_of": form.advanced.best_of,
    }.items():
        assert str(RANGES[name]) in field.toolTip()


def test_a_wheel_that_scrolls_past_changes_nothing(form: SceneForm, qtbot: QtBot) -> None:
    from PyQt6.QtCore import QPoint, QPointF
    from PyQt6.QtGui import QWheelEvent

    form.prompt.setFocus()
    before = form.scene()
    none, no = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    for field in (form.length.seconds, form.advanced.format):
        place = QPointF(field.rect().center())
        wheel = QWheelEvent(
            place, place, QPoint(0, 120), QPoint(0, 120), none, no, Qt.ScrollPhase.NoScrollPhase, False
        )
        field.wheelEvent(wheel)
    assert form.scene() == before


def test_the_fold_sums_up_what_is_set_and_opens(form: SceneForm) -> None:
    form.set_scene(FULL)
    assert "12 steps" in form.advanced._summary.text()
    assert not form.advanced.steps.isVisible()
    form.advanced.unfold(True)
    assert form.advanced.steps.isVisible()


def test_several_lines_are_layers_as_the_command_line_reads_them(form: SceneForm) -> None:
    form.prompt.setPlainText("steady rain\n\nthunder -9 dB distant\nowl -15 dB left seed 7")
    scene = form.scene().checked()
    assert scene.prompt == "steady rain, thunder, owl"
    assert scene.layers == (
        Layer("steady rain"),
        Layer("thunder", -9.0, distance=0.7),
        Layer("owl", -15.0, pan=-0.6, seed=7),
    )
    assert form._words.text() == "3 layers, 4 words"
    assert "owl: -15 dB, 60% left" in form._words.toolTip()


def test_a_scene_with_layers_shows_one_a_line_and_comes_out_as_it_went_in(form: SceneForm) -> None:
    layers = (Layer("rain", 0.123456789), Layer("owl", -15.0, -0.6, 0.25, 7))
    scene = Scene("A wet night", seconds=4.0, seed=1, width=0.4, best_of=4, layers=layers)
    form.set_scene(scene)
    assert form.prompt.toPlainText() == "rain 0.123457 dB\nowl -15 dB pan -0.6 distance 0.25 seed 7"
    assert form.scene().checked() == scene.checked()
    form.prompt.setPlainText("rain\nowl")
    assert form.scene().layers == (Layer("rain"), Layer("owl"))
    form.prompt.setPlainText("rain")
    assert (form.scene().prompt, form.scene().layers) == ("rain", ())


def test_a_line_that_cannot_be_read_is_refused_at_the_prompt(form: SceneForm, qtbot: QtBot) -> None:
    text = "rain\nthunder -9 dB distnat"
    form.prompt.setPlainText(text)
    assert form._words.text() == "a layer cannot be read"
    with qtbot.assertNotEmitted(form.render_asked):
        form.ask()
    assert "'distnat' is not known" in form.notice.sentence
    assert "distant" in form.notice.sentence
    assert form.prompt.property("wrong")
    kept = form.scene()  # as it is remembered when the panel closes
    form.set_scene(kept)
    assert form.prompt.toPlainText() == text


def test_too_many_layers_are_told_and_refused(form: SceneForm) -> None:
    form.prompt.setPlainText("\n".join(f"sound {number}" for number in range(9)))
    assert form._words.text() == "9 layers: too many"
    with pytest.raises(UsageError) as refused:
        form.scene().checked()
    form.refuse(str(refused.value))
    assert form.prompt.property("wrong")


def test_width_candidates_and_stems_stand_in_the_fold(form: SceneForm, qtbot: QtBot) -> None:
    form.set_scene(Scene("rain"))
    assert (form.scene().width, form.scene().best_of) == (None, 1)
    form.advanced.stereo.set_number(0.0)
    form.advanced.best_of.set_number(4)
    form.advanced.stems.setChecked(True)
    assert (form.scene().width, form.scene().best_of) == (0.0, 4)
    assert "width 0  ·  best of 4  ·  stems" in form.advanced._summary.text()
    with qtbot.waitSignal(form.render_asked) as asked:
        form.ask()
    assert asked.args[0].stems


def test_a_draft_has_two_steps_and_leaves_the_form_as_it_is(form: SceneForm, qtbot: QtBot) -> None:
    form.set_scene(Scene("rain", steps=40))
    with qtbot.waitSignal(form.render_asked) as asked:
        form.ask_for_draft()
    assert asked.args[0].scene == replace(form.scene(), steps=2)
    assert form.scene().steps == 40
