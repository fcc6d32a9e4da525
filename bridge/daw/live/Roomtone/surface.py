"""The control surface: looks ten times a second at its socket, the track names, the inbox, and never waits.

Live's Python knows no threads that run beside it, so all of it happens in the tick. Changes of the set are
made there too, never in a listener, where Live forbids them.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

import Live
from ableton.v2.control_surface import ControlSurface

from . import osc
from .placing import Clip, Offer, audio_track, can_place, place
from .wishes import Wish, seconds_of_bars, wish_in

STATE = "@ROOMTONE_STATE@"
START = "Start it with: roomtone bridge"
NAMES_EVERY, INBOX_EVERY = 5, 7  # ticks of 0.1 s
AGAIN_S, AFRESH_S, SILENT_S, PATIENCE_S = 2.0, 10.0, 4.0, 30.0


def state_folder() -> Path:
    """Roomtone's state folder: as installed, else the place that it uses by itself."""
    if not STATE.startswith("@"):
        return Path(STATE)
    if os.environ.get("ROOMTONE_HOME"):
        return Path(os.environ["ROOMTONE_HOME"], "state")
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home(), "roomtone")
    return Path.home() / "Library" / "Application Support" / "roomtone"


class Job:
    """A render on its way for one track."""

    def __init__(self, name: str, wish: Wish, track: Any, song: Any) -> None:
        self.name, self.wish, self.track = name, wish, track
        self.bpm = float(song.tempo)
        measure = (int(song.signature_numerator), int(song.signature_denominator))
        self.seconds = seconds_of_bars(wish.bars, *measure, self.bpm) if wish.bars else wish.seconds
        self.beats = wish.bars * measure[0] * 4.0 / measure[1]
        self.heard = False
        self.sent_s = self.news_s = 0.0


class Roomtone(ControlSurface):  # type: ignore[misc]
    """One socket, polled; jobs by their name."""

    def __init__(self, c_instance: Any) -> None:
        super().__init__(c_instance)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._jobs: dict[str, Job] = {}
        self._offers: list[Offer] = []
        self._told: tuple[float, int, int] = (0.0, 0, 0)
        self._ticks, self._closed, self._port = 0, False, self._bridge_port()
        self.show_message("Roomtone: name a track 'roomtone: steady rain on a tent, 4 bars'")
        self.schedule_message(1, self._tick)

    def disconnect(self) -> None:
        """Live ends the script, as with every new set; what is still rendered will lie in the library."""
        self._closed = True
        self._socket.close()
        super().disconnect()

    def _tick(self) -> None:
        if self._closed:
            return
        self._ticks += 1
        looks = (self._listen, self._read_names, self._tell_transport, self._press)
        for look in (*looks, self._read_inbox, self._bring):
            try:
                look()
            except Exception as error:  # noqa: BLE001  one that leaves the tick would end all others
                self.log_message(f"Roomtone: {error!r}")
        self.schedule_message(1, self._tick)

    def _listen(self) -> None:
        for _ in range(32):
            try:
                word, values = osc.decode(self._socket.recvfrom(65535)[0])
            except OSError:  # nothing more has come, or on Windows: nobody is there
                return
            except ValueError:
                continue
            if values and values[0] in self._jobs:
                self._take_in(word, self._jobs[values[0]], values)

    def _take_in(self, word: str, job: Job, values: list[Any]) -> None:
        job.heard, job.news_s = True, time.monotonic()
        if word == "progress":
            self.show_message(f"Roomtone: {100 * values[1]:.0f} % {values[2]}")
        elif word == "error":
            del self._jobs[job.name]
            self.show_message(f"Roomtone: {values[2]}")
        elif word == "done":
            del self._jobs[job.name]
            beats = job.beats if abs(job.bpm - self.song.tempo) < 0.001 else 0.0
            self._place(job.name, job.track, Clip(str(values[1]), job.wish.prompt, beats))

    def _place(self, name: str, track: Any, clip: Clip) -> None:
        if not can_place(self.song):
            self._offers.append(Offer(clip.path, Path(__file__)))
            return
        view = Live.Application.get_application().view
        try:
            in_session = view.focused_document_view == "Session"
            self.show_message(
                "Roomtone: " + place(self.song, in_session, audio_track(self.song, track), clip)
            )
        except (RuntimeError, ValueError) as error:
            self.show_message(f"Roomtone: Live did not take the clip ({error}). It is here: {clip.path}")
        else:
            self._send("imported", name, clip.path)

    def _read_names(self) -> None:
        if self._ticks % NAMES_EVERY:
            return
        for track in self.song.tracks:
            wish = wish_in(track.name)
            if wish:
                # The name becomes the scene, so that it is asked for once.
                track.name = wish.prompt
                job = Job(f"live-{time.time():.6f}", wish, track, self.song)
                self._jobs[job.name] = job
                self._ask(job)
                job.news_s = job.sent_s

    def _ask(self, job: Job) -> None:
        job.sent_s = time.monotonic()
        self._port = self._bridge_port()
        self._send("render", job.name, job.wish.prompt, float(job.seconds), job.bpm)

    def _press(self) -> None:
        """Ask again and speak of silence; the same message again does no harm, a job is rendered once."""
        now_s = time.monotonic()
        for job in self._jobs.values():
            if now_s - job.sent_s < (AFRESH_S if job.heard else AGAIN_S):
                continue
            self._ask(job)
            if now_s - job.news_s > (PATIENCE_S if job.heard else SILENT_S):
                self.show_message(f"Roomtone does not answer. {START}")

    def _tell_transport(self) -> None:
        song = self.song
        now = (float(song.tempo), int(song.signature_numerator), int(song.signature_denominator))
        if now != self._told:
            self._told = now
            self._send("transport", *now)

    def _read_inbox(self) -> None:
        """Files with the path of a clip a line, which the panel drops whole into the inbox."""
        if self._ticks % INBOX_EVERY:
            return
        inbox = state_folder() / "mailbox" / "live-inbox"
        for letter in sorted(inbox.glob("[0-9]*")) if inbox.is_dir() else ():
            paths = letter.read_text(encoding="utf-8").splitlines()
            letter.unlink()
            for path in paths:
                if os.path.isfile(path):  # noqa: PTH113
                    self._place("inbox", self.song.view.selected_track, Clip(path, Path(path).stem, 0.0))

    def _bring(self) -> None:
        if self._offers and self._offers[0].turn():
            self.show_message("Roomtone: " + self._offers.pop(0).sentence())

    def _send(self, word: str, *values: osc.Value) -> None:
        try:
            self._socket.sendto(osc.encode(word, *values), ("127.0.0.1", self._port))
        except OSError as error:
            self.log_message(f"Roomtone: {error!r}")

    def _bridge_port(self) -> int:
        try:
            return int(json.loads((state_folder() / "bridge.json").read_text(encoding="utf-8"))["udp_port"])
        except (OSError, ValueError, KeyError, TypeError):
            return 9000
