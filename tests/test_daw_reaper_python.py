"""REAPER's script in Python, in processes of several Pythons, on a stub that checks every call."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.daw.hosts import HOSTS
from bridge.daw.install import install, plan
from tests import reaper_api
from tests.late import killed_and_started_anew, started_late
from tests.osc_stand_in import BridgeStandIn, free_port
from tests.pythons import PYTHONS
from tests.test_daw_reaper import CHANGES, STEADY, tell_port

STUB = Path(__file__).with_name("reaper_stub.py")


@pytest.fixture
def script(tmp_path: Path) -> Path:
    install(plan(HOSTS["reaper"], tmp_path / "scripts"))
    return tmp_path / "scripts" / "roomtone.py"


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[BridgeStandIn]:
    with BridgeStandIn(tmp_path / "takes é") as stand_in:
        tell_port(stand_in.port)
        yield stand_in


def run(script: Path, tmp_path: Path, python: str = sys.executable, **scenario: Any) -> dict[str, Any]:
    """Run the script in the stub; the scenario's words are those of reaper_stub.py."""
    api = {name: [row.python.replace("?", ""), row.python_results] for name, row in reaper_api.API.items()}
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps({"tempo": STEADY, "api": api} | scenario), encoding="utf-8")
    ended = subprocess.run(
        [python, "-X", "utf8", str(STUB), str(path), str(script)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    outcome: dict[str, Any] = json.loads(ended.stdout)
    assert (outcome["refresh"], outcome["deferred"]) == (0, "")
    assert outcome["slowest"] < 0.02
    return outcome


@pytest.mark.parametrize("python", PYTHONS)
def test_a_clip_is_inserted_named_and_undone_in_one_step(
    python: str, script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    outcome = run(script, tmp_path, python, typed="søft rain, and wind|4 bars|new")
    seconds = 4 * 7 * (4 / 8) * 60 / 97
    ((job, prompt, asked, bpm, rate),) = bridge.arguments("render")
    assert (prompt, asked, bpm, rate) == (
        "søft rain, and wind",
        pytest.approx(seconds, abs=1e-6),
        97.0,
        48_000.0,
    )
    (item,) = outcome["items"]
    assert (item["name"], item["at"], item["mode"]) == ("søft rain, and wind", 8.0, 1)
    assert item["length"] == pytest.approx(seconds, abs=1e-9)
    assert (outcome["undo"], outcome["cursor"], outcome["messages"]) == (
        ["Roomtone: søft rain, and wind"],
        8.0,
        [],
    )
    assert bridge.wait_for("imported") == [job, item["path"]]
    assert bridge.arguments("transport")[0] == [97.0, 7, 8, 8.0]


def test_bars_are_exact_across_changes_of_tempo_and_meter(
    script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    run(script, tmp_path, typed="rain|4|new", cursor=0.0, tempo=CHANGES)
    # One bar of 2 s, one of 4 s, two of 3 s.
    assert bridge.arguments("render")[0][2:4] == [12.0, 120.0]


def test_the_time_selection_says_where_and_how_long(
    script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    selection: dict[str, Any] = {"typed": "rain|selection|new", "from": 3.25, "to": 7.5}
    (item,) = run(script, tmp_path, **selection)["items"]
    assert (item["at"], item["length"]) == (3.25, 4.25)


def test_the_selected_track_takes_the_clip_when_that_is_wished(
    script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    outcome = run(script, tmp_path, typed="rain|2.5 s|selected", selected_track=2, selects_nothing=True)
    assert [(item["mode"], item["name"], item["length"]) for item in outcome["items"]] == [(0, "rain", 2.5)]
    assert "SetOnlyTrackSelected" in outcome["calls"]


def test_a_clip_waits_until_its_project_is_shown_again(
    script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    outcome = run(script, tmp_path, typed="rain|1|new", other_project=True)
    assert any("go back to its project" in text for text in outcome["helps"])
    assert len(outcome["items"]) == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("refuse me|1|new", "The prompt is refused: the test wants it so."),
        ("rain|four|new", "The length 'four' is not understood: type for example 4 bars, 10 s or selection."),
        (" |1|new", "Say what shall be heard, for example: steady rain on a canvas tent"),
    ],
)
def test_what_is_refused_is_told_in_one_sentence(
    typed: str, told: str, script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    outcome = run(script, tmp_path, typed=typed)
    assert (outcome["messages"], outcome["items"]) == ([told], [])


def test_a_clip_that_reaper_does_not_take_is_told_with_its_path(
    script: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    outcome = run(script, tmp_path, typed="rain|1|new", refuses_media=True)
    assert "dragged" in outcome["messages"][0]


def test_silence_is_told_and_roomtone_may_be_started_meanwhile(script: Path, tmp_path: Path) -> None:
    port = free_port()
    tell_port(port)
    with started_late(BridgeStandIn(tmp_path / "takes", port), 5.0) as bridge:
        outcome = run(script, tmp_path, typed="rain|1|new", retries=3)
    assert "roomtone bridge" in outcome["messages"][0]
    assert (len(outcome["items"]), len(bridge.rendered)) == (1, 1)


def test_the_script_goes_on_with_a_roomtone_that_was_killed_and_started_anew(
    script: Path, tmp_path: Path
) -> None:
    port = free_port()
    tell_port(port)
    with killed_and_started_anew(tmp_path / "takes", port) as anew:
        outcome = run(script, tmp_path, typed="rain|1|new")
    assert len(anew[0].rendered) == 1
    assert len(outcome["items"]) == 1


def test_a_cancelled_dialog_asks_for_nothing(script: Path, bridge: BridgeStandIn, tmp_path: Path) -> None:
    assert run(script, tmp_path)["items"] == []
    assert bridge.received == []
