"""What happens to the bridge when the user says so: it stands between its view, the foot and the bridge.

It knows the bridge as a protocol and no more.
"""

from __future__ import annotations

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from engine.errors import EngineError
from gui.bridge_port import BridgePort, BridgeSnapshot
from gui.bridge_view import BridgeView, status_line
from gui.fields import button
from gui.scene_form import SceneForm


class BridgeDesk(QObject):
    """One bridge, or None for a panel that was opened without. `button` belongs into the foot."""

    def __init__(self, bridge: BridgePort | None, form: SceneForm, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge, self._form = bridge, form
        self.view = BridgeView(parent)
        self.button = button(
            status_line(None), "How the bridge to the DAW stands (Ctrl+B).", self.show, role="quiet"
        )
        self.button.setAccessibleName("Bridge to the DAW")
        self.view.switched.connect(self._switch)
        self.view.install_asked.connect(self._install)

    def open_up(self) -> None:
        """Show how it stands for the first time."""
        if self._bridge is not None:
            self.view.show_hosts(self._bridge.hosts())
        self.show_snapshot(None if self._bridge is None else self._bridge.snapshot())

    def show(self) -> None:
        """Open its window."""
        self.view.show()
        self.view.raise_()
        self.view.activateWindow()

    def show_snapshot(self, snapshot: BridgeSnapshot | None) -> None:
        """Show how it stands; the form hears the DAW's tempo."""
        self.button.setText(status_line(snapshot))
        self.view.show_snapshot(snapshot)
        if self._bridge is not None:
            self._form.hear_tempo(self._bridge.tempo())

    def start_anew(self, on: bool) -> None:
        """Go by changed settings: listen again where they say, or no more."""
        if self._bridge is not None:
            self._bridge.stop()
            self._switch(on)

    def _switch(self, on: bool) -> None:
        if self._bridge is None:
            return
        self.view.notice.clear()
        try:
            if on:
                self._bridge.start()
            else:
                self._bridge.stop()
        except EngineError as error:
            self.view.notice.fail(str(error))
        self.show_snapshot(self._bridge.snapshot())

    def _install(self, host: str) -> None:
        if self._bridge is None:
            return
        try:
            self.view.notice.tell(self._bridge.install(host))
        except EngineError as error:
            self.view.notice.fail(str(error))
