"""Takes go to the DAW as letters, to the one that is there; without one the panel says how to get there."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from bridge.daw.hosts import HOSTS
from bridge.daw.install import make_mailbox
from bridge.daw.letters import inbox
from gui.__main__ import OscBridge
from gui.bridge_port import BridgePort
from gui.menus import keys_text
from gui.send_desk import NO_BRIDGE, SendDesk
from tests.library_panel import LibraryPanel, empty_panel, panel
from tests.panel import noise_studio, open_window

__all__ = ["empty_panel", "panel"]


class Sending:
    """A library whose takes can be sent; `shown` counts how often the bridge's window was asked for."""

    def __init__(self, panel: LibraryPanel, bridge: BridgePort | None) -> None:
        self.shown, self.panel = 0, panel
        self.desk = SendDesk(bridge, panel.adapter.do_in_thread, panel.view.notice, panel.answers, self._show)
        panel.desk.acts.send_asked.connect(self.desk.send)

    def _show(self) -> None:
        self.shown += 1

    def letter(self, host: str, number: int = 1) -> list[str]:
        """The paths in a letter."""
        return (inbox(host) / str(number)).read_text(encoding="utf-8").splitlines()


@pytest.fixture
def sending(panel: LibraryPanel) -> Sending:
    return Sending(panel, OscBridge(panel.studio))


def test_chosen_takes_lie_in_the_inbox_of_the_one_daw_that_takes_them(sending: Sending) -> None:
    make_mailbox(HOSTS["ardour"])
    clips = sending.panel.choose("crickets", "a crowd")
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(sending.panel.table, Qt.Key.Key_D, keys)
    QTest.keyRelease(
        sending.panel.table, Qt.Key.Key_Shift, Qt.KeyboardModifier.NoModifier
    )  # else Qt believes them held for ever
    sending.panel.wait(lambda: "2 takes sent to Ardour" in sending.panel.view.notice.sentence)
    assert sorted(sending.letter("ardour")) == sorted(str(clip.path) for clip in clips)


def test_of_two_daws_the_user_chooses(sending: Sending) -> None:
    for name in ("ardour", "live"):
        make_mailbox(HOSTS[name])
    (clip,) = sending.panel.choose("crickets")
    sending.panel.view.act("send")  # answered with "never mind"
    sending.panel.answers.choice = "live"
    sending.panel.view.act("send")
    sending.panel.wait(lambda: "1 take sent to Ableton Live" in sending.panel.view.notice.sentence)
    assert sending.letter("live") == [str(clip.path)]
    assert [*inbox("ardour").iterdir()] == []


def test_without_a_script_the_way_to_one_is_offered(sending: Sending) -> None:
    sending.panel.choose("crickets")
    sending.panel.view.quick["send"].click()
    sentence = sending.panel.view.notice.sentence
    assert "install the script of Ardour 7 and 8 or Ableton Live" in sentence
    sending.panel.view.notice._act.click()
    assert sending.shown == 1


def test_a_daw_that_reads_nothing_is_told_of(sending: Sending) -> None:
    make_mailbox(HOSTS["ardour"])
    for number in range(1, 10):
        (inbox("ardour") / str(number)).write_text("old")
    sending.panel.choose("crickets")
    sending.panel.view.act("send")
    sending.panel.wait(lambda: "has not taken the last 9" in sending.panel.view.notice.sentence)


def test_a_file_that_is_gone_is_not_sent(sending: Sending) -> None:
    make_mailbox(HOSTS["ardour"])
    (clip,) = sending.panel.choose("crickets")
    clip.path.unlink()
    sending.panel.view.act("send")
    assert sending.panel.view.notice.sentence == "No file is there to be sent."
    assert [*inbox("ardour").iterdir()] == []


def test_a_panel_without_the_bridge_says_so(panel: LibraryPanel) -> None:
    sending = Sending(panel, None)
    sending.panel.choose("crickets")
    sending.panel.view.act("send")
    assert panel.view.notice.sentence == NO_BRIDGE


def test_the_window_sends_what_the_library_asks_for(qtbot) -> None:  # type: ignore[no-untyped-def]
    window = open_window(qtbot, noise_studio())
    window.library_desk.acts.send_asked.emit([])
    assert window.library_desk.view.notice.sentence == NO_BRIDGE


def test_the_list_of_keys_names_those_that_no_menu_has() -> None:
    keys = dict(line.split("\t") for line in keys_text().splitlines() if "\t" in line)
    assert keys["Ctrl+Space"].startswith("Play or pause")
    assert keys["Ctrl+Shift+D"] == "Send to DAW"
    assert keys["Ctrl+Return"] == "Render"
    assert keys["F2"] == "Rename"
