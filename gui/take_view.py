"""The take that is looked at: its pictures, its recipe, and the buttons that make more of it.

Signals: seek_asked(Clip, float) seconds; toggle_asked(Clip); wanted(str, list of Clip) with "use_scene",
"again", "variation" or "inpaint", as the library view says it. This module asks no library and plays nothing.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QKeySequence, QResizeEvent
from PyQt6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.audition import AuditionState
from engine.library import Clip
from gui.clip_acts import KEYS
from gui.drag import drag_out
from gui.empty import Empty
from gui.fields import GAP, Elastic, button, explain, row
from gui.pictures import InThread, Pictures
from gui.recipe_grid import RecipeGrid, recipe_words

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
        self.inpaint = button("Replace this part…", "", self._ask("inpaint"))
        self.inpaint.setShortcut(QKeySequence(KEYS["inpaint"]))
        self.inpaint.hide()
        self.use_scene = button("Use its scene", "Put its scene into the form.", self._ask("use_scene"))
        self.empty = Empty(NOTHING)
        self.recipe = RecipeGrid()
        self._pages = QStackedWidget()
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
        # Where there is no room for the recipe it is read here.
        lines = [f"{name}: {text}" for name, text in recipe_words(clip).items() if text]
        self.title.setToolTip("\n".join([clip.title, *lines]))
        self.recipe.show_clip(clip)
        for asking in (self.again, self.use_scene):
            asking.setEnabled(clip.own and bool(clip.prompt) and not clip.trashed)
        for changing in (self.variation, self.inpaint):
            changing.setEnabled(not clip.missing and not clip.trashed)
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

    def marked(self, clip: Clip) -> tuple[float, float] | None:
        """The part that is marked, if this is the take that is looked at."""
        here = self.clip is not None and clip.id == self.clip.id
        return self.plots.part if self.plots is not None and here else None

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
        self._take = QWidget()
        inner = QVBoxLayout(self._take)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GAP)
        self.title.setMinimumHeight(self.inpaint.sizeHint().height())
        inner.addLayout(row(self.title, self.inpaint))
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
        self.plots.part_chosen.connect(self._show_part)
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

    def _show_part(self) -> None:
        part = self.plots.part if self.plots is not None else None
        self.inpaint.setVisible(part is not None)
        if part is not None:
            words = "Render what lies from {:.2f} to {:.2f} s anew".format(*part)
            explain(self.inpaint, f"{words} ({KEYS['inpaint']}).")

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
