"""Roomtone for REAPER 6 and 7, for those who have Python 3.7 or newer set up there: the same as roomtone.lua.

It asks for a scene in words, has Roomtone render it, and inserts the clip at the edit cursor or at the start
of the time selection, in one undo step. It needs Python's own library only, speaks OSC over a socket that
never blocks, and waits in REAPER's defer loop.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

STATE = "@ROOMTONE_STATE@"
PREFIX = "/roomtone/1/"
START = "Start it with: roomtone bridge"
AGAIN_S, AFRESH_S, SILENT_S, PATIENCE_S = 2.0, 10.0, 4.0, 30.0
RETRY = 4  # what a message box of type 5 returns for it

# REAPER puts its functions into the script; where it does not, they are in this module of its own.
_API = globals() if "RPR_InsertMedia" in globals() else vars(importlib.import_module("reaper_python"))


def call(name: str, *values: Any) -> Any:
    """A function of REAPER. With out-parameters it returns the tuple of all its arguments."""
    return _API["RPR_" + name](*values)


def state_folder() -> Path:
    if not STATE.startswith("@"):
        return Path(STATE)
    # Copied by hand: the places that Roomtone uses by itself.
    if os.environ.get("ROOMTONE_HOME"):
        return Path(os.environ["ROOMTONE_HOME"], "state")
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home(), "roomtone")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "roomtone"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state", "roomtone")


def bridge_port() -> int:
    try:
        return int(json.loads((state_folder() / "bridge.json").read_text(encoding="utf-8"))["udp_port"])
    except (OSError, ValueError, KeyError, TypeError):
        return 9000


def padded(raw: bytes) -> bytes:
    return raw + b"\0" * (4 - len(raw) % 4)


def encode(word: str, *values: str | int | float) -> bytes:
    """OSC 1.0 with text (s), whole numbers (i) and numbers (f) only."""
    tags, body = b",", b""
    for value in values:
        if isinstance(value, str):
            tags, body = tags + b"s", body + padded(value.encode("utf-8"))
        elif isinstance(value, int):
            tags, body = tags + b"i", body + struct.pack(">i", value)
        else:
            tags, body = tags + b"f", body + struct.pack(">f", value)
    return padded((PREFIX + word).encode("ascii")) + padded(tags) + body


def text_at(packet: bytes, place: int) -> tuple[str, int]:
    finish = packet.index(b"\0", place)
    return packet[place:finish].decode("utf-8", "replace"), place + ((finish - place) // 4 + 1) * 4


def decode(packet: bytes) -> tuple[str, list[Any]]:
    """The word after the prefix and the values; ValueError, LookupError or struct.error if none of ours."""
    address, place = text_at(packet, 0)
    if not address.startswith(PREFIX):
        raise ValueError(address)
    tags, place = text_at(packet, place)
    values: list[Any] = []
    for tag in tags[1:]:
        if tag == "s":
            text, place = text_at(packet, place)
            values.append(text)
        else:
            values += struct.unpack_from({"i": ">i", "f": ">f"}[tag], packet, place)
            place += 4
    return address[len(PREFIX) :], values


def tell(text: str) -> None:
    call("ShowMessageBox", text, "Roomtone", 0)


def ask(has_selection: bool) -> list[str] | None:
    """Prompt, length and track as the user typed them; None when cancelled."""
    usual = {"prompt": "steady rain on a canvas tent", "length": "4 bars", "track": "new"}
    before = {key: str(call("GetExtState", "roomtone", key) or value) for key, value in usual.items()}
    if has_selection:
        before["length"] = "selection"
    captions = "Scene,Length (4 bars or 10 s or selection),Track (new or selected)"
    options = ",extrawidth=260,separator=|"
    answer = call("GetUserInputs", "Roomtone", 3, captions + options, "|".join(before.values()), 1024)
    typed = str(answer[4]).rsplit("|", 2)
    if not answer[0] or len(typed) != 3:
        return None
    for key, value in zip(usual, typed):
        if value != "selection":
            call("SetExtState", "roomtone", key, value, True)
    return typed


def seconds_of_bars(bars: int, start: float) -> float:
    """Exact across changes of tempo and meter: from a place in one bar to the same place so many bars on."""
    beats, _, _, measure = call("TimeMap2_timeToBeats", 0, start, 0, 0, 0.0, 0)[:4]
    return float(call("TimeMap2_beatsToTime", 0, beats, measure + bars)[0]) - start


def place(length: str, start: float, end: float) -> tuple[float, float]:
    """Where and how long, in seconds. Raises ValueError, a sentence, when that cannot be said."""
    at = start if start < end else call("GetCursorPosition")
    if not length.strip() or length.strip().startswith("sel"):
        if start < end:
            return start, end - start
        raise ValueError("There is no time selection: drag one in the ruler, or type 4 bars or 10 s.")
    found = re.match(r"\s*(\d+\.?\d*|\.\d+)\s*([a-z]*)", length.lower())
    number, unit = (float(found.group(1)), found.group(2)) if found else (0.0, "")
    if number > 0 and unit.startswith("s"):
        return at, number
    if number >= 1 and (not unit or unit.startswith("b")):
        return at, seconds_of_bars(int(number), at)
    raise ValueError(f"The length '{length}' is not understood: type for example 4 bars, 10 s or selection.")


def item_of(path: str) -> tuple[Any, Any]:
    """The newest item with this file, and its take; the selected ones are looked at first."""
    for kind in ("SelectedMediaItem", "MediaItem"):
        for index in reversed(range(call(f"Count{kind}s", 0))):
            item = call(f"Get{kind}", 0, index)
            take = call("GetActiveTake", item)
            source = call("GetMediaItemTake_Source", take)
            if call("GetMediaSourceFileName", source, "", 4096)[1] == path:
                return item, take
    return None, None


class Render:
    """One job on its way, looked at in each turn of the defer loop."""

    def __init__(self, prompt: str, at: float, seconds: float, track: Any) -> None:
        self.prompt, self.at, self.seconds, self.track = prompt, at, seconds, track
        self.project = call("EnumProjects", -1, "", 512)[0]
        self.job = f"reaper-{time.time():.6f}"
        self.path, self.ended, self.heard = "", False, False
        self.sent = self.news = time.monotonic()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(("127.0.0.1", 0))
        _, _, num, den, self.bpm = call("TimeMap_GetTimeSigAtTime", 0, at, 0, 0, 0.0)
        self.say("transport", float(self.bpm), int(num), int(den), float(at))
        self.request()

    def say(self, word: str, *values: str | int | float) -> None:
        try:
            self.socket.sendto(encode(word, *values), ("127.0.0.1", bridge_port()))
        except OSError:
            # As when nobody is there: the silence is spoken of.
            self.heard = False

    def request(self) -> None:
        self.sent = time.monotonic()
        own = call("GetSetProjectInfo", 0, "PROJECT_SRATE_USE", 0.0, False)
        rate = call("GetSetProjectInfo", 0, "PROJECT_SRATE", 0.0, False) if own else 0.0
        self.say("render", self.job, self.prompt, float(self.seconds), float(self.bpm), float(rate))

    def turn(self) -> None:
        self.listen()
        now = time.monotonic()
        if self.path:
            self.place_clip()
        elif not self.ended and now - self.news > (PATIENCE_S if self.heard else SILENT_S):
            self.complain()
        elif not self.ended and now - self.sent > (AFRESH_S if self.heard else AGAIN_S):
            self.request()

    def listen(self) -> None:
        for _ in range(32):
            try:
                word, values = decode(self.socket.recvfrom(65535)[0])
            except OSError:  # nothing more has come, or on Windows: nobody is there
                return
            except (ValueError, LookupError, struct.error):
                continue
            if values and values[0] == self.job and not self.path:
                self.heard, self.news = True, time.monotonic()
                self.take_in(word, values)

    def take_in(self, word: str, values: list[Any]) -> None:
        if word == "progress":
            call("Help_Set", f"Roomtone: {100 * values[1]:.0f} % {values[2]}", True)
        elif word == "accepted":
            call("Help_Set", "Roomtone: waiting for its turn", True)
        elif word == "error":
            self.finish(values[2])
        elif word == "done":
            self.path = values[1]

    def place_clip(self) -> None:
        if call("EnumProjects", -1, "", 512)[0] != self.project:
            call("Help_Set", "Roomtone: the clip is ready; go back to its project and it comes in", True)
            return
        if not Path(self.path).exists():
            self.finish(f"The clip is not there any more: {self.path}")
            return
        path, complaint = self.path, self.insert()
        if not complaint:
            self.say("imported", self.job, path)
        self.finish(complaint)

    def insert(self) -> str:
        """In one undo step. Returns a sentence when REAPER did not take the clip."""
        cursor = call("GetCursorPosition")
        call("Undo_BeginBlock")
        call("PreventUIRefresh", 1)
        on_track = self.track and call("ValidatePtr2", 0, self.track, "MediaTrack*")
        if on_track:
            call("SetOnlyTrackSelected", self.track)
        call("SetEditCurPos", self.at, False, False)
        call("InsertMedia", self.path, 0 if on_track else 1)
        call("SetEditCurPos", cursor, False, False)
        item, take = item_of(self.path)
        if item:
            call("SetMediaItemInfo_Value", item, "D_POSITION", self.at)
            call("SetMediaItemInfo_Value", item, "D_LENGTH", self.seconds)
            call("GetSetMediaItemTakeInfo_String", take, "P_NAME", self.prompt, True)
        call("PreventUIRefresh", -1)
        call("UpdateArrange")
        call("Undo_EndBlock", f"Roomtone: {self.prompt}", -1)
        return "" if item else f"REAPER did not take the clip. It is here, to be dragged in: {self.path}"

    def complain(self) -> None:
        silence = "There was no news from Roomtone for a while" if self.heard else "Roomtone does not answer"
        question = f"{silence}. {START}\n\nThen go on waiting?"
        if call("ShowMessageBox", question, "Roomtone", 5) != RETRY:
            self.finish("")
            return
        self.news = time.monotonic()
        self.request()

    def finish(self, complaint: str) -> None:
        self.ended = True
        self.path = ""
        call("Help_Set", "", False)
        if complaint:
            tell(complaint)

    def leave(self) -> None:
        if not self.ended:
            self.say("cancel", self.job)
        self.socket.close()


def turn() -> None:
    """One turn of the loop; REAPER takes the next as text."""
    if render is None:
        return
    try:
        render.turn()
    except Exception as error:  # noqa: BLE001  one that leaves the script would end it without a word
        render.finish(f"Roomtone's script failed: {error!r}")
    if not render.ended:
        call("defer", "turn()")


def begin() -> Render | None:
    _, _, start, end, _ = call("GetSet_LoopTimeRange", False, False, 0.0, 0.0, False)
    typed = ask(start < end)
    if not typed:
        return None
    try:
        if not typed[0].strip():
            raise ValueError("Say what shall be heard, for example: steady rain on a canvas tent")
        at, seconds = place(typed[1], start, end)
    except ValueError as error:
        tell(str(error))
        return None
    wants_selected = typed[2].strip().lower().startswith("sel") and call("CountSelectedTracks", 0)
    return Render(typed[0], at, seconds, call("GetSelectedTrack", 0, 0) if wants_selected else None)


render = begin()
if render:
    call("atexit", "render.leave()")
    turn()
