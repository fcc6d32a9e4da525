"""The patchers and the script for Max: every cord joins two boxes; the script runs in Node over real UDP."""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import soundfile

from bridge.addresses import ANSWERS, PREFIX, REQUESTS
from tests.noise_bridge import noise_bridge
from tests.osc_stand_in import BridgeStandIn, free_port

HERE = Path(__file__).parent
FOLDER = HERE.parent / "bridge" / "daw" / "max"
SCRIPT = FOLDER / "roomtone.js"
NODE = shutil.which("node")
NEEDS_NODE = pytest.mark.skipif(NODE is None, reason="needs Node (node), in which the script is run")


def _plain_patcher() -> dict[str, Any]:
    patcher: dict[str, Any] = json.loads((FOLDER / "Roomtone.maxpat").read_text(encoding="utf-8"))["patcher"]
    return patcher


def _device_patcher() -> dict[str, Any]:
    """Of the device: chunks of a name, a length in bytes and a content, the last of them the patcher."""
    content = (FOLDER / "Roomtone.amxd").read_bytes()
    chunks, place = {}, 0
    while place < len(content):
        name, size = struct.unpack_from("<4sI", content, place)
        chunks[name] = content[place + 8 : place + 8 + size]
        place += 8 + size
    assert list(chunks) == [b"ampf", b"meta", b"ptch"]
    # An audio effect, so that it fits on the track that takes the clip.
    assert chunks[b"ampf"] == b"aaaa"
    assert chunks[b"ptch"].endswith(b"}\n\0")
    patcher: dict[str, Any] = json.loads(chunks[b"ptch"].rstrip(b"\0"))["patcher"]
    return patcher


PATCHERS = pytest.mark.parametrize("patcher", [_plain_patcher(), _device_patcher()], ids=["Max", "Live"])


@PATCHERS
def test_every_cord_joins_an_outlet_to_an_inlet_that_is_there(patcher: dict[str, Any]) -> None:
    boxes = {box["box"]["id"]: box["box"] for box in patcher["boxes"]}
    assert len(boxes) == len(patcher["boxes"])
    for line in patcher["lines"]:
        source, outlet = line["patchline"]["source"]
        target, inlet = line["patchline"]["destination"]
        assert outlet < boxes[source]["numoutlets"]
        assert inlet < boxes[target]["numinlets"]


@PATCHERS
def test_the_script_stands_between_the_two_sockets(patcher: dict[str, Any]) -> None:
    joined = [(source.split()[0], target.split()[0]) for source, target in _cords(patcher)]
    assert ("udpreceive", "js") in joined
    assert ("js", "udpsend") in joined
    texts = [box["box"].get("text", "") for box in patcher["boxes"]]
    assert "udpsend 127.0.0.1 9000" in texts
    # The port that answers are asked for at is the one that is listened at.
    [listened] = [text.split()[1] for text in texts if text.startswith("udpreceive")]
    assert f"loadmess port {listened}" in texts


@PATCHERS
def test_what_the_patcher_says_to_the_script_is_what_the_script_understands(patcher: dict[str, Any]) -> None:
    said = [source for source, target in _cords(patcher) if target.startswith("js ")]
    words = [source.removeprefix("prepend ").removeprefix("loadmess ").split()[0] for source in said]
    code = SCRIPT.read_text(encoding="utf-8")
    functions = set(re.findall(r"^function (\w+)\(", code, re.MULTILINE))
    functions -= set(re.findall(r"^(\w+)\.local = 1", code, re.MULTILINE))
    assert {word for word in words if word != "udpreceive"} <= functions


def test_the_addresses_of_the_script_are_those_of_the_table() -> None:
    names = re.findall(r'PREFIX \+ "([^"]+)"', SCRIPT.read_text(encoding="utf-8"))
    assert set(names) == {"render/scene", "cancel", "imported", "accepted", "progress", "done", "error"}
    assert set(names) <= REQUESTS.keys() | ANSWERS.keys()
    assert f'PREFIX = "{PREFIX}"' in SCRIPT.read_text(encoding="utf-8")


