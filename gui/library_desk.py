"""What happens to takes when the user says so: it stands between the library's widgets and the studio.

Signals: use_scene(Scene, str) scene and title for the form; again_asked(str), variation_asked(str) with the
id of a clip, for the queue. `column` is the widget with everything in it. All rules are the engine's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from engine.audition import AuditionState
from engine.jobs import Job
from engine.library import Clip
from engine.library.listing import Facets, facets
from gui import clip_words, drag
from gui.adapter import Adapter
from gui.asking import Asking
from gui.clip_asking import ClipAsking
from gui.columns import column, splitter
from gui.fields import GAP
from gui.library_view import LibraryView
from gui.pictures import Pictures
from gui.player import Player
from gui.take_view import TakeView

if TYPE_CHECKING:
    from engine.studio import Studio


class LibraryDesk(QObject):
    """Lists, shows and plays takes, and does what is asked with them."""

    use_scene = pyqtSignal(object, str)
    again_asked = pyqtSignal(str)
    variation_asked = pyqtSignal(str)

    def __init__(
        self, studio: Studio, adapter: Adapter, asking: Asking, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._studio, self._adapter, self._asking = studio, adapter, asking
        self.clip_asking = ClipAsking(parent)
        self.pictures = Pictures(adapter.do_in_thread, self)
        self.view = LibraryView(lambda: studio.library, adapter.do_in_thread, self.pictures)
        self.take = TakeView(self.pictures, adapter.do_in_thread)
        self.player = Player(studio.audition, adapter.do_in_thread)
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
        view.wanted.connect(self.act)
        take.wanted.connect(self.act)
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
        """A take is finished: it is chosen when it appears, unless the user is at another one."""
        current = self.view.table.current()
        at_the_newest = current is None or self.view.table.currentIndex().row() == 0
        if job.clip and at_the_newest and not self._studio.audition.state().playing:
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

    def act(self, name: str, clips: Sequence[Clip]) -> None:
        """Do what a menu, key or button says with these takes."""
        acts: dict[str, Callable[[Sequence[Clip]], object]] = {
            "use_scene": lambda clips: self.use_scene.emit(clips[0].scene, clips[0].title),
            "again": lambda clips: self.again_asked.emit(clips[0].id),
            "variation": lambda clips: self.variation_asked.emit(clips[0].id),
            "star": lambda clips: self._change(clips, lambda clip: self._studio.library.star(clip, True)),
            "unstar": lambda clips: self._change(clips, lambda clip: self._studio.library.star(clip, False)),
            "reject": self._reject,
            "accept": lambda clips: self._change(
                clips, lambda clip: self._studio.library.reject(clip, False)
            ),
            "labels": self._label,
            "rename": self._rename,
            "copy": self._copy,
            "reveal": self._reveal,
            "export": self._export,
            "trash": self._trash,
            "restore": self._restore,
        }
        if clips:
            acts[name](list(clips))

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

    def _change(
        self,
        clips: Sequence[Clip],
        change: Callable[[str], object],
        then: Callable[[list[Any]], None] = lambda _: None,
    ) -> None:
        """Change each take in a thread, as files are written; look again when it is done, or failed."""

        def done(results: list[Any]) -> None:
            self.view.refresh()
            then(results)

        def failed(error: Exception) -> None:
            self.view.refresh()
            self.view.notice.fail(str(error))

        self._adapter.do_in_thread(lambda: [change(clip.id) for clip in clips], done, failed)

    def _reject(self, clips: Sequence[Clip]) -> None:
        def told(_: list[Any]) -> None:
            words = f"{clip_words.count(len(clips))} hidden; the files stay."
            self.view.notice.tell(words, "Undo", partial(self.act, "accept", clips))

        self._change(clips, lambda clip: self._studio.library.reject(clip, True), told)

    def _label(self, clips: Sequence[Clip]) -> None:
        answer = self.clip_asking.labels(clips)
        if answer is None:
            return
        before = {clip.id: clip.tags for clip in clips}
        library = self._studio.library

        def label(clip: str) -> None:
            gone = () if answer.notes is None else [tag for tag in before[clip] if tag not in answer.tags]
            library.tag(clip, add=answer.tags, remove=gone)
            if answer.notes is not None:
                library.note(clip, answer.notes)

        self._change(clips, label)

    def _rename(self, clips: Sequence[Clip]) -> None:
        words = (
            "The name in the middle of the file's name. Programs that use the file will not find it again."
        )
        name = self._asking.text("Rename", words, clips[0].title)
        if name is not None:
            self._change(clips[:1], lambda clip: self._studio.library.rename(clip, name))

    def _copy(self, clips: Sequence[Clip]) -> None:
        many = drag.copy_files(clips)
        words = f"{many} files" if many > 1 else "The file"
        self.view.notice.tell(f"{words} can be pasted now." if many else "No file is there to be copied.")

    def _reveal(self, clips: Sequence[Clip]) -> None:
        def shown(answer: bool) -> None:
            if not answer:
                self.view.notice.tell(f"Nothing here can show it; it is {clips[0].path}")

        self._adapter.do_in_thread(lambda: drag.reveal(clips[0].path), shown, lambda _: shown(False))

    def _export(self, clips: Sequence[Clip]) -> None:
        last = self._exported_to or Path.home()
        answer = self.clip_asking.export(clips, self._studio.settings.output, last)
        if answer is None:
            return
        self._exported_to = answer.folder
        self.view.notice.tell(f"Exporting {clip_words.count(len(clips))}…")

        def export(clip: str) -> Path:
            answer.folder.mkdir(parents=True, exist_ok=True)
            return self._studio.library.export(clip, answer.folder, answer.output)

        def told(paths: list[Path]) -> None:
            words = f"Exported {clip_words.count(len(paths))} to {answer.folder}."
            self.view.notice.tell(words, "Show", partial(drag.reveal, paths[0]))

        self._change(clips, export, told)

    _exported_to: Path | None = None

    def _trash(self, clips: Sequence[Clip]) -> None:
        if self._studio.audition.state().path in [clip.path for clip in clips]:
            self._studio.audition.stop()

        def told(moved: list[Clip]) -> None:
            there = [clip for clip in moved if clip.trashed]
            words = f"{clip_words.count(len(moved))} moved to the trash."
            self.view.notice.tell(words, "Undo", partial(self._restore, there) if there else None)

        self._change(clips, self._studio.library.trash, told)

    def _restore(self, clips: Sequence[Clip]) -> None:
        self._change(clips, self._studio.library.restore)
