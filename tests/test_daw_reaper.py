"""REAPER's script in Lua under both interpreters, on a stub that checks every call against REAPER's list."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pythonosc.udp_client import SimpleUDPClient

from bridge.daw.hosts import HOSTS
from bridge.daw.install import install, make_mailbox, plan
from engine.settings import folders
from tests import reaper_api
from tests.late import killed_and_started_anew, started_late
from tests.osc_stand_in import BridgeStandIn, free_port

TESTS = Path(__file__).parent
LUAS = ("lua5.3", "lua5.4")
CHANGES = [
    {"bar": 0, "num": 4, "den": 4, "bpm": 120.0},
    {"bar": 1, "num": 4, "den": 4, "bpm": 60.0},
    {"bar": 2, "num": 3, "den": 4, "bpm": 60.0},
]
STEADY = [{"bar": 0, "num": 7, "den": 8, "bpm": 97.0}]


@dataclass
class Outcome:
    """What the stub printed: rows of words by their first one."""

    rows: dict[str, list[list[str]]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> list[list[str]]:
        return self.rows.get(name, [])


def missing_luas() -> list[str]:
    """Those that are not here, or are without LuaSocket."""
    return [lua for lua in LUAS if shutil.which(lua) is None or _fails([lua, "-e", 'require "socket.core"'])]


def _fails(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode != 0


needs_lua = pytest.mark.skipif(bool(missing_luas()), reason=f"not here with LuaSocket: {missing_luas()}")
pytestmark = needs_lua


@pytest.fixture(params=LUAS)
def lua(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    make_mailbox(HOSTS["reaper"])
    install(plan(HOSTS["reaper"], tmp_path / "scripts"))
    return tmp_path / "scripts" / "roomtone.lua"


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[BridgeStandIn]:
    with BridgeStandIn(tmp_path / "takes é") as stand_in:
        tell_port(stand_in.port)
        yield stand_in


@contextmanager
def mailbox_of(bridge: BridgeStandIn) -> Iterator[None]:
    """The other half of the stand-in: hands what lies in the mailbox on to it, as the bridge does."""
    folder, client = folders().state / "mailbox", SimpleUDPClient("127.0.0.1", bridge.port)
    stopped = threading.Event()

    def serve() -> None:
        while not stopped.wait(0.02):
            for path in sorted((folder / "requests").glob("*.json")):
                request = json.loads(path.read_text(encoding="utf-8"))
                path.unlink()
                rest = [str(folder / "replies")] if request["address"].endswith("/render") else []
                client.send_message(request["address"], request["args"] + rest)

    thread = threading.Thread(target=serve, name="mailbox stand-in")
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
        client._sock.close()


def tell_port(port: int) -> None:
    folders().state.mkdir(parents=True, exist_ok=True)
    (folders().state / "bridge.json").write_text(json.dumps({"udp_port": port}))


def run_lua(lua: str, script: Path, tmp_path: Path, **scenario: Any) -> Outcome:
    """Run the script in the stub; the scenario's words are those of reaper_stub.lua."""
    scenario = {"cursor": 8.0, "tempo": STEADY, "resources": str(tmp_path), "rate": 48_000.0} | scenario
    (tmp_path / "api.lua").write_text(reaper_api.as_lua())
    (tmp_path / "scenario.lua").write_text(f"return {_lua(scenario)}", encoding="utf-8")
    ended = subprocess.run(
        [
            lua,
            str(TESTS / "reaper_stub.lua"),
            str(tmp_path / "api.lua"),
            str(tmp_path / "scenario.lua"),
            str(script),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    outcome = Outcome()
    for line in ended.stdout.splitlines():
        name, *words = line.split("\t")
        outcome.rows.setdefault(name, []).append(words)
    assert float(outcome["slowest"][0][0]) < 0.02
    assert outcome["still"] == [["ended"]]
    return outcome


def _lua(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'["{key}"] = {_lua(one)}' for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "{" + ", ".join(map(_lua, value)) + "}"
    return json.dumps(value, ensure_ascii=False)


def test_a_clip_is_inserted_at_the_cursor_named_after_its_prompt_in_one_undo_step(
    lua: str, script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    outcome = run_lua(lua, script, tmp_path, typed="søft rain, and wind|4 bars|new")
    seconds = 4 * 7 * (4 / 8) * 60 / 97
    ((job, prompt, asked, bpm, rate),) = bridge.arguments("render")
    assert (prompt, bpm, rate) == ("søft rain, and wind", 97.0, 48_000.0)
    assert asked == pytest.approx(seconds, abs=1e-6)
    ((name, at, length, path),) = outcome["item"]
    assert (name, float(at), float(length)) == ("søft rain, and wind", 8.0, pytest.approx(seconds, abs=1e-9))
    assert outcome["undo"] == [["Roomtone: søft rain, and wind"]]
    assert outcome["cursor"] == [["8.0"]]
    assert bridge.wait_for("imported") == [job, path]
    assert bridge.arguments("transport")[0] == [97.0, 7, 8, 8.0]


def test_without_luasocket_the_mailbox_does_the_same(lua: str, script: Path, tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path / "takes", pause_seconds=0.5) as bridge, mailbox_of(bridge):
        outcome = run_lua(lua, script, tmp_path, typed='a "brook" \\ é|4 bars|new', no_socket=True)
        _, path = bridge.wait_for("imported")
    seconds = 4 * 7 * (4 / 8) * 60 / 97
    assert bridge.arguments("render")[0][1] == 'a "brook" \\ é'
    ((name, at, length, inserted),) = outcome["item"]
    assert (name, float(at), inserted) == ('a "brook" \\ é', 8.0, path)
    assert float(length) == pytest.approx(seconds, abs=1e-9)
    assert not list((folders().state / "mailbox" / "replies").iterdir())
    assert any("50 % denoising" in text for (text,) in outcome["help"])


def test_bars_are_exact_across_changes_of_tempo_and_meter(
    lua: str, script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    outcome = run_lua(lua, script, tmp_path, typed="rain|4|new", cursor=0.0, tempo=CHANGES)
    # One bar of 2 s, one of 4 s, two of 3 s.
    assert bridge.arguments("render")[0][2:4] == [12.0, 120.0]
    assert float(outcome["item"][0][2]) == 12.0


def test_bars_begin_in_the_middle_of_a_bar_and_end_in_the_middle_of_one(
    lua: str, script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    run_lua(lua, script, tmp_path, typed="rain|1 bars|new", cursor=1.0, tempo=CHANGES)
    # Two beats at 120, then two at 60.
    assert bridge.arguments("render")[0][2] == 3.0


def test_the_time_selection_says_where_and_how_long(
    lua: str, script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    scenario: dict[str, Any] = {"typed": "rain|selection|new", "from": 3.25, "to": 7.5}
    outcome = run_lua(lua, script, tmp_path, **scenario)
    assert bridge.arguments("render")[0][2] == 4.25
    assert [float(word) for word in outcome["item"][0][1:3]] == [3.25, 4.25]


def test_seconds_may_be_typed_too(lua: str, script: Path, bridge: BridgeStandIn, tmp_path: Path) -> None:
    run_lua(lua, script, tmp_path, typed="rain|2.5 s|new")
    assert bridge.arguments("render")[0][2] == 2.5


@pytest.mark.parametrize("length", ["four", "selection", "0 bars", ""])
def test_a_length_that_means_nothing_is_told_before_anything_is_sent(
    length: str, script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    outcome = run_lua("lua5.4", script, tmp_path, typed=f"rain|{length}|new")
    assert len(outcome["message"]) == 1
    assert bridge.received == []


def test_the_selected_track_takes_the_clip_when_that_is_wished(
    lua: str, script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    outcome = run_lua(lua, script, tmp_path, typed="rain|1|selected", tracks=3, selected_track=2)
    assert outcome["track"] == [["1", "2", "3"]]


def test_a_clip_is_found_even_when_reaper_selects_nothing(
    lua: str, script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    outcome = run_lua(lua, script, tmp_path, typed="rain|1|new", selects_nothing=True)
    assert outcome["item"][0][0] == "rain"


def test_a_clip_that_reaper_does_not_take_is_told_with_its_path(
    lua: str, script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    outcome = run_lua(lua, script, tmp_path, typed="rain|1|new", refuses_media=True)
    assert "dragged" in outcome["message"][0][0]
    assert bridge.arguments("imported") == []


def test_a_clip_waits_until_its_project_is_shown_again(
    lua: str, script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    outcome = run_lua(lua, script, tmp_path, typed="rain|1|new", other_project=True)
    assert any("go back to its project" in text for (text,) in outcome["help"])
    assert len(outcome["item"]) == 1


def test_a_refusal_is_shown_as_it_is(lua: str, script: Path, bridge: BridgeStandIn, tmp_path: Path) -> None:
    outcome = run_lua(lua, script, tmp_path, typed="refuse me|1|new")
    assert outcome["message"] == [["The prompt is refused: the test wants it so."]]
    assert outcome["item"] == []


def test_silence_is_told_with_how_to_start_roomtone(lua: str, script: Path, tmp_path: Path) -> None:
    tell_port(free_port())
    outcome = run_lua(lua, script, tmp_path, typed="rain|1|new")
    assert "roomtone bridge" in outcome["message"][0][0]
    assert outcome["item"] == []


def test_roomtone_may_be_started_while_the_script_waits(lua: str, script: Path, tmp_path: Path) -> None:
    port = free_port()
    tell_port(port)
    with started_late(BridgeStandIn(tmp_path / "takes", port), 2.5) as bridge:
        outcome = run_lua(lua, script, tmp_path, typed="rain|1|new", retries=3)
    assert len(outcome["item"]) == 1
    assert len(bridge.rendered) == 1


def test_the_script_goes_on_with_a_roomtone_that_was_killed_and_started_anew(
    script: Path, tmp_path: Path
) -> None:
    port = free_port()
    tell_port(port)
    with killed_and_started_anew(tmp_path / "takes", port) as anew:
        outcome = run_lua("lua5.4", script, tmp_path, typed="rain|1|new", patience=40)
    assert len(anew[0].rendered) == 1
    assert len(outcome["item"]) == 1


def test_a_cancelled_dialog_asks_for_nothing(script: Path, bridge: BridgeStandIn, tmp_path: Path) -> None:
    run_lua("lua5.4", script, tmp_path)
    assert bridge.received == []


def test_the_stub_refuses_what_reaper_does_not_publish(tmp_path: Path) -> None:
    bad = tmp_path / "bad.lua"
    for line in (
        "reaper.GetTempoTimeSigAtTime (0, 0)",
        'reaper.InsertMedia ("x")',
        "reaper.InsertMedia (1, 1)",
    ):
        bad.write_text(line)
        with pytest.raises(AssertionError):
            run_lua("lua5.4", bad, tmp_path)
