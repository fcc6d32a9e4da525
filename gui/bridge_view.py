"""How the way into the DAW stands: on or off, its port, who is connected, what was said; and its scripts.

It shows snapshots and says by signals what the user wants. It knows no socket.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.bridge_port import BridgeSnapshot
from gui.fields import GAP, Choice, button, explain, label, row
from gui.notice import Notice

SILENT_AFTER_S = 120.0


class BridgeView(QDialog):
    """A window of its own beside the panel."""

    switched = pyqtSignal(bool)
    install_asked = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Bridge to the DAW")
        self.setAccessibleName("Bridge to the DAW")
        self.resize(640, 480)
        self.on = QCheckBox("Listen for the DAW")
        self.host = Choice("DAW", "The DAW to install a script for.", [])
        self.notice = Notice()
        self._sentence = label("", "muted")
        self._peers = _table("Connected scripts", ("Script", "Messages", "Last heard"))
        self._messages = _table("Messages", ("Time", "Way", "With", "Message"))
        self._shown: object = None
        self._lay_out()
        self.on.toggled.connect(self.switched)

    def show_hosts(self, hosts: Sequence[tuple[str, str]]) -> None:
        """Offer these hosts: (name, title)."""
        self.host.set_choices(hosts)
        self._install.setEnabled(bool(hosts))

    def show_snapshot(self, snapshot: BridgeSnapshot | None) -> None:
        """Show how the bridge stands; None is a panel that was opened without it."""
        if snapshot is None:
            self.on.setEnabled(False)
            self._sentence.setText("This panel was opened without the bridge: start it without --no-osc.")
            return
        blocked = self.on.blockSignals(True)
        self.on.setChecked(snapshot.on)
        self.on.blockSignals(blocked)
        self._sentence.setText(snapshot.sentence)
        now = (snapshot.peers, snapshot.messages)
        if now == self._shown:
            return
        self._shown = now
        _fill(self._peers, [(p.name, str(p.messages), _ago(p.last_seen)) for p in snapshot.peers])
        lines = [
            (_clock(line.time), "in" if line.direction == "in" else "out", line.peer, line.text)
            for line in reversed(snapshot.messages)
        ]
        _fill(self._messages, lines)

    def _lay_out(self) -> None:
        self.on.setAccessibleName("Listen for the DAW")
        explain(self.on, "Take requests from scripts in a DAW, on this machine only.")
        self._sentence.setWordWrap(True)
        self._install = button(
            "Install script", "Copy the script of this DAW to where it looks for scripts.", self._ask_install
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(GAP)
        layout.addLayout(row(self.on, 1, label("DAW", "label", self.host), self.host, self._install))
        layout.addWidget(self._sentence)
        layout.addWidget(self.notice)
        layout.addWidget(label("Connected scripts", "title"))
        layout.addWidget(self._peers, 1)
        layout.addWidget(label("Last messages", "title"))
        layout.addWidget(self._messages, 2)
        layout.addLayout(row(1, button("Close", "Close this window (Esc).", self.close)))

    def _ask_install(self) -> None:
        if self.host.value():
            self.install_asked.emit(self.host.value())


def status_line(snapshot: BridgeSnapshot | None) -> str:
    """The bridge in a few words, for the foot of the window."""
    if snapshot is None:
        return "Bridge: not in this panel"
    if not snapshot.on:
        return "Bridge: off"
    now = time.time()
    alive = sum(now - peer.last_seen < SILENT_AFTER_S for peer in snapshot.peers)
    who = {0: "no DAW heard yet", 1: "1 script connected"}.get(alive, f"{alive} scripts connected")
    return f"Bridge: port {snapshot.port}, {who}"


def _table(name: str, columns: Sequence[str]) -> QTreeWidget:
    table = QTreeWidget()
    table.setAccessibleName(name)
    table.setHeaderLabels(list(columns))
    table.setRootIsDecorated(False)
    table.setUniformRowHeights(True)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTextElideMode(Qt.TextElideMode.ElideRight)
    header = table.header()
    if header is not None:
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
    return table


def _fill(table: QTreeWidget, lines: Sequence[Sequence[str]]) -> None:
    table.clear()
    for line in lines:
        entry = QTreeWidgetItem(list(line))
        entry.setToolTip(len(line) - 1, line[-1])
        table.addTopLevelItem(entry)
    if not lines:
        nothing = QTreeWidgetItem(["Nothing yet"])
        nothing.setForeground(0, QColor(theme.current().muted))
        nothing.setFlags(Qt.ItemFlag.NoItemFlags)
        table.addTopLevelItem(nothing)


def _clock(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(moment))


def _ago(moment: float) -> str:
    seconds = max(0, round(time.time() - moment))
    return f"{seconds} s ago" if seconds < 120 else _clock(moment)
