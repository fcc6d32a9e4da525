"""The bridge as a program: where it listens, whom it serves how fast, how it starts and ends."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.inbox import Limits
from bridge.packets import Value
from bridge.server import Bridge
from engine.errors import EngineError, UsageError
from engine.jobs import MOST_WAITING, Job
from engine.scene import Output, Scene
from engine.settings import BridgeSettings, Settings, folders
from engine.studio import Studio
from tests.bridge_fixtures import QUIET, Speaker, speaker_to, speaking, wait_for
from tests.noise_model import load_noise

Talk = tuple[Speaker, Bridge, Studio]


@pytest.fixture
def talk() -> Iterator[Talk]:
    with speaking() as talk:
        yield talk


def render(speaker: Speaker, job: str = "j1", *values: Value) -> None:
    """Ask for a job and pass over that it is accepted and waits."""
    assert speaker.ask("render", job, "rain on leaves", *values) == ("accepted", (job,))
    assert speaker.hear() == ("progress", (job, 0.0, "waiting", -1.0))


def test_a_sender_may_have_only_so_many_jobs_and_is_served_again_when_they_have_ended() -> None:
    with speaking(limits=Limits(jobs=2)) as (speaker, bridge, _):
        render(speaker, "j1")
        render(speaker, "j2")
        assert speaker.ask("render", "j3", "rain")[1][:2] == ("j3", "queue-full")
        with speaker_to(bridge) as other:
            render(other, "j4")
        speaker.say("cancel", "j1")
        speaker.hear(), speaker.hear()
        render(speaker, "j3")


def test_a_full_queue_is_told(talk: Talk) -> None:
    speaker, _, studio = talk
    for number in range(MOST_WAITING):
        studio.queue.add(Job(f"n{number}", Scene("wind"), Output()))
    assert speaker.ask("render", "j1", "rain")[1][:2] == ("j1", "queue-full")


def test_a_sender_that_sends_too_fast_is_told_so_and_others_are_served() -> None:
    with speaking(limits=Limits(burst=5, per_second=0.001)) as (speaker, bridge, _):
        assert [speaker.ask("ping")[0] for _ in range(5)] == ["pong"] * 5
        name, (_, code, _) = speaker.ask("ping")
        assert (name, code) == ("error", "busy")
        with speaker_to(bridge) as other:
            assert other.ask("ping")[0] == "pong"


def test_a_taken_port_is_told_with_who_has_it_and_the_next_free_one(talk: Talk) -> None:
    _, bridge, studio = talk
    port = bridge.status().port
    second = Bridge(studio, replace(QUIET, port=port))
    with pytest.raises(
        EngineError, match=rf"UDP port {port} is taken by .*; the next free one is {port + 1}"
    ):
        second.start()
    assert not second.status().on
    assert str(port) in second.status().sentence
    with Bridge(studio, replace(QUIET, port=port, next_free=True)) as third:
        assert third.status().port > port


def test_another_address_needs_a_setting_that_says_what_it_means() -> None:
    with pytest.raises(UsageError, match=r"every machine of the network .* open_to_network = true"):
        Settings(bridge=BridgeSettings(host="0.0.0.0")).checked()
    Settings(bridge=BridgeSettings(host="0.0.0.0", open_to_network=True)).checked()
    with pytest.raises(UsageError, match="is no address"):
        BridgeSettings(host="example.org").checked()


def test_the_card_says_where_the_bridge_listens_and_goes_with_it(roomtone_home: Path) -> None:
    path = folders().state / "bridge.json"
    with speaking() as (_, bridge, _):
        card = json.loads(path.read_text())
        assert card["udp_port"] == bridge.status().port
        assert Path(card["spool"]).is_dir()
    assert not path.exists()


def test_the_panel_sees_where_it_listens_who_spoke_and_what_was_said(talk: Talk) -> None:
    speaker, bridge, _ = talk
    speaker.ask("ping")
    speaker.raw(b"junk")
    speaker.hear()
    status = bridge.status()
    assert (status.on, status.host) == (True, "127.0.0.1")
    assert [(peer.name, peer.messages) for peer in status.peers] == [(f"127.0.0.1:{speaker.port}", 2)]
    assert [(line.direction, line.text.split()[0]) for line in status.messages] == [
        ("in", "/roomtone/1/ping"), ("out", "/roomtone/1/pong"), ("in", "4"), ("out", "/roomtone/1/error")
    ]  # fmt: skip


def test_it_stops_and_starts_again_and_leaves_no_thread_behind() -> None:
    studio = Studio(load_pipeline=load_noise)
    before = threading.active_count()
    bridge = Bridge(studio, QUIET)
    for _ in range(3):
        bridge.start()
        bridge.start()
        with speaker_to(bridge) as speaker:
            assert speaker.ask("ping")[0] == "pong"
        bridge.stop()
        bridge.stop()
        assert not bridge.status().on
    wait_for(lambda: threading.active_count() == before)


def test_a_bug_of_ours_is_answered_and_ends_nothing(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    speaker, _, _ = talk
    # A library that breaks its promises, as a bug would.
    monkeypatch.setattr(Studio, "library", property(lambda studio: None))
    name, (_, code, sentence) = speaker.ask("library/get", "x")
    assert (name, code) == ("error", "bug")
    assert "AttributeError" in str(sentence)
    assert speaker.ask("ping")[0] == "pong"
