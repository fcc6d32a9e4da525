"""The scripts in their stubs against the bridge itself: the clip that is placed is the one in the library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import soundfile

from bridge.daw.hosts import HOSTS
from bridge.daw.install import install, make_mailbox, plan
from bridge.server import Bridge
from engine.library import Clip
from engine.studio import Studio
from tests import test_daw_live, test_daw_reaper, test_daw_reaper_python
from tests.bridge_fixtures import QUIET
from tests.noise_bridge import EmbeddedNoise
from tests.noise_model import Loader

SECONDS = 4 * 7 * (4 / 8) * 60 / 97
PROMPT = "søft rain, thunder"

pytestmark = pytest.mark.slow


@pytest.fixture
def studio(roomtone_home: Path) -> Iterator[Studio]:
    """Of a bridge that listens, on a socket and in the mailbox."""
    for host in ("reaper", "live"):
        make_mailbox(HOSTS[host])
    with (
        Loader(EmbeddedNoise()).open_studio("", "", 0) as studio,
        Bridge(studio, replace(QUIET, mailbox=True)),
    ):
        yield studio


@test_daw_reaper.needs_lua
@pytest.mark.parametrize("no_socket", [False, True])
def test_reaper_in_lua(no_socket: bool, studio: Studio, tmp_path: Path) -> None:
    install(plan(HOSTS["reaper"], tmp_path / "scripts"))
    script = tmp_path / "scripts" / "roomtone.lua"
    scenario: dict[str, Any] = {
        "typed": f"{PROMPT}|4 bars|new",
        "no_socket": no_socket,
        "patience": 40,
        "retries": 9,
    }
    outcome = test_daw_reaper.run_lua("lua5.4", script, tmp_path, **scenario)
    clip = _only_clip(studio, 48_000)
    assert outcome["item"][0][0::3] == [PROMPT, str(clip.path)]
    assert float(outcome["item"][0][2]) == pytest.approx(SECONDS, abs=1e-9)
    assert outcome["message"] == []


def test_reaper_in_python(studio: Studio, tmp_path: Path) -> None:
    install(plan(HOSTS["reaper"], tmp_path / "scripts"))
    script = tmp_path / "scripts" / "roomtone.py"
    outcome = test_daw_reaper_python.run(script, tmp_path, typed=f"{PROMPT}|4 bars|new", retries=9)
    assert [item["path"] for item in outcome["items"]] == [str(_only_clip(studio, 48_000).path)]
    assert outcome["messages"] == []


def test_live(studio: Studio, tmp_path: Path) -> None:
    folder = tmp_path / "User Library" / "Remote Scripts"
    install(plan(HOSTS["live"], folder))
    wish = f"roomtone: {PROMPT}, 4 bars"
    outcome = test_daw_live.run(folder, rename=wish, until="is in the Arrangement", patience=40.0)
    clip = _only_clip(studio, 44_100)
    assert [placed["path"] for placed in outcome["tracks"][0]["arrangement"]] == [str(clip.path)]


def _only_clip(studio: Studio, rate: int) -> Clip:
    """The clip in the library; its length is that of the bars to the sample."""
    (clip,) = studio.library.search()
    facts = soundfile.info(clip.path)
    assert (clip.prompt, clip.bpm) == (PROMPT, 97.0)
    assert (facts.samplerate, facts.frames) == (rate, round(SECONDS * rate))
    return clip
