"""Live's Remote Script in every Python from 3.7 on that is here, on a stub of Live's object model."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.daw.hosts import HOSTS, SCRIPTS
from bridge.daw.install import install, make_mailbox, plan
from engine.settings import folders
from tests.late import killed_and_started_anew, started_late
from tests.osc_stand_in import BridgeStandIn, free_port
from tests.pythons import PYTHONS
from tests.test_daw_reaper import tell_port

STUB = Path(__file__).with_name("live_stub.py")
WISH = "roomtone: søft rain, thunder, 4 bars"
SECONDS = 4 * 7 * (4 / 8) * 60 / 97


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    folder = tmp_path / "User Library" / "Remote Scripts"
    install(plan(HOSTS["live"], folder))
    make_mailbox(HOSTS["live"])
    return folder


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[BridgeStandIn]:
    with BridgeStandIn(tmp_path / "takes é") as stand_in:
        tell_port(stand_in.port)
        yield stand_in


def run(scripts: Path, python: str = sys.executable, **scenario: Any) -> dict[str, Any]:
    """Run the script in the stub until a message holds `until`; the words are those of live_stub.py."""
    path = scripts.parent / "scenario.json"
    path.write_text(json.dumps(scenario), encoding="utf-8")
    ended = subprocess.run(
        [python, "-X", "utf8", str(STUB), str(path), str(scripts)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    outcome: dict[str, Any] = json.loads(ended.stdout)
    assert (outcome["log"], outcome["undo"], outcome["disconnected"]) == ([], 0, True)
    assert outcome["slowest"] < 0.02
    return outcome


def test_the_script_is_written_for_the_python_of_live_11() -> None:
    files = list((SCRIPTS / "live" / "Roomtone").glob("*.py"))
    assert len(files) == 5
    for file in files:
        ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize("python", PYTHONS)
def test_a_track_named_after_a_scene_gets_the_clip_into_the_arrangement(
    python: str, scripts: Path, bridge: BridgeStandIn
) -> None:
    outcome = run(scripts, python, rename=WISH, until="is in the Arrangement")
    ((job, prompt, seconds, bpm),) = bridge.arguments("render")
    assert (prompt, seconds, bpm) == ("søft rain, thunder", pytest.approx(SECONDS, abs=1e-6), 97.0)
    (track,) = outcome["tracks"]
    (clip,) = track["arrangement"]
    assert (track["name"], clip["name"], clip["start_time"]) == (
        "søft rain, thunder",
        "søft rain, thunder",
        12.0,
    )
    assert bridge.wait_for("imported") == [job, clip["path"]]
    assert bridge.arguments("transport")[0] == [97.0, 7, 8]
    assert any("50 % denoising" in text for text in outcome["messages"])


def test_in_session_view_the_chosen_slot_takes_the_clip(scripts: Path, bridge: BridgeStandIn) -> None:
    outcome = run(scripts, rename=WISH, session=True, slot=1, until="is in a clip slot")
    assert [bool(clip) for clip in outcome["tracks"][0]["slots"]] == [False, True, False]


def test_a_full_track_gets_another_scene(scripts: Path, bridge: BridgeStandIn) -> None:
    tracks = [{"name": "1-Audio", "full": 3}]
    outcome = run(scripts, rename=WISH, session=True, tracks=tracks, until="is in a clip slot")
    assert outcome["tracks"][0]["slots"][3]["name"] == "søft rain, thunder"


@pytest.mark.parametrize("kind", [{"audio": False}, {"frozen": True}])
def test_a_track_that_holds_no_clip_gets_an_audio_track_beside_it(
    kind: dict[str, bool], scripts: Path, bridge: BridgeStandIn
) -> None:
    tracks = [{"name": "1", **kind}, {"name": "2"}]
    outcome = run(scripts, rename=WISH, tracks=tracks, until="is in the Arrangement")
    assert [len(track["arrangement"]) for track in outcome["tracks"]] == [0, 1, 0]


def test_bars_that_live_warps_rightly_become_a_loop(scripts: Path, bridge: BridgeStandIn) -> None:
    outcome = run(scripts, rename=WISH, guess=14.0, until="is in")
    clip = outcome["tracks"][0]["arrangement"][0]
    assert (clip["warping"], clip["looping"]) == (True, True)


@pytest.mark.parametrize(("wish", "guess"), [(WISH, 13.0), ("roomtone: rain, 8 s", 14.0)])
def test_a_clip_that_live_warps_wrongly_or_that_keeps_no_measure_plays_as_it_is(
    wish: str, guess: float, scripts: Path, bridge: BridgeStandIn
) -> None:
    outcome = run(scripts, rename=wish, guess=guess, until="is in")
    clip = outcome["tracks"][0]["arrangement"][0]
    assert (clip["warping"], clip["looping"]) == (False, False)


def test_an_older_live_is_given_the_file_in_its_user_library(scripts: Path, bridge: BridgeStandIn) -> None:
    outcome = run(scripts, rename=WISH, new=False, until="drag")
    (file,) = (scripts.parent / "Samples" / "Roomtone").iterdir()
    assert file.name in outcome["messages"][-1]
    assert file.read_bytes() == next((bridge.folder).glob("*.wav")).read_bytes()


def test_a_refusal_is_shown_as_it_is(scripts: Path, bridge: BridgeStandIn) -> None:
    outcome = run(scripts, rename="roomtone: refuse me", until="refused")
    assert outcome["messages"][-1] == "Roomtone: The prompt is refused: the test wants it so."


def test_silence_is_told_and_roomtone_may_be_started_meanwhile(scripts: Path, tmp_path: Path) -> None:
    port = free_port()
    tell_port(port)
    with started_late(BridgeStandIn(tmp_path / "takes", port), 6.5) as bridge:
        outcome = run(scripts, rename=WISH, patience=20.0, until="is in the Arrangement")
    assert "Roomtone does not answer. Start it with: roomtone bridge" in outcome["messages"]
    assert len(bridge.rendered) == 1


def test_the_script_goes_on_with_a_roomtone_that_was_killed_and_started_anew(
    scripts: Path, tmp_path: Path
) -> None:
    port = free_port()
    tell_port(port)
    with killed_and_started_anew(tmp_path / "takes", port) as anew:
        outcome = run(scripts, rename=WISH, patience=40.0, until="is in the Arrangement")
    assert len(anew[0].rendered) == 1
    assert len(outcome["tracks"][0]["arrangement"]) == 1


def test_clips_sent_from_the_panel_come_into_the_selected_track(
    scripts: Path, bridge: BridgeStandIn, tmp_path: Path
) -> None:
    clip = tmp_path / "clip é 100% #1.wav"
    clip.write_bytes(b"RIFF")
    inbox = folders().state / "mailbox" / "live-inbox"
    (inbox / "1").write_text(f"{clip}\n{tmp_path / 'gone.wav'}\n", encoding="utf-8")
    outcome = run(scripts, tracks=[{"name": "1"}, {"name": "2"}], selected=1, until="is in the Arrangement")
    assert [len(track["arrangement"]) for track in outcome["tracks"]] == [0, 1]
    assert bridge.wait_for("imported") == ["inbox", str(clip)]
    assert list(inbox.iterdir()) == []


def test_what_is_no_wish_stays_a_name(scripts: Path, bridge: BridgeStandIn) -> None:
    outcome = run(scripts, rename="roomtone tests", patience=1.0)
    assert outcome["tracks"][0]["name"] == "roomtone tests"
    assert bridge.arguments("render") == []
