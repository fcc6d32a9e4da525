"""What is done with takes when the user says so: labels, names, trash, files for others.

Signals: use_scene(Scene, str) scene and title for the form; again_asked(str), anew_asked(str) with the id of
a clip, made_asked(Scene, str) a scene made from a clip, and its id, for the queue; send_asked(list of Clip)
for the DAW. What came of it is told in the library view. All rules are the engine's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, pyqtSignal

from engine.library import Clip
from engine.scene import Scene
from gui import clip_words, drag
from gui.adapter import Adapter
from gui.asking import Asking
from gui.clip_asking import ClipAsking
from gui.library_view import LibraryView

if TYPE_CHECKING:
    from engine.studio import Studio


class ClipDesk(QObject):
    """Does each of the library view's actions, files in threads."""

    use_scene = pyqtSignal(object, str)
    again_asked = pyqtSignal(str)
    anew_asked = pyqtSignal(str)
    made_asked = pyqtSignal(object, str)
    send_asked = pyqtSignal(list)

    def __init__(
        self,
        studio: Studio,
        adapter: Adapter,
        view: LibraryView,
        asking: Asking,
        clip_asking: ClipAsking,
        marked: Callable[[Clip], tuple[float, float] | None],
    ) -> None:
        super().__init__(view)
        self._studio, self._adapter, self._view, self._asking = studio, adapter, view, asking
        self.clip_asking, self._marked = clip_asking, marked
        self._exported_to: Path | None = None

    def act(self, name: str, clips: Sequence[Clip]) -> None:
        """Do what a menu, key or button says with these takes."""
        acts: dict[str, Callable[[Sequence[Clip]], object]] = {
            "use_scene": lambda clips: self.use_scene.emit(clips[0].scene, clips[0].title),
            "again": lambda clips: self.again_asked.emit(clips[0].id),
            "anew": lambda clips: self.anew_asked.emit(clips[0].id),
            "variation": lambda clips: self._make(clips[0], self.clip_asking.variation(clips[0])),
            "extend": lambda clips: self._make(clips[0], self.clip_asking.extension(clips[0])),
            "inpaint": lambda clips: self._make(
                clips[0], self.clip_asking.inpainting(clips[0], self._marked(clips[0]))
            ),
            "star": lambda clips: self._change(clips, lambda clip: self._studio.library.star(clip, True)),
            "unstar": lambda clips: self._change(clips, lambda clip: self._studio.library.star(clip, False)),
            "reject": self._reject,
            "accept": lambda clips: self._change(
                clips, lambda clip: self._studio.library.reject(clip, False)
            ),
            "labels": self._label,
            "rename": self._rename,
            "send": self.send_asked.emit,
            "copy": self._copy,
            "reveal": self._reveal,
            "export": self._export,
            "trash": self._trash,
            "restore": self._restore,
        }
        if clips:
            acts[name](list(clips))

    def _make(self, clip: Clip, scene: Scene | None) -> None:
        if scene is not None:
            self.made_asked.emit(scene, clip.id)

    def _change(
        self,
        clips: Sequence[Clip],
        change: Callable[[str], object],
        then: Callable[[list[Any]], None] = lambda _: None,
    ) -> None:
        """Change each take in a thread, as files are written; look again when it is done, or failed."""

        def done(results: list[Any]) -> None:
            self._view.refresh()
            then(results)

        def failed(error: Exception) -> None:
            self._view.refresh()
            self._view.notice.fail(str(error))

        self._adapter.do_in_thread(lambda: [change(clip.id) for clip in clips], done, failed)

    def _reject(self, clips: Sequence[Clip]) -> None:
        def told(_: list[Any]) -> None:
            words = f"{clip_words.count(len(clips))} hidden; the files stay."
            self._view.notice.tell(words, "Undo", partial(self.act, "accept", clips))

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
        self._view.notice.tell(f"{words} can be pasted now." if many else "No file is there to be copied.")

    def _reveal(self, clips: Sequence[Clip]) -> None:
        def shown(answer: bool) -> None:
            if not answer:
                self._view.notice.tell(f"Nothing here can show it; it is {clips[0].path}")

        self._adapter.do_in_thread(lambda: drag.reveal(clips[0].path), shown, lambda _: shown(False))

    def _export(self, clips: Sequence[Clip]) -> None:
        last = self._exported_to or Path.home()
        answer = self.clip_asking.export(clips, self._studio.settings.output, last)
        if answer is None:
            return
        self._exported_to = answer.folder
        self._view.notice.tell(f"Exporting {clip_words.count(len(clips))}…")

        def export(clip: str) -> Path:
            answer.folder.mkdir(parents=True, exist_ok=True)
            return self._studio.library.export(clip, answer.folder, answer.output)

        def told(paths: list[Path]) -> None:
            words = f"Exported {clip_words.count(len(paths))} to {answer.folder}."
            self._view.notice.tell(words, "Show", partial(drag.reveal, paths[0]))

        self._change(clips, export, told)

    def _trash(self, clips: Sequence[Clip]) -> None:
        if self._studio.audition.state().path in [clip.path for clip in clips]:
            self._studio.audition.stop()

        def told(moved: list[Clip]) -> None:
            there = [clip for clip in moved if clip.trashed]
            words = f"{clip_words.count(len(moved))} moved to the trash."
            self._view.notice.tell(words, "Undo", partial(self._restore, there) if there else None)

        self._change(clips, self._studio.library.trash, told)

    def _restore(self, clips: Sequence[Clip]) -> None:
        self._change(clips, self._studio.library.restore)
