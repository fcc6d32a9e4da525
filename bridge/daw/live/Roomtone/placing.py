"""Where a finished clip goes in the Live set, and what is done where Live cannot be told to take it.

From Live 12.0.5 on clips can be made from files. An older one gets the file in its User Library, to be
dragged from there.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

NEAR_BEATS = 0.01
A_TURN_BYTES = 1 << 20


class Clip(NamedTuple):
    """A finished file. beats: its length in quarter notes at the set's tempo, 0 when it keeps no measure."""

    path: str
    name: str
    beats: float


def can_place(song: Any) -> bool:
    """Whether this Live makes clips from files: 12.0.5 or newer."""
    return any(hasattr(track, "create_audio_clip") for track in song.tracks)


def audio_track(song: Any, track: Any) -> Any:
    """The track, when it can hold the clip; else a new audio track to its right."""
    tracks = list(song.tracks)
    holds = track in tracks and track.has_audio_input and not track.is_frozen and not track.is_foldable
    if holds:
        return track
    return song.create_audio_track(tracks.index(track) + 1 if track in tracks else -1)


def place(song: Any, in_session: bool, track: Any, clip: Clip) -> str:
    """Put the clip into the track, as one undo step, and say where it is."""
    song.begin_undo_step()
    try:
        if in_session:
            slot = _free_slot(song, track)
            made = slot.create_audio_clip(clip.path) or slot.clip
            where = "a clip slot"
        else:
            at = song.current_song_time
            made = track.create_audio_clip(clip.path, at) or _clip_at(track, at)
            where = "the Arrangement"
        if made is not None:
            made.name = clip.name
            _measure(made, clip.beats)
    finally:
        song.end_undo_step()
    return f"'{clip.name}' is in {where} of {track.name}"


def _free_slot(song: Any, track: Any) -> Any:
    slots = list(track.clip_slots)
    chosen = song.view.highlighted_clip_slot
    if chosen in slots and not chosen.has_clip:
        return chosen
    free = [slot for slot in slots if not slot.has_clip]
    if free:
        return free[0]
    song.create_scene(-1)
    return list(track.clip_slots)[-1]


def _clip_at(track: Any, at: float) -> Any:
    return next((clip for clip in track.arrangement_clips if abs(clip.start_time - at) < NEAR_BEATS), None)


def _measure(made: Any, beats: float) -> None:
    """Live warps new clips and guesses their tempo: if rightly, it is a loop, else it plays as it is."""
    right = beats and made.warping and abs(made.loop_end - made.loop_start - beats) < NEAR_BEATS
    if right:
        made.looping = True
    else:
        made.warping = False


class Offer:
    """Brings a file into the User Library, a piece a turn, for a Live that must be given it by hand."""

    def __init__(self, path: str, script: Path) -> None:
        self.path = Path(path)
        library = script.resolve().parents[2]
        self._folder = library / "Samples" / "Roomtone"
        self._in_library = script.resolve().parents[1].name == "Remote Scripts"
        self._copying: Any = None

    def sentence(self) -> str:
        """Where the user finds it."""
        if not self._in_library:
            return f"This Live places no clips by script (12.0.5 does): drag in {self.path}"
        return (
            "This Live places no clips by script (12.0.5 does): drag "
            f"'{self.path.name}' in from User Library > Samples > Roomtone"
        )

    def turn(self) -> bool:
        """One piece of work of some milliseconds; true when there is nothing more to do."""
        if not self._in_library or (self._folder / self.path.name).exists():
            return True
        if self._copying is None:
            return self._begin()
        source, target = self._copying
        piece = source.read(A_TURN_BYTES)
        if piece:
            target.write(piece)
            return False
        source.close()
        target.close()
        Path(target.name).replace(self._folder / self.path.name)
        return True

    def _begin(self) -> bool:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            os.link(str(self.path), str(self._folder / self.path.name))
        except OSError:
            part = self._folder / (self.path.name + ".part")
            self._copying = (self.path.open("rb"), part.open("wb"))
            shutil.copystat(str(self.path), str(part))
            return False
        return True
