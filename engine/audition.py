"""Hearing a take: one clip at a time, on a device that is opened with the first sound and then kept open.

Everything here returns at once and may be called from any thread; one thread of our own reads the file and
owns the device. Whatever goes wrong is a sentence in the state, never an error in the face of the caller:
without a device all the rest of Roomtone works. This module knows no library and no window, and loads
neither PortAudio nor numpy before something is played.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import EngineError

if TYPE_CHECKING:
    from engine.deck import Deck
    from engine.live_clip import LiveClip

SILENT_DB = -120.0


@dataclass(frozen=True)
class AuditionState:
    """What is heard now. peak_db: left and right, -120 is silence. sentence: what went wrong last, or "".

    playing and paused are never both true. device: the name of the open device, "" when none is open.
    path: None also for a clip that is still being rendered.
    """

    path: Path | None = None
    playing: bool = False
    paused: bool = False
    position_seconds: float = 0.0
    seconds: float = 0.0
    loop: bool = False
    peak_db: tuple[float, float] = (SILENT_DB, SILENT_DB)
    sentence: str = ""
    device: str = ""


class Audition:
    """Plays one clip at a time. Thread-safe; starts no thread and opens no device until something is played.

    device: a name out of `devices()`, "" for the system's default. channels: the outputs for left and right,
    counted from 1. gain_db: of what is heard only, not of any file.
    """

    def __init__(self, device: str = "", channels: tuple[int, int] = (1, 2), gain_db: float = 0.0) -> None:
        self._lock = threading.RLock()
        self._state = AuditionState()
        self._source: Path | LiveClip | None = None
        self._device = device
        self._channels = channels
        self._gain_db = gain_db
        self._tasks: queue.SimpleQueue[tuple[int, Callable[[Deck], None]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._deck: Deck | None = None
        self._turn = 0

    def play(self, path: Path, *, start_seconds: float = 0.0, loop: bool = False) -> None:
        """Play this file from there on, instead of what is heard now."""
        self._play(Path(path), start_seconds, loop)

    def listen(self, clip: LiveClip, *, loop: bool = False) -> None:
        """Play a clip that is still being rendered, from its beginning, instead of what is heard now."""
        self._play(clip, 0.0, loop)

    def pause(self) -> None:
        """Hold at this place, without a click."""
        with self._lock:
            now = self.state()
            if now.playing:
                self._state = replace(now, playing=False, paused=True)
                self._turn += 1
                self._do(lambda deck: deck.leave())

    def resume(self) -> None:
        """Go on where it was held."""
        with self._lock:
            now = self._state
            if now.paused and self._source is not None:
                self._state = replace(now, playing=True, paused=False)
                self._begin(self._source, now.position_seconds, now.loop)

    def stop(self) -> None:
        """End what is heard, without a click; the place goes back to the start of the clip."""
        with self._lock:
            self._state = replace(self._state, playing=False, paused=False, position_seconds=0.0)
            self._turn += 1
            self._do(lambda deck: deck.leave())

    def seek(self, seconds: float) -> None:
        """Go on from this place of the clip; while nothing plays, only remember the place."""
        with self._lock:
            now = self.state()
            if self._source is None:
                return
            place = max(0.0, min(seconds, now.seconds) if now.seconds else seconds)
            self._state = replace(now, position_seconds=place, paused=not now.playing)
            if now.playing:
                self._begin(self._source, place, now.loop)

    @property
    def loop(self) -> bool:
        """Whether the clip goes on with its beginning when it ends; may be changed while it plays."""
        return self._state.loop

    @loop.setter
    def loop(self, on: bool) -> None:
        with self._lock:
            self._state = replace(self.state(), loop=on)
            self._do(lambda deck: deck.set_loop(on))

    @property
    def gain_db(self) -> float:
        """Gain of what is heard, in dB."""
        return self._gain_db

    @gain_db.setter
    def gain_db(self, gain_db: float) -> None:
        with self._lock:
            self._gain_db = gain_db
            if self._deck is not None:
                self._deck.mixer.gain_db = gain_db

    @property
    def device(self) -> str:
        """The device that is wanted, "" for the system's default."""
        return self._device

    @device.setter
    def device(self, device: str) -> None:
        with self._lock:
            self._device = device
            self._reopen()

    @property
    def channels(self) -> tuple[int, int]:
        """The outputs of the device for left and right, counted from 1."""
        return self._channels

    @channels.setter
    def channels(self, channels: tuple[int, int]) -> None:
        with self._lock:
            self._channels = channels
            self._reopen()

    def state(self) -> AuditionState:
        """What is heard now."""
        with self._lock:
            now, deck = self._state, self._deck
            if not isinstance(self._source, Path) and self._source is not None:
                now = self._state = replace(now, path=self._source.path)
            if deck is None:
                return now
            now = replace(now, peak_db=deck.mixer.peak_db(), device=deck.output.name)
            on_deck = deck.now
            if now.playing and on_deck is not None and on_deck.turn == self._turn:
                finished, seconds = on_deck.voice.done, on_deck.reader.seconds
                place = 0.0 if finished else min(on_deck.position_seconds(), seconds)
                now = replace(now, playing=not finished, position_seconds=place, seconds=seconds)
                self._state = now
            return now

    def devices(self) -> list[str]:
        """The devices that sound can go to. May take some tenths of a second the first time."""
        from engine.sound_output import device_names

        try:
            return device_names()
        except EngineError as error:
            self._tell(self._turn, str(error))
            return []

    def close(self) -> None:
        """Fade out, give the device back and end the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._state = replace(self._state, playing=False, paused=False)
            self._turn += 1
        if thread is not None:
            self._tasks.put(None)
            thread.join(10)
        if "sounddevice" in sys.modules:
            from engine.sound_output import release

            release()

    def _play(self, source: Path | LiveClip, start_seconds: float, loop: bool) -> None:
        with self._lock:
            self._source = source
            path = source if isinstance(source, Path) else None
            self._state = AuditionState(path, True, position_seconds=start_seconds, loop=loop)
            self._begin(source, start_seconds, loop)

    def _begin(self, source: Path | LiveClip, start_seconds: float, loop: bool) -> None:
        self._turn += 1
        turn, device, channels = self._turn, self._device, self._channels
        self._do(lambda deck: deck.begin(turn, source, start_seconds, loop, device, channels), starting=True)

    def _reopen(self) -> None:
        self._do(lambda deck: deck.forget_device())
        now = self.state()
        if now.playing and self._source is not None:
            self._begin(self._source, now.position_seconds, now.loop)

    def _do(self, task: Callable[[Deck], None], starting: bool = False) -> None:
        if self._thread is None:
            if not starting:
                return
            self._thread = threading.Thread(target=self._run, name="audition", daemon=True)
            self._thread.start()
        self._tasks.put((self._turn, task))

    def _run(self) -> None:
        from engine.deck import Deck

        deck = Deck(self._tell)
        with self._lock:
            self._deck = deck
            deck.mixer.gain_db = self._gain_db
        while True:
            try:
                wish = self._tasks.get(timeout=deck.wait_seconds())
            except queue.Empty:
                wish = (self._turn, Deck.look)
            if wish is None:
                break
            turn, task = wish
            try:
                task(deck)
                deck.fill_up()
            except EngineError as error:
                deck.leave()
                self._tell(turn, str(error), ended=True)
        deck.end()
        with self._lock:
            self._deck = None

    def _tell(self, turn: int, sentence: str, ended: bool = False) -> None:
        with self._lock:
            if turn != self._turn:
                return  # something else is wanted by now
            self._state = replace(self._state, sentence=sentence)
            if ended:
                self._state = replace(self._state, playing=False, paused=False, position_seconds=0.0)
