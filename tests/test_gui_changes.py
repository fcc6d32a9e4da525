"""Takes made from takes in the panel: asked for in a dialog, rendered by the studio, told in the form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot

from engine.layer import Layer
from engine.recipe import read_recipe, read_recipe_and_sound
from engine.scene import Scene
from gui.change_dialogs import ExtendDialog, VaryDialog
from gui.scene_form import SceneForm
from tests.library_panel import LibraryPanel, empty_panel, panel
from tests.panel import noise_studio, open_window, until

__all__ = ["empty_panel", "panel"]

LAYERS = (Layer("rain"), Layer("owl", -15.0, -0.6))
LAYERED = Scene("rain, owl", layers=LAYERS, seconds=1.0, seed=3, model="noise")


def test_a_variation_is_asked_for_with_a_strength(panel: LibraryPanel) -> None:
    (clip,) = panel.choose("crickets")
    dialog = VaryDialog(clip, panel.desk.column)
    dialog.strength.set_number(0.35)
    scene = dialog.scene()
    assert (scene.source, scene.change, scene.strength) == (str(clip.path), "vary", 0.35)
    assert (scene.prompt, scene.seed, scene.model) == ("crickets", None, clip.scene.model)
    dialog.accept()
    assert dialog.result() == VaryDialog.DialogCode.Accepted


def test_an_extension_is_longer_than_the_clip_or_is_refused(panel: LibraryPanel) -> None:
    (clip,) = panel.choose("crickets")
    dialog = ExtendDialog(clip, panel.desk.column)
    scene = dialog.scene()
    assert (scene.seconds, scene.at, scene.change, scene.loop) == (12.0, "end", "extend", False)
    dialog.at.choose("start")
    dialog.seconds.setValue(1.5)
    dialog.accept()
    assert "ask for more seconds" in dialog.notice.sentence
    assert dialog.result() == 0
    dialog.seconds.setValue(6)
    assert replace(dialog.scene(), at="end") == replace(scene, seconds=6.0)


def test_a_layered_take_is_varied_as_one_sound(panel: LibraryPanel) -> None:
    clip = replace(panel.clips[0], scene=LAYERED, prompt=LAYERED.prompt)
    scene = VaryDialog(clip, panel.desk.column).scene()
    assert scene.checked().layers == ()
    assert scene.prompt == "rain, owl"


def test_a_clip_without_a_prompt_needs_one(panel: LibraryPanel) -> None:
    dialog = VaryDialog(replace(panel.clips[0], prompt="", own=False), panel.desk.column)
    dialog.accept()
    assert dialog.notice.sentence.startswith("The prompt is empty")
    dialog.prompt.setText("rain on a roof")
    dialog.accept()
    assert dialog.result() == VaryDialog.DialogCode.Accepted


def test_what_is_answered_is_asked_of_the_queue(panel: LibraryPanel) -> None:
    (clip,) = panel.choose("crickets")
    panel.view.act("variation")  # answered with "never mind"
    panel.answers.made = VaryDialog(clip, panel.desk.column).scene()
    for act in ("variation", "extend"):
        with panel.qtbot.waitSignal(panel.desk.acts.made_asked) as asked:
            panel.view.act(act)
        assert asked.args == [panel.answers.made, clip.id]


def test_a_take_is_extended_and_its_own_part_stays_as_it_was(qtbot: QtBot) -> None:
    studio = noise_studio()
    with studio:
        window = open_window(qtbot, studio)
        window.form.set_scene(Scene("crickets", seconds=1.0, model="noise"))
        window.form.advanced.rate.choose("32000")
        window.form.ask()
        until(qtbot, lambda: studio.library.count() == 1)
        (first,) = studio.library.search()
        window.form.advanced.rate.choose("48000")  # the clip's own rate goes before it
        dialog = ExtendDialog(first, window)
        dialog.seconds.setValue(2)
        window.library_desk.acts.made_asked.emit(dialog.scene(), first.id)
        until(qtbot, lambda: studio.library.count() == 2)
        (longer,) = studio.library.search(limit=1)
        old, new = soundfile.read(first.path)[0], soundfile.read(longer.path)[0]
        assert (longer.parent, longer.rate, len(new)) == (first.id, 32_000, 64_000)
        assert np.array_equal(new[: len(old) - 3_300], old[:-3_300])
        window.use_scene(longer.scene, "longer")
        assert window.form._origin.isVisible()


def test_stems_follow_their_mix_at_its_gain(qtbot: QtBot) -> None:
    studio = noise_studio()
    with studio:
        window = open_window(qtbot, studio)
        window.form.set_scene(LAYERED)
        window.form.advanced.stems.setChecked(True)
        window.form.ask()
        until(qtbot, lambda: studio.library.count() == 3)
        takes = {clip.scene.stem: clip for clip in studio.library.search()}
        assert [(takes[stem].prompt, takes[stem].parent) for stem in (1, 2)] == [
            ("rain", takes[0].id),
            ("owl", takes[0].id),
        ]
        (gain_db,) = {read_recipe(takes[stem].path).output.gain_db for stem in (1, 2)}
        assert gain_db == read_recipe_and_sound(takes[0].path)[1]["gain_db"]


def test_stems_of_a_mix_with_another_width_are_refused_at_the_form(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio())
    window.form.set_scene(replace(LAYERED, width=0.5))
    window.form.advanced.stems.setChecked(True)
    window.form.ask()
    assert "leave the width out" in window.form.notice.sentence
    assert window.studio.queue.jobs() == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"source": "/a/rain.wav", "strength": 0.3}, "varied, strength 0.3: rain.wav"),
        ({"source": "/a/rain.wav", "change": "extend", "at": "start"}, "extended at the start: rain.wav"),
        ({"source": "/a/rain.wav", "change": "inpaint", "part": "1-2"}, "1 to 2 s replaced: rain.wav"),
        ({"source": "/a/rain.wav", "change": "inpaint", "part": "two"}, "two replaced: rain.wav"),
    ],
)
def test_what_a_scene_is_made_from_is_told_and_can_be_let_go(
    qtbot: QtBot, fields: dict[str, object], words: str
) -> None:
    form = SceneForm()
    qtbot.addWidget(form)
    form.show()
    assert not form._origin.isVisible()
    form.set_scene(replace(Scene("rain"), **fields))  # type: ignore[arg-type]
    assert form._origin.words.text() == words
    form._origin.button.click()
    assert not form._origin.isVisible()
    assert form.scene().checked() == Scene("rain").checked()
