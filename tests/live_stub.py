"""A small true Live for the Remote Script, in a process of its own: python live_stub.py SCENARIO SCRIPTS

It has the parts of Live's object model that the script may use, and nothing else: a wrong name raises. There
are no listeners, so nothing can be changed in one. Scenario and outcome are JSON. Python 3.7 and newer.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import types
from pathlib import Path
from typing import Any


class Clip:
    def __init__(self, path: str, at: float, tempo: float, beats: Any) -> None:
        self.path, self.start_time, self.name = path, at, Path(path).stem
        self.warping, self.looping, self.loop_start = True, False, 0.0
        self.loop_end = beats


class Slot:
    def __init__(self, song: Song, full: bool) -> None:
        self._song, self.has_clip, self.clip = song, full, None


class NewSlot(Slot):
    def create_audio_clip(self, path: str) -> Clip:
        assert not self.has_clip
        self.has_clip, self.clip = True, Clip(path, 0.0, self._song.tempo, self._song.guess)
        return self.clip


class Track:
    def __init__(
        self, song: Song, name: str, audio: bool = True, full: int = 0, frozen: bool = False
    ) -> None:
        self._song, self.name = song, name
        self.has_audio_input, self.is_frozen, self.is_foldable = audio, frozen, False
        self.arrangement_clips: list[Clip] = []
        kind = NewSlot if song.new else Slot
        self.clip_slots = [kind(song, place < full) for place in range(3)]


class NewTrack(Track):
    def create_audio_clip(self, path: str, at: float) -> Clip:
        if not self.has_audio_input:
            raise RuntimeError("Audio clips can only be created on audio tracks")
        if not Path(path).is_file():
            raise ValueError("The provided path does not appear to point to a valid audio file")
        self.arrangement_clips.append(Clip(path, at, self._song.tempo, self._song.guess))
        return self.arrangement_clips[-1]


class Song:
    def __init__(self, scenario: dict[str, Any]) -> None:
        self.new = scenario.get("new", True)
        self.tempo = scenario.get("tempo", 97.0)
        self.signature_numerator, self.signature_denominator = scenario.get("signature", [7, 8])
        self.current_song_time = scenario.get("at", 12.0)
        self.guess = scenario.get("guess", 14.0)
        kind = NewTrack if self.new else Track
        self._kind = kind
        self.tracks = [kind(self, **track) for track in scenario.get("tracks", [{"name": "1-Audio"}])]
        self.view = types.SimpleNamespace(
            selected_track=self.tracks[scenario.get("selected", 0)],
            highlighted_clip_slot=self.tracks[0].clip_slots[scenario["slot"]] if "slot" in scenario else None,
        )
        self.undo = 0

    def create_audio_track(self, index: int) -> Track:
        track = self._kind(self, "new")
        self.tracks.insert(len(self.tracks) if index == -1 else index, track)
        return track

    def create_scene(self, _index: int) -> None:
        for track in self.tracks:
            track.clip_slots.append(type(track.clip_slots[0])(self, False))

    def begin_undo_step(self) -> None:
        self.undo += 1

    def end_undo_step(self) -> None:
        self.undo -= 1


class ControlSurface:
    def __init__(self, c_instance: Any) -> None:
        self._live = c_instance

    @property
    def song(self) -> Song:
        return self._live.song

    def show_message(self, text: str) -> None:
        self._live.messages.append(text)

    def log_message(self, *words: Any) -> None:
        self._live.log.append(" ".join(map(str, words)))

    def schedule_message(self, delay: int, what: Any) -> None:
        assert delay >= 1
        self._live.scheduled.append(what)

    def disconnect(self) -> None:
        self._live.disconnected = True


class LiveStub:
    def __init__(self, scenario: dict[str, Any]) -> None:
        self.song = Song(scenario)
        self.messages: list[str] = []
        self.log: list[str] = []
        self.scheduled: list[Any] = []
        self.disconnected = False
        view = types.SimpleNamespace(
            focused_document_view="Session" if scenario.get("session") else "Arranger"
        )
        self.application = types.SimpleNamespace(view=view)


def install(live: LiveStub) -> None:
    """The modules that Live brings."""
    names = ("Live", "ableton", "ableton.v2", "ableton.v2.control_surface")
    modules: dict[str, Any] = {name: types.ModuleType(name) for name in names}
    modules["Live"].Application = types.SimpleNamespace(get_application=lambda: live.application)
    modules["ableton.v2.control_surface"].ControlSurface = ControlSurface
    sys.modules.update(modules)


def main(scenario: dict[str, Any], scripts: Path) -> None:
    live = LiveStub(scenario)
    install(live)
    sys.path.insert(0, str(scripts))
    surface = importlib.import_module("Roomtone").create_instance(live)
    slowest, finish = 0.0, time.monotonic() + scenario.get("patience", 4.0)
    ticks = 0
    while time.monotonic() < finish:
        ticks += 1
        if ticks == 3 and "rename" in scenario:
            live.song.tracks[scenario.get("renamed", 0)].name = scenario["rename"]
        due, live.scheduled = live.scheduled, []
        start = time.process_time()
        for what in due:
            what()
        slowest = max(slowest, time.process_time() - start)
        if any(scenario.get("until", "\0") in text for text in live.messages):
            break
        time.sleep(scenario.get("tick", 0.03))
    surface.disconnect()
    for what in live.scheduled:
        what()
    tracks = [
        {
            "name": track.name,
            "slots": [slot.clip and vars(slot.clip) for slot in track.clip_slots],
            "arrangement": [vars(clip) for clip in track.arrangement_clips],
        }
        for track in live.song.tracks
    ]
    told = {"messages": live.messages, "log": live.log, "undo": live.song.undo, "slowest": slowest}
    print(json.dumps(dict(told, tracks=tracks, disconnected=live.disconnected)))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
