"""The library's part of the window: list, take and player, introduced to each other and to the studio.

`column` is the widget with everything in it; what is done with takes is the business of `acts`, whose signals
say what the form and the queue should do. All rules are the engine's.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from engine.audition import AuditionState
from engine.jobs import Job
from engine.library import Clip
from engine.library.listing import Facets, facets
from gui.adapter import Adapter
from gui.asking import Asking
from gui.clip_asking import ClipAsking
from gui.clip_desk import ClipDesk
from gui.columns import column, splitter
from gui.fields import GAP
from gui.library_view import LibraryView
from gui.pictures import Pictures
from gui.player import Player
from gui.take_view import TakeView

if TYPE_CHECKING:
    from engine.studio import Studio


class LibraryDesk(QObject):
    """Lists, shows and plays takes."""

    def __init__(
        self, studio: Studio, adapter: Adapter, asking: Asking, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._studio, self._adapter = studio, adapter
        self.pictures = Pictures(adapter.do_in_thread, self)
        self.view = LibraryView(lambda: studio.library, adapter.do_in_thread, self.pictures)
        self.take = TakeView(self.pictures, adapter.do_in_thread)
        self.player = Player(studio.audition, studio.monitor, adapter.do_in_thread)
        self.acts = ClipDesk(studio, adapter, self.view, asking, ClipAsking(parent), self.take.marked)
        self.splitter = splitter(Qt.Orientation.Vertical, "Library and take", self.view, self._take_column())
        self.splitter.setSizes([300, 400])
        self.column: QWidget = self.splitter
        self._new = ""
        self._introduce()

    def _take_column(self) -> QWidget:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self.take, 1)
        layout.addWidget(self.player)
        return column(inside)

    def _introduce(self) -> None:
        view, take, adapter = self.view, self.take, self._adapter
        adapter.library_changed.connect(self.refresh)
        adapter.audition_changed.connect(self._show_sound)
        view.model.counted.connect(self._choose_new)
        view.chosen.connect(self._choose)
        view.play_asked.connect(self.play)
        view.step_asked.connect(self._play_from_start)
        view.wanted.connect(self.acts.act)
        take.wanted.connect(self.acts.act)
        take.toggle_asked.connect(self._toggle)
        take.seek_asked.connect(lambda clip, seconds: self.player.seek(clip.path, seconds))
        everywhere = QShortcut(QKeySequence("Ctrl+Space"), self.column)
        everywhere.setContext(Qt.ShortcutContext.WindowShortcut)
        everywhere.activated.connect(self.player.toggle)

    # -- what the window says -------------------------------------------------------------------------------

    def refresh(self) -> None:
        """The library has changed: look again."""
        self.take.prepare()
        self.view.refresh()
        self._adapter.do_in_thread(
            lambda: facets(self._studio.library), self.view.show_facets, self._show_no_facets
        )

    def finished(self, job: Job) -> None:
        """A take is finished: it is chosen when it appears, unless the user is at another or hears it."""
        current = self.view.table.current()
        at_the_newest = current is None or self.view.table.currentIndex().row() == 0
        now = self._studio.audition.state()
        if job.clip and at_the_newest and (not now.playing or now.path == Path(job.path)):
            self._new = job.clip
        self.view.refresh()

    def focus(self) -> None:
        """To the search."""
        self.view.search.setFocus()
        self.view.search.selectAll()

    def close(self) -> None:
        """Read no more pictures."""
        self.pictures.close()

    def remembered(self) -> dict[str, Any]:
        """What stands in all the controls."""
        return {"library": self.view.remembered(), "player": self.player.remembered()}

    def recall(self, values: Mapping[str, Any]) -> None:
        """Put it back."""
        for name, widget in (("library", self.view), ("player", self.player)):
            remembered = values.get(name)
            if isinstance(remembered, Mapping):
                widget.recall(remembered)

    # -- what the widgets say -------------------------------------------------------------------------------

    def play(self, clip: Clip) -> None:
        """Play this take; the one that plays already is held instead."""
        now = self._studio.audition.state()
        if now.path == clip.path and (now.playing or now.paused):
            self._toggle(clip)
        else:
            self._play_from_start(clip)

    # -- inside ---------------------------------------------------------------------------------------------

    def _choose(self, clip: Clip | None) -> None:
        self.take.show_clip(clip)
        usable = clip is not None and not clip.missing
        self.player.choose(clip.path if clip is not None and usable else None, bool(clip and clip.loop))
        self.take.show_state(self._studio.audition.state())

    def _choose_new(self, _clips: int, _another: bool) -> None:
        if self._new and self.view.table.go_to(self._new):
            self._new = ""
        current = self.view.table.current()
        if current is not None:  # its tags, name or file may have changed
            self._choose(current)

    def _show_sound(self, now: AuditionState) -> None:
        self.player.show_state(now)
        self.take.show_state(now)

    def _play_from_start(self, clip: Clip) -> None:
        if clip.missing:
            self.view.notice.fail(f"{clip.path} is not there any more: it cannot be played.")
        else:
            self.player.play(clip.path, clip.loop)

    def _toggle(self, _clip: Clip) -> None:
        self.player.toggle()

    def _show_no_facets(self, _error: object) -> None:
        self.view.show_facets(Facets())
