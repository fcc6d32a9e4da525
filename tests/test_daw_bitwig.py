"""The controller script for Bitwig, run in Node against a host that fails on calls the API does not have."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests.noise_bridge import noise_bridge
from tests.osc_stand_in import BridgeStandIn, free_port

HERE = Path(__file__).parent
SCRIPT = HERE.parent / "bridge" / "daw" / "bitwig" / "Roomtone.control.js"
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="needs Node (node), in which the script is run")


def test_the_clip_lands_in_the_selected_slot_and_is_exactly_so_many_bars_long(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        events = _press(bridge.port, bars=3, tempo=93.0, numerator=7, denominator=8, selected=[2, 5])
        [inserted] = _of("inserted", events)
        scene = json.loads(str(bridge.arguments("render/scene")[0][1]))
    assert (inserted["track"], inserted["slot"], inserted["there"]) == (2, 5, True)
    assert (scene["bars"], scene["bpm"], scene["meter"]) == (3, 93.0, "7/8")
    assert soundfile.info(inserted["path"]).frames == round(3 * 7 * (4 / 8) * 60 / 93 * 48_000)


def test_roomtone_hears_that_the_clip_was_imported(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        events = _press(bridge.port)
        job, path = bridge.wait_for("imported")
    assert [job] == bridge.rendered
    assert path == _of("inserted", events)[0]["path"]
    assert "slot 1" in _popups(events)[-1]


def test_a_slot_that_was_filled_in_the_meantime_is_not_overwritten(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        events = _press(bridge.port, selected=[0, 3], filled=[[0, 4]], fillAfterPress=[0, 3])
    assert [event["slot"] for event in _of("inserted", events)] == [5]


def test_two_clips_at_once_take_two_slots(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        events = _press(bridge.port, pressesAt=[0.2, 0.2])
    assert [event["slot"] for event in _of("inserted", events)] == [0, 1]
    assert len(set(bridge.rendered)) == 2


def test_without_roomtone_the_user_is_told_how_to_start_it_within_three_seconds() -> None:
    events = _press(free_port())
    assert _popups(events) == [
        "Roomtone is not running: open its panel, or type  roomtone bridge  in a terminal."
    ]


@pytest.mark.parametrize(
    ("situation", "told"),
    [
        ({"selected": None}, "Roomtone: select a launcher slot first; the clip will lie there."),
        ({"audio": False}, "Roomtone: this track takes no audio: select a slot of an audio track."),
        ({"prompt": "refuse me"}, "Roomtone: The prompt is refused: the test wants it so."),
        ({"prompt": "break"}, "Roomtone: The engine stopped: the test wants it so."),
    ],
)
def test_what_goes_wrong_is_said_in_one_sentence(
    situation: dict[str, Any], told: str, tmp_path: Path
) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        events = _press(bridge.port, **situation)
    assert _popups(events)[-1] == told
    assert _of("inserted", events) == []


def test_a_file_that_bitwig_does_not_take_is_named_so_that_it_can_be_dragged_in(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        events = _press(bridge.port, refusesFiles=True)
    assert _popups(events)[-1].endswith(_of("inserted", events)[0]["path"])
    assert bridge.arguments("imported") == []


def test_a_taken_port_is_passed_over(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        first = free_port()
        events = _press(bridge.port, firstPort=first, takenPorts=[first, first + 1])
        assert bridge.arguments("render/scene")[0][3] == _of("listening", events)[0]["port"] == first + 2
    assert len(_of("inserted", events)) == 1


def test_no_call_holds_bitwig_up_for_20_ms(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        events = _press(bridge.port)
    assert max(event["milliseconds"] for event in _of("call", events)) < 20


def test_roomtone_may_be_started_after_the_first_press(tmp_path: Path) -> None:
    port = free_port()
    with _bitwig(port, pressesAt=[0.2, 3.5], seconds=6) as host:
        time.sleep(2.8)
        with BridgeStandIn(tmp_path, port):
            events = _events(host)
    assert "not running" in _popups(events)[0]
    assert len(_of("inserted", events)) == 1


def test_a_clip_arrives_although_roomtone_was_started_anew_in_between(tmp_path: Path) -> None:
    port = free_port()
    with _bitwig(port, seconds=6, asksAgainEvery=2) as host:
        with BridgeStandIn(tmp_path, port, finishes=False) as first:
            asked = first.wait_for("render/scene")
        with BridgeStandIn(tmp_path, port) as second:
            events = _events(host)
    assert second.rendered == [asked[0]]
    assert len(_of("inserted", events)) == 1


def test_it_renders_with_the_bridge_itself() -> None:
    with noise_bridge() as bridge:
        events = _press(bridge.port, bars=2, tempo=90, seconds=30, endsAfter="inserted")
        [clip] = bridge.clips()
    assert [event["path"] for event in _of("inserted", events)] == [str(clip.path)]
    assert (clip.scene.bars, clip.bpm, clip.loop) == (2, 90, True)
    assert clip.seconds == pytest.approx(2 * 4 * 60 / 90, abs=1 / clip.rate)


def _press(port: int, **situation: Any) -> list[dict[str, Any]]:
    """What happened in Bitwig after a press on Render."""
    return _events(_bitwig(port, **situation))


def _bitwig(port: int, **situation: Any) -> subprocess.Popen[str]:
    """The host, running: it ends by itself after the seconds of the situation."""
    assert NODE is not None
    situation = {"firstPort": free_port(), **situation}
    words = [NODE, str(HERE / "bitwig_host.js"), str(SCRIPT), str(port), json.dumps(situation)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _events(host: subprocess.Popen[str]) -> list[dict[str, Any]]:
    with host:
        out, complaint = host.communicate(timeout=60)
    assert host.returncode == 0, complaint
    return [json.loads(line) for line in out.splitlines()]


def _of(kind: str, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == kind]


def _popups(events: list[dict[str, Any]]) -> list[str]:
    return [str(event["text"]) for event in _of("popup", events)]
