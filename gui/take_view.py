"""The take that is looked at: its pictures, its recipe, and the buttons that make more of it.

Signals: seek_asked(Clip, float) seconds; toggle_asked(Clip); wanted(str, list of Clip) with "use_scene",
"again" or "variation", as the library view says it. This module asks no library and plays nothing.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.audition import AuditionState
from engine.library import Clip
from gui import clip_words
from gui.drag import drag_out
from gui.empty import Empty
from gui.fields import GAP, Elastic, button, label, row
from gui.pictures import InThread, Pictures

if TYPE_CHECKING:
    from gui.take_plots import TakePlots

ROOM_FOR_RECIPE = 260
NOTHING = "Choose a take to see and hear it."


class TakeView(QWidget):
    """Shows one clip; its pictures come from `pictures`, a little later."""

    seek_asked = pyqtSignal(object, float)
    toggle_asked = pyqtSignal(object)
    wanted = pyqtSignal(str, list)

    def __init__(self, pictures: Pictures, in_thread: InThread, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Take")
        self.clip: Clip | None = None
        self.plots: TakePlots | None = None
        self._pictures, self._in_thread = pictures, in_thread
        self._drawn: set[str] = set()
        self._loading = False
        self.title = Elastic("", "title")
        self.again = button("Render again", "Render the same scene with the same seed.", self._ask("again"))
        self.variation = button(
            "Variation…",
            "Render this clip anew, near to it or far from it.",
            self._ask("variation"),
            name="Variation of this",
        )
        self.use_scene = button("Use its scene", "Put its scene into the form.", self._ask("use_scene"))
        self.empty = Empty(NOTHING)
        self._pages = QStackedWidget()
        self._recipe = QGridLayout()
        self._values: dict[str, Elastic] = {}
        self._lay_out()
        self._pictures.drawn.connect(self._picture_came)

    def show_clip(self, clip: Clip | None) -> None:
        """Show this take; None: none."""
        another = clip is None or self.clip is None or clip.id != self.clip.id or clip.path != self.clip.path
        self.clip = clip
        self._pages.setCurrentIndex(0 if clip is None else 1)
        if clip is None:
            return
        self.title.setText(clip.title)
        recipe = recipe_words(clip)
        # Where there is no room for the recipe it is read here.
        lines = [f"{name}: {text}" for name, text in recipe.items() if text]
        self.title.setToolTip("\n".join([clip.title, *lines]))
        for name, text in recipe.items():
            self._values[name].setText(text)
            self._values[name].setToolTip(str(clip.path) if name == "File" else text)
        for asking in (self.again, self.use_scene):
            asking.setEnabled(clip.own and bool(clip.prompt) and not clip.trashed)
        self.variation.setEnabled(not clip.missing and not clip.trashed)
        if another:
            self._drawn.clear()
            if self.plots is not None:
                self.plots.show_length(clip.seconds)
        self._draw()

    def show_state(self, now: AuditionState) -> None:
        """Move the playhead."""
        if self.plots is None or self.clip is None:
            return
        here = now.path == self.clip.path and (now.playing or now.paused)
        self.plots.show_position(now.position_seconds if here else 0.0)

    def prepare(self) -> None:
        """Load what draws, which takes a second, in a thread; best before the first take is looked at."""
        if not self._loading:
            self._loading = True
            self._in_thread(
                lambda: importlib.import_module("gui.take_plots"), self._make_plots, lambda _: None
            )

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Where there is little room, the pictures have it."""
        super().resizeEvent(event)
        self.recipe.setVisible(self.height() >= ROOM_FOR_RECIPE)

    # -- inside ---------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._recipe.setContentsMargins(0, 0, 0, 0)
        self._recipe.setHorizontalSpacing(GAP)
        self._recipe.setVerticalSpacing(2)
        for number, name in enumerate(_RECIPE):
            line, column = (number // 2, number % 2) if name != "File" else (len(_RECIPE) // 2, 0)
            value = self._values[name] = Elastic("", "")
            value.setAccessibleName(name)
            self._recipe.addWidget(label(name, "label"), line, 2 * column)
            self._recipe.addWidget(value, line, 2 * column + 1, 1, 3 if name == "File" else 1)
        self._recipe.setColumnStretch(1, 1)
        self._recipe.setColumnStretch(3, 1)
        self.recipe = QWidget()
        self.recipe.setLayout(self._recipe)
        self._take = QWidget()
        inner = QVBoxLayout(self._take)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GAP)
        inner.addWidget(self.title)
        inner.addStretch(1)
        inner.addWidget(self.recipe)
        inner.addLayout(row(self.again, self.variation, self.use_scene, 1))
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    def _draw(self) -> None:
        """Draw what is known already, and ask for the rest."""
        if self.plots is None:
            self.prepare()
            return
        clip = self.clip
        if clip is None or clip.missing:
            return
        if "spectrogram" not in self._drawn:
            spectrogram = self._pictures.spectrogram(clip.path)
            if spectrogram is not None:
                self._drawn.add("spectrogram")
                self.plots.show_spectrogram(spectrogram)
        if "peaks" not in self._drawn:  # asked for last, so that it comes first
            peaks = self._pictures.large(clip.path)
            if peaks is not None:
                self._drawn.add("peaks")
                self.plots.show_peaks(peaks)

    def _make_plots(self, _module: object) -> None:
        from gui.take_plots import TakePlots

        self.plots = TakePlots()
        self.plots.seek_asked.connect(self._seek)
        self.plots.toggle_asked.connect(self._toggle)
        self.plots.drag_asked.connect(self._drag)
        inner = self._take.layout()
        assert isinstance(inner, QVBoxLayout)
        inner.takeAt(1)
        inner.insertWidget(1, self.plots, 1)
        if self.clip is not None:
            self.plots.show_length(self.clip.seconds)
            self._draw()

    def _picture_came(self, path: Path) -> None:
        if self.clip is not None and path == self.clip.path:
            self._draw()

    def _seek(self, seconds: float) -> None:
        if self.clip is not None:
            self.seek_asked.emit(self.clip, seconds)

    def _drag(self) -> None:
        if self.clip is not None and self.plots is not None:
            drag_out(self.plots, [self.clip])

    def _ask(self, name: str) -> Callable[[], None]:
        def ask() -> None:
            if self.clip is not None:
                self.wanted.emit(name, [self.clip])

        return ask

    def _toggle(self) -> None:
        if self.clip is not None:
            self.toggle_asked.emit(self.clip)


