"""What happens when the user changes settings: it stands between the dialog, the studio and the files.

The rules are the engine's; a refusal is shown in the dialog, and then nothing is changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from engine.errors import Cancelled, EngineError
from engine.relocation import Copied, check_move, copy_library
from engine.settings import Settings
from gui.adapter import Adapter
from gui.asking import Asking
from gui.settings_dialog import Look, SettingsDialog

if TYPE_CHECKING:
    from engine.studio import Studio


class SettingsDesk(QObject):
    """One dialog in front of `parent`, from its opening to its end. look: the panel's of now."""

    look_chosen = pyqtSignal(object)  # a Look, when the settings were saved
    bridge_changed = pyqtSignal(bool)  # the bridge has other settings now; whether it is to be on

    def __init__(self, studio: Studio, adapter: Adapter, asking: Asking, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._studio, self._adapter, self._asking = studio, adapter, asking
        self._fraction: float | None = None
        self._ended = False
        self._stop = threading.Event()
        self.dialog = SettingsDialog(studio.settings, look, parent)
        self.dialog.save_asked.connect(self._save)
        self.dialog.move_asked.connect(self._move)
        self.dialog.stop_asked.connect(self._stop.set)
        self.dialog.finished.connect(self._end)
        adapter.looked.connect(self._show_progress)

    def open(self) -> None:
        """Show the dialog; the window waits behind it."""
        self.dialog.open()

    def _save(self, settings: Settings, look: Look) -> None:
        bridge_before = self._studio.settings.bridge
        try:
            self._studio.use_settings(settings)
        except EngineError as error:
            self.dialog.notice.fail(str(error))
            return
        self.look_chosen.emit(look)
        if settings.bridge != bridge_before:
            self.bridge_changed.emit(settings.bridge.on)
        self.dialog.accept()

    def _move(self) -> None:
        source = self._studio.settings.library_folder
        target = self._asking.folder("New folder of the library", source.parent)
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
        self._adapter.do_in_thread(
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
        settings = replace(self._studio.settings, library=str(target))
        try:
            self._studio.use_settings(settings)
        except EngineError as error:
            self.dialog.notice.fail(str(error))
            return
        self.dialog.show_settings(replace(self.dialog.settings(), library=str(target)), self.dialog.look())
        self.dialog.notice.tell(
            f"{copied.files + copied.there} files are in {target} and were checked. {source} is as it was."
        )
        # A take that was finished while the library was copied still went to the old folder.
        self._adapter.do_in_thread(self._copy(source, target), lambda _: None, self._failed)

    def _failed(self, error: EngineError) -> None:
        self._fraction = None
        if not self._ended:
            self.dialog.notice.fail(str(error))

    def _show_progress(self) -> None:
        self.dialog.show_progress(self._fraction)

    def _end(self) -> None:
        self._ended = True
        self._stop.set()
        self._adapter.looked.disconnect(self._show_progress)
        self.dialog.deleteLater()
        self.deleteLater()