@NEEDS_NODE
def test_a_message_goes_in_and_the_path_of_the_clip_comes_out(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        messages = [
            [0.1, "tempo", 93, 7, 8],
            [0.1, "loop", 1],
            [0.2, "bars", 3, "søft rain", "on", 2, "tents"],
        ]
        events = _max(bridge.port, messages=messages)
        scene = json.loads(str(bridge.arguments("render/scene")[0][1]))
        imported = bridge.wait_for("imported")
    [path] = _out_of(1, events)
    meter = {"bars": 3, "bpm": 93, "meter": "7/8", "loop": True}
    assert scene == {"prompt": "søft rain on 2 tents", **meter}
    assert imported == [bridge.rendered[0], path[0]]
    assert soundfile.info(path[0]).frames == round(3 * 7 * (4 / 8) * 60 / 93 * 48_000)
    assert _out_of(2, events) == [[0.5], [1]]
    assert _said(events)[-1] == "Roomtone: the clip is ready."


@NEEDS_NODE
def test_a_length_in_seconds_is_taken_as_it_is(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        events = _max(bridge.port, messages=[[0.1, "render", 2.5, "wind"]])
    assert soundfile.info(_out_of(1, events)[0][0]).frames == 120_000


@NEEDS_NODE
def test_in_live_the_clip_lands_unwarped_in_the_selected_slot_at_the_tempo_of_the_song(
    tmp_path: Path,
) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        events = _max(bridge.port, live=True, tempo=90.5, numerator=3, denominator=4)
        scene = json.loads(str(bridge.arguments("render/scene")[0][1]))
        bridge.wait_for("imported")
    assert (scene["bpm"], scene["meter"]) == (90.5, "3/4")
    assert [event["there"] for event in _of("inserted", events)] == [True]
    assert [(event["name"], event["value"]) for event in _of("set", events)] == [("warping", 0)]


@NEEDS_NODE
@pytest.mark.parametrize(
    ("situation", "told"),
    [
        ({"slotFilled": True}, "Roomtone: the slot has a clip already; drag the clip in: "),
        ({"noSlot": True}, "Roomtone: select a slot of an audio track first; drag the clip in: "),
        (
            {"oldLive": True},
            "Roomtone: Live 12.0.5 or newer and an audio track are needed to place it; drag ",
        ),
    ],
)
def test_a_clip_that_live_cannot_place_is_named(situation: dict[str, Any], told: str, tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        events = _max(bridge.port, live=True, **situation)
    assert _said(events)[-1].startswith(told)
    assert _said(events)[-1].endswith(".wav")
    assert (_of("inserted", events), bridge.arguments("imported")) == ([], [])


@NEEDS_NODE
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["bars", 1, "refuse me"], "Roomtone: The prompt is refused: the test wants it so."),
        (["bars", 1, "break"], "Roomtone: The engine stopped: the test wants it so."),
        (["bars", 1], "Roomtone: say what shall be heard, after the length."),
        (["rendr", 1, "rain"], "Roomtone: there is no message rendr: send render, bars, tempo or cancel."),
        (["tick"], "Roomtone: there is no message tick: send render, bars, tempo or cancel."),
        (["cancel"], "Roomtone: there is nothing to cancel."),
    ],
)
def test_what_goes_wrong_is_said_in_one_sentence(words: list[Any], told: str, tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        events = _max(bridge.port, messages=[[0.1, *words]])
    assert _said(events)[-1] == told
    assert _out_of(1, events) == []


@NEEDS_NODE
def test_without_roomtone_it_is_said_how_to_start_it() -> None:
    events = _max(free_port(), seconds=3)
    assert _said(events) == [
        "Roomtone is not running: open its panel, or type  roomtone bridge  in a terminal."
    ]


@NEEDS_NODE
def test_a_clip_arrives_although_roomtone_was_started_anew_in_between(tmp_path: Path) -> None:
    port = free_port()
    with _running(port, asksAgainEvery=2, seconds=5) as program:
        with BridgeStandIn(tmp_path, port, finishes=False) as first:
            asked = first.wait_for("render/scene")
        with BridgeStandIn(tmp_path, port) as second:
            events = _events(program)
    assert second.rendered == [asked[0]]
    assert len(_out_of(1, events)) == 1


@NEEDS_NODE
def test_roomtone_may_be_started_after_the_first_message(tmp_path: Path) -> None:
    port = free_port()
    messages = [[0.1, "bars", 1, "rain"], [3, "bars", 1, "wind"]]
    with _running(port, messages=messages, seconds=4) as program:
        time.sleep(2.5)
        with BridgeStandIn(tmp_path, port) as bridge:
            events = _events(program)
    assert len(bridge.rendered) == len(_out_of(1, events)) == 1


@NEEDS_NODE
def test_it_renders_with_the_bridge_itself() -> None:
    with noise_bridge() as bridge:
        events = _max(
            bridge.port,
            live=True,
            tempo=90,
            messages=[[0.1, "bars", 2, "rain"]],
            seconds=30,
            endsAfter="inserted",
        )
        [clip] = bridge.clips()
    assert _out_of(1, events) == [[str(clip.path)]]
    assert clip.seconds == pytest.approx(2 * 4 * 60 / 90, abs=1 / clip.rate)


@NEEDS_NODE
def test_no_call_holds_max_up_for_20_ms(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        events = _max(bridge.port, live=True)
    assert max(event["milliseconds"] for event in _of("call", events)) < 20


def _cords(patcher: dict[str, Any]) -> list[tuple[str, str]]:
    """What each cord joins, by what stands in the boxes, or else by their kinds."""
    texts = {box["box"]["id"]: box["box"].get("text") or box["box"]["maxclass"] for box in patcher["boxes"]}
    cords = [line["patchline"] for line in patcher["lines"]]
    return [(texts[cord["source"][0]], texts[cord["destination"][0]]) for cord in cords]


def _max(port: int, **situation: Any) -> list[dict[str, Any]]:
    """What happened in Max after the messages of the situation."""
    return _events(_running(port, **situation))


def _running(port: int, **situation: Any) -> subprocess.Popen[str]:
    """Max, running: it ends by itself after the seconds of the situation."""
    assert NODE is not None
    words = [NODE, str(HERE / "max_host.js"), str(SCRIPT), str(port), json.dumps(situation)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _events(program: subprocess.Popen[str]) -> list[dict[str, Any]]:
    with program:
        out, complaint = program.communicate(timeout=60)
    assert program.returncode == 0, complaint
    return [json.loads(line) for line in out.splitlines()]


def _of(kind: str, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == kind]


def _out_of(number: int, events: list[dict[str, Any]]) -> list[list[Any]]:
    return [event["values"] for event in _of("outlet", events) if event["number"] == number]


def _said(events: list[dict[str, Any]]) -> list[str]:
    return [str(values[1]) for values in _out_of(3, events)]