_RECIPE = (
    "Length",
    "Made",
    "Seed",
    "Model",
    "Steps",
    "Guidance",
    "Sampler",
    "Level",
    "Tags",
    "Family",
    "File",
)


def recipe_words(clip: Clip) -> dict[str, str]:
    """The recipe of a take, by the names that stand before the values."""
    scene = clip.scene
    bars = f", {clip.bars:g} bars at {clip.bpm:g} bpm" if clip.bars and clip.bpm else ""
    peak = f", {clip.true_peak_db:.1f} dBTP" if clip.true_peak_db is not None else ""
    rate = f", {clip.rate / 1000:g} kHz"
    return {
        "Length": clip_words.length(clip.seconds) + bars + (", loop" if clip.loop else "") + rate,
        "Made": clip.created.replace("T", " ")[:16],
        "Seed": str(clip.seed) if clip.own else "",
        "Model": clip.model,
        "Steps": "" if scene.steps is None else str(scene.steps),
        "Guidance": "" if scene.guidance is None else f"{scene.guidance:g}",
        "Sampler": scene.sampler,
        "Level": "" if clip.lufs is None else f"{clip.lufs:.1f} LUFS{peak}",
        "Tags": ", ".join(clip.tags),
        "Family": clip_words.family(clip.category),
        "File": clip.path.name,
    }
