"""The scripts in a real Ardour under Xvfb: what is asked for in the dialog lies in the session, bit for bit.

One Ardour serves all tests, in a session whose tempo and meter change. Without the programs they are skipped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.daw.hosts import HOSTS
from bridge.daw.install import install, make_mailbox, plan
from bridge.daw.letters import inbox, send
from engine.settings import folders
from tests.ardour_home import RATE
from tests.ardour_session import Ardour, Region, missing_programs
from tests.late import killed_and_started_anew
from tests.noise_bridge import noise_bridge
from tests.osc_stand_in import BridgeStandIn, free_port, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(missing_programs()), reason=f"not installed: {', '.join(missing_programs())}"),
]

# Two seconds of 4/4 at 120, then 60 from the second bar on, and 3/4 from the third bar on.
TEMPO_CHANGES = """
local map = Temporal.TempoMap.fetch_writable ()
map:set_meter (Temporal.Meter (3, 4), Temporal.timepos_t.from_ticks (Temporal.ticks_per_beat * 8))
map:set_tempo (Temporal.Tempo (60, 60, 4), Temporal.timepos_t.from_ticks (Temporal.ticks_per_beat * 4))
Temporal.TempoMap.update (map)
map = nil
collectgarbage ()
"""
LENGTH_MENU = (311, 67)
TRACK_MENU = (311, 146)


@dataclass
class Studio:
    """A running Ardour beside the state folder that its scripts know."""

    ardour: Ardour
    state: Path
    takes: Path
    port: int

    def bridge(self) -> BridgeStandIn:
        (self.state / "bridge.json").write_text(json.dumps({"udp_port": self.port}))
        return BridgeStandIn(self.takes, self.port)

    def fill_in(
        self, prompt: str, bars: int = 4, seconds: float = 10.0, length: str = "bars", into: str = "new track"
    ) -> None:
        """Open the dialog, type into it, and choose which length holds, and where the clip goes."""
        self.ardour.act(1)
        window = self.ardour.window("Roomtone")
        self.ardour.focus(window)
        for text in (prompt, str(bars), str(seconds)):
            self.ardour.xdotool("key", "ctrl+a")
            self.ardour.xdotool("type", text)
            self.ardour.xdotool("key", "Tab")
        self.choose(window, LENGTH_MENU, ("bars", "seconds", "selection").index(length))
        self.choose(window, TRACK_MENU, ("new track", "selected track").index(into))

    def choose(self, window: str, menu: tuple[int, int], place: int) -> None:
        """Choose the entry in this place, counted from 0."""
        self.ardour.xdotool("mousemove", "--window", window, *(str(at) for at in menu), "click", "1")
        time.sleep(0.4)
        for key in ("Home", *("Down",) * place, "Return"):
            self.ardour.xdotool("key", key)
            time.sleep(0.2)

    def confirm(self) -> None:
        """Press OK."""
        self.ardour.close_window("Roomtone", "alt+o")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("ardour")
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROOMTONE_HOME", str(folder / "roomtone"))
        install(plan(HOSTS["ardour"], folder / "scripts"))
        make_mailbox(HOSTS["ardour"])
        state = folders().state
    actions = {"Roomtone": folder / "scripts" / "roomtone_render.lua"}
    hooks = {"Roomtone inbox": folder / "scripts" / "roomtone_inbox.lua"}
    with Ardour(folder / "run", actions, hooks, TEMPO_CHANGES) as ardour:
        yield Studio(ardour, state, folder / "takes é", port)


def test_bars_across_a_change_of_tempo_and_meter_lie_at_the_playhead_bit_for_bit(studio: Studio) -> None:
    studio.ardour.locate(0.0)
    with studio.bridge() as bridge:
        before = set(_sounds(studio))
        studio.fill_in("rain on leaves", bars=4)
        studio.confirm()
        job, path = bridge.wait_for("imported", 30)
    # One bar of 2 s, one of 4 s, two of 3 s.
    assert bridge.arguments("render")[0][1:5] == ["rain on leaves", 12.0, 120.0, RATE]
    assert bridge.arguments("transport") == [[120.0, 4, 4, 0.0]]
    region = _region(studio, str(job))
    assert (region.start_seconds, region.seconds) == (0.0, 12.0)
    assert "rain on leaves" in studio.ardour.tracks()
    _check_bits(Path(str(path)), set(_sounds(studio)) - before)
    assert list((studio.state / "mailbox" / "replies").iterdir()) == []


def test_a_clip_begins_at_the_playhead_with_the_bars_from_there(studio: Studio) -> None:
    studio.ardour.locate(2.0)
    with studio.bridge() as bridge:
        studio.fill_in("a street at night", bars=2)
        studio.confirm()
        job, _ = bridge.wait_for("imported", 30)
    assert bridge.arguments("render")[0][2:4] == [7.0, 60.0]
    assert bridge.arguments("transport") == [[60.0, 4, 4, 2.0]]
    region = _region(studio, str(job))
    assert (region.start_seconds, region.seconds) == (2.0, 7.0)


def test_the_selection_says_where_and_how_long(studio: Studio) -> None:
    studio.ardour.select_range(3.0, 4.5)
    with studio.bridge() as bridge:
        studio.fill_in("waves on pebbles", length="selection")
        studio.confirm()
        job, _ = bridge.wait_for("imported", 30)
    region = _region(studio, str(job))
    assert (region.start_seconds, region.seconds) == (3.0, 1.5)


def test_the_selected_track_takes_the_clip_when_that_is_wished(studio: Studio) -> None:
    studio.ardour.locate(20.0)
    with studio.bridge() as bridge:
        studio.fill_in("a first", seconds=1.5, length="seconds")
        studio.confirm()
        first, _ = bridge.wait_for("imported", 30)
    studio.ardour.locate(30.0)
    tracks = len(studio.ardour.regions()) and studio.ardour.tracks()
    with studio.bridge() as bridge:
        # The track that was made last is the selected one.
        studio.fill_in("a second", seconds=2.25, length="seconds", into="selected track")
        studio.confirm()
        second, _ = bridge.wait_for("imported", 30)
    regions = [_region(studio, str(job)) for job in (first, second)]
    assert [region.seconds for region in regions] == [1.5, 2.25]
    assert regions[0].track == regions[1].track
    assert studio.ardour.tracks() == tracks


def test_the_bridge_itself_renders_into_the_session(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROOMTONE_HOME", str(studio.state.parent))
    # Bars begin at the start of a range, when one is selected.
    studio.ardour.select_range(2.0, 3.0)
    before = set(_sounds(studio))
    with noise_bridge() as bridge:
        studio.fill_in("rain on a tin roof, 100 % of it", bars=3)
        studio.confirm()
        studio.ardour.sounds(len(before) + 2, 60)
        (clip,) = bridge.clips()
        region = _region(studio, clip.path.stem)
    assert (clip.prompt, clip.rate, clip.bpm) == ("rain on a tin roof, 100 % of it", RATE, 60.0)
    assert (region.start_seconds, region.seconds, clip.seconds) == (2.0, 10.0, 10.0)
    _check_bits(clip.path, set(_sounds(studio)) - before)


def test_roomtone_may_be_started_while_the_script_waits_for_it(studio: Studio) -> None:
    bridge = studio.bridge()
    studio.fill_in("wind in a pine forest")
    studio.confirm()
    time.sleep(3.5)
    with bridge:
        job, _ = bridge.wait_for("imported", 30)
    assert bridge.rendered == [job]


def test_the_script_goes_on_with_a_roomtone_that_was_killed_and_started_anew(studio: Studio) -> None:
    (studio.state / "bridge.json").write_text(json.dumps({"udp_port": studio.port}))
    with killed_and_started_anew(studio.takes, studio.port) as anew:
        studio.fill_in("rain again")
        studio.confirm()
        wait_until(
            lambda: [1] if anew and anew[0].arguments("imported") else None, 40, "nothing was imported"
        )
    assert len(anew[0].rendered) == 1


def test_a_refusal_is_told_and_the_script_goes_on_working(studio: Studio) -> None:
    with studio.bridge() as bridge:
        studio.fill_in("refuse me")
        studio.confirm()
        bridge.wait_for("render", 30)
        studio.ardour.close_window("Roomtone says", "alt+c")
        studio.fill_in("a brook")
        studio.confirm()
        bridge.wait_for("imported", 30)
    assert len(bridge.rendered) == 1


def test_a_dialog_that_is_cancelled_asks_for_nothing(studio: Studio) -> None:
    with studio.bridge() as bridge:
        studio.fill_in("nothing")
        studio.ardour.close_window("Roomtone", "Escape")
        time.sleep(1.0)
    assert bridge.received == []


def test_clips_sent_from_the_panel_are_imported_by_the_hook(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    clips = [tmp_path / f"clip {number} é 100% #x.wav" for number in (1, 2)]
    for clip in clips:
        soundfile.write(clip, 0.1 * rng.standard_normal((RATE // 2, 2)), RATE, subtype="PCM_24")
    before = set(_sounds(studio))
    with studio.bridge() as bridge:
        monkeypatch.setenv("ROOMTONE_HOME", str(studio.state.parent))
        for clip in clips:
            send("ardour", [clip])
        end = time.monotonic() + 20
        while len(bridge.arguments("imported")) < 2 and time.monotonic() < end:
            time.sleep(0.1)
    assert sorted(bridge.arguments("imported")) == [["inbox", str(clip)] for clip in clips]
    after = set(_sounds(studio)) - before
    for clip in clips:
        _check_bits(clip, {sound for sound in after if sound.name.startswith(clip.stem)})
    assert list(inbox("ardour").iterdir()) == []


def _sounds(studio: Studio) -> list[Path]:
    return sorted((studio.ardour.session.parent / "interchange" / "scene" / "audiofiles").glob("*.wav"))


def _region(studio: Studio, job: str) -> Region:
    (region,) = [region for region in studio.ardour.regions() if region.name.startswith(job)]
    return region


def _check_bits(take: Path, sounds: set[Path]) -> None:
    """Ardour keeps a file a channel, NAME%L.wav and NAME%R.wav."""
    wave, rate = soundfile.read(take, dtype="float64")
    assert rate == RATE
    channels = sorted(sounds)
    assert [sound.stem[-2:] for sound in channels] == ["%L", "%R"]
    for channel, sound in enumerate(channels):
        assert np.array_equal(soundfile.read(sound, dtype="float64")[0], wave[:, channel])
