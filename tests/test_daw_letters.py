"""Letters to the scripts: whole, in turn, and never over one that has not been read."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.daw.hosts import HOSTS
from bridge.daw.install import make_mailbox
from bridge.daw.letters import hosts_with_inbox, inbox, send
from engine.errors import EngineError, UsageError


def test_only_installed_hosts_take_letters() -> None:
    assert hosts_with_inbox() == []
    with pytest.raises(UsageError, match="roomtone daw install"):
        send("ardour", [Path("/clip.wav")])
    make_mailbox(HOSTS["ardour"])
    assert hosts_with_inbox() == ["ardour"]


def test_a_letter_has_a_path_a_line_and_the_first_free_number() -> None:
    make_mailbox(HOSTS["live"])
    send("live", [Path("/a é.wav"), Path("/b.wav")])
    send("live", [Path("/c.wav")])
    (inbox("live") / "1").unlink()
    send("live", [Path("/d.wav")])
    letters = {path.name: path.read_text(encoding="utf-8") for path in inbox("live").iterdir()}
    assert letters == {"1": "/d.wav\n", "2": "/c.wav\n"}


def test_a_host_that_reads_nothing_is_told_of() -> None:
    make_mailbox(HOSTS["ardour"])
    for number in range(9):
        send("ardour", [Path(f"/{number}.wav")])
    with pytest.raises(EngineError, match="Ardour"):
        send("ardour", [Path("/more.wav")])
    assert len(list(inbox("ardour").iterdir())) == 9
