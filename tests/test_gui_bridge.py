"""The bridge as the panel shows it: on or off, who is there, what was said; and scripts get installed."""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from bridge.status import BridgeStatus, Line, Peer
from engine.settings import BridgeSettings, Settings, save_settings
from engine.studio import Studio
from gui.__main__ import OscBridge
from gui.bridge_view import BridgeView, status_line
from tests.panel import noise_studio, open_window, until

NOW = time.time()
ON = BridgeStatus(
    on=True,
    host="127.0.0.1",
    port=9_000,
    sentence="OSC is heard at 127.0.0.1:9000.",
    peers=(Peer("127.0.0.1:5000", 3, NOW),),
    messages=(
        Line(NOW - 1, "in", "127.0.0.1:5000", "/roomtone/1/ping"),
        Line(NOW, "out", "127.0.0.1:5000", "pong"),
    ),
)


def free_port() -> int:
    """A UDP port that nobody listens at."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def studio() -> Studio:
    save_settings(
        Settings(bridge=BridgeSettings(port=free_port(), tcp_slip_port=0, tcp_length_port=0, oscquery="off"))
    )
    return noise_studio()


@pytest.mark.parametrize(
    ("heard_ago_s", "words"),
    [
        ([], "Bridge: port 9000, no DAW heard yet"),
        ([0], "Bridge: port 9000, 1 script connected"),
        ([3_600], "Bridge: port 9000, no DAW heard yet"),
    ],
)
def test_the_foot_counts_the_scripts_that_were_heard_lately(heard_ago_s: list[int], words: str) -> None:
    peers = tuple(Peer("a", 1, time.time() - ago) for ago in heard_ago_s)
    assert status_line(replace(ON, peers=peers)) == words


def test_the_foot_says_when_there_is_no_bridge() -> None:
    assert status_line(None) == "Bridge: not in this panel"
    assert status_line(BridgeStatus()) == "Bridge: off"


def test_the_newest_message_stands_first_with_its_time_and_its_way(qtbot: QtBot) -> None:
    view = BridgeView()
    qtbot.addWidget(view)
    view.show_snapshot(ON)
    lines = [view._messages.topLevelItem(place) for place in range(view._messages.topLevelItemCount())]
    shown = [[line.text(column) for column in range(4)] for line in lines if line is not None]
    clock = time.strftime("%H:%M:%S", time.localtime(NOW))
    assert shown[0] == [clock, "out", "127.0.0.1:5000", "pong"]
    assert shown[1][1:] == ["in", "127.0.0.1:5000", "/roomtone/1/ping"]
    assert view.on.isChecked()


def test_a_panel_without_the_bridge_says_how_to_get_it(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio())
    assert not window.bridge_desk.view.on.isEnabled()
    assert "without --no-osc" in window.bridge_desk.view._sentence.text()


def test_the_bridge_is_switched_on_and_off_and_hears_a_tempo(qtbot: QtBot, studio: Studio) -> None:
    bridge = OscBridge(studio)
    window = open_window(qtbot, studio, bridge=bridge)
    view = window.bridge_desk.view
    window.form.length.follow.setChecked(True)
    window.bridge_desk.show()
    view.on.setChecked(True)
    try:
        port = studio.settings.bridge.port
        until(qtbot, lambda: bridge.snapshot().on)
        _send_tempo(port, 93.5)
        until(qtbot, lambda: window.form.length.bpm.value() == 93.5, 10)
        assert f"port {port}" in window.bridge_desk.button.text()
        assert view._messages.topLevelItemCount() >= 1
        view.on.setChecked(False)
        until(qtbot, lambda: window.bridge_desk.button.text() == "Bridge: off", 10)
    finally:
        bridge.stop()


def test_a_taken_port_is_told_in_its_window(qtbot: QtBot, studio: Studio) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", studio.settings.bridge.port))
        window = open_window(qtbot, studio, bridge=OscBridge(studio))
        window.bridge_desk.view.on.setChecked(True)
        assert str(studio.settings.bridge.port) in window.bridge_desk.view.notice.sentence
        assert not window.bridge_desk.view.on.isChecked()


def test_a_script_is_installed_as_the_command_does(
    qtbot: QtBot, studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    window = open_window(qtbot, studio, bridge=OscBridge(studio))
    view = window.bridge_desk.view
    view.host.choose("reaper")
    window.bridge_desk.show()
    qtbot.mouseClick(view._install, Qt.MouseButton.LeftButton)
    assert "In REAPER open" in view.notice.sentence
    assert [*tmp_path.rglob("roomtone.lua")] != []


def _send_tempo(port: int, bpm: float) -> None:
    text = b"/roomtone/1/transport\0\0\0" + b",fii\0\0\0\0" + struct.pack(">fii", bpm, 4, 4)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(text, ("127.0.0.1", port))
