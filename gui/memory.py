"""Between the window and what is remembered: fills the widgets at the start, reads them at the end.

It knows no studio; the engine's own settings are not its business.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from PyQt6.QtCore import QByteArray
from PyQt6.QtWidgets import QMainWindow, QSplitter

from engine.scene import Output
from gui.preset_list import PresetList
from gui.scene_form import SceneForm
from gui.state import PanelState


@runtime_checkable
class Remembering(Protocol):
    """A widget that wants more remembered than the panel knows of: plain values that JSON can hold."""

    def remembered(self) -> dict[str, Any]:
        """What shall be remembered."""

    def recall(self, values: Mapping[str, Any]) -> None:
        """What was remembered last time."""


def show_form(form: SceneForm, state: PanelState, output: Output) -> None:
    """Put what was remembered into the form. output: how files shall be when nothing was remembered."""
    form.prompt.set_history(state.history)
    form.advanced.set_output(state.output or output)
    form.advanced.unfold(state.unfolded)
    form.advanced.stems.setChecked(state.stems)
    form.length.follow.setChecked(state.follow_daw)
    form.set_scene(state.scene, state.title)
    form.variations.set_number(state.variations)


def read_form(form: SceneForm, state: PanelState) -> PanelState:
    """The state with what stands in the form."""
    return replace(
        state,
        scene=form.scene(),
        output=form.advanced.output(),
        variations=form.variations.whole() or 1,
        stems=form.advanced.stems.isChecked(),
        unfolded=form.advanced.unfolded,
        follow_daw=form.length.follow.isChecked(),
        title=form.title,
        history=tuple(form.prompt.history()),
    )


def show_presets(browser: PresetList, state: PanelState) -> None:
    """Put the browser's search, filter and open families back."""
    browser.search.setText(state.preset_search)
    browser.shown.choose(state.presets_shown)
    browser.unfold(state.families)


def read_presets(browser: PresetList, state: PanelState) -> PanelState:
    """The state with what stands in the browser."""
    return replace(
        state,
        preset_search=browser.search.text(),
        presets_shown=browser.shown.value(),
        families=tuple(sorted(browser.unfolded())),
    )


def show_places(window: QMainWindow, splitters: Mapping[str, QSplitter], state: PanelState) -> None:
    """Put window and splitters where they were."""
    if state.geometry:
        window.restoreGeometry(_bytes(state.geometry))
    for name, splitter in splitters.items():
        if name in state.splitters:
            splitter.restoreState(_bytes(state.splitters[name]))


def read_places(window: QMainWindow, splitters: Mapping[str, QSplitter], state: PanelState) -> PanelState:
    """The state with where window and splitters stand."""
    places = {name: _text(splitter.saveState()) for name, splitter in splitters.items()}
    return replace(state, geometry=_text(window.saveGeometry()), splitters=places)


def _text(content: QByteArray) -> str:
    return base64.b64encode(content.data()).decode("ascii")


def _bytes(text: str) -> QByteArray:
    try:
        return QByteArray(base64.b64decode(text, validate=True))
    except ValueError:
        return QByteArray()
