"""What happens when the user changes settings: it stands between the dialog, the studio and the files.

The rules are the engine's; a refusal is shown in the dialog, and then nothing is changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from engine.errors import Cancelled, EngineError
from engine.relocation import Copied, check_move, copy_library
from engine.settings import Settings
from gui.settings_dialog import Look, SettingsDialog

if TYPE_CHECKING:
    from gui.window import Window


class SettingsDesk(QObject):
    """One dialog, from its opening to its end."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._look = Look(window.state.theme, window.state.scale)
        self._fraction: float | None = None
        self._ended = False
        self._stop = threading.Event()
        self.dialog = SettingsDialog(window.studio.settings, self._look, window)
        self.dialog.save_asked.connect(self._save)
        self.dialog.move_asked.connect(self._move)
        self.dialog.stop_asked.connect(self._stop.set)
        self.dialog.finished.connect(self._end)
        window.adapter.looked.connect(self._show_progress)

    def open(self) -> None:
        """Show the dialog; the window waits behind it."""
        self.dialog.open()

    def _save(self, settings: Settings, look: Look) -> None:
        bridge_before = self._window.studio.settings.bridge
        try:
            self._window.studio.use_settings(settings)
        except EngineError as error:
            self.dialog.notice.fail(str(error))
            return
        self._window.use_theme(look.theme)
        self._window.state = replace(self._window.state, scale=look.scale)
        if settings.bridge != bridge_before:
            self._window.bridge_desk.start_anew(settings.bridge.on)
        if look.scale != self._look.scale:
            self._window.notice.tell("The panel will have its new size when it is opened again.")
        self.dialog.accept()

    def _move(self) -> None:
        source = self._window.studio.settings.library_folder
        target = self._window.asking.folder("New folder of the library", source.parent)
        if target is None:
            return
        self.dialog.notice.clear()
        try:
            check_move(source, target)
        except EngineError as error:
            self.dialog.notice.fail(str(error))
            return
        self._stop.clear()
        self._fraction = 0.0
        self._window.adapter.do_in_thread(
            self._copy(source, target), lambda copied: self._switch(source, target, copied), self._failed
        )

    def _copy(self, source: Path, target: Path) -> Callable[[], Copied | None]:
        def tell(_stage: str, fraction: float) -> None:
            self._fraction = fraction

        def copy() -> Copied | None:
            try:
                return copy_library(source, target, tell, self._stop.is_set)
            except Cancelled:
                return None

        return copy

    def _switch(self, source: Path, target: Path, copied: Copied | None) -> None:
        self._fraction = None
        if self._ended:
            return
        if copied is None:
            self.dialog.notice.tell(f"Stopped. The library is still in {source}")
            return
        settings = replace(self._window.studio.settings, library=str(target))
        try:
            self._window.studio.use_settings(settings)
        except EngineError as error:
            self.dialog.notice.fail(str(error))
            return
        self.dialog.show_settings(replace(self.dialog.settings(), library=str(target)), self.dialog.look())
        self.dialog.notice.tell(
            f"{copied.files + copied.there} files are in {target} and were checked. {source} is as it was."
        )
        # A take that was finished while the library was copied still went to the old folder.
        self._window.adapter.do_in_thread(self._copy(source, target), lambda _: None, self._failed)

    def _failed(self, error: EngineError) -> None:
        self._fraction = None
        if not self._ended:
            self.dialog.notice.fail(str(error))

    def _show_progress(self) -> None:
        self.dialog.show_progress(self._fraction)

    def _end(self) -> None:
        self._ended = True
        self._stop.set()
        self._window.adapter.looked.disconnect(self._show_progress)
        self.dialog.deleteLater()
        self.deleteLater()
