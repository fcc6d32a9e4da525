"""What the thread of the audition does: it reads ahead from the clip, feeds the device, and watches both.

Everything here is called by that one thread; only `now` and the mixer's level are looked at from outside.
This module knows no library and decides nothing about what is played.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.clip_reader import ClipReader
from engine.errors import EngineError
from engine.live_clip import LiveClip, LiveReader
from engine.sound_output import SoundOutput
from engine.voices import Mixer, Voice

# The first block is small, so that it sounds at once; the rest is read while it plays.
_FIRST_FRAMES = 2_048
_BLOCK_FRAMES = 8_192
_AHEAD_SECONDS = 0.6
# An idle device goes back to the system: others may want it, and a laptop wants to sleep.
_IDLE_SECONDS = 300.0


@dataclass(frozen=True)
class Playing:
    """What is on the deck. turn: which of the caller's wishes it fulfils."""

    turn: int
    reader: ClipReader | LiveReader
    voice: Voice

    def position_seconds(self) -> float:
        """The place in the clip that the device has been given last."""
        place = self.reader.start_seconds + self.voice.played / self.reader.rate
        return place % self.reader.seconds if self.reader.loop and self.reader.seconds else place


class Deck:
    """One clip, one device. report(turn, sentence): for what is worth telling though it plays on."""

    def __init__(self, report: Callable[[int, str], None]) -> None:
        self.mixer = Mixer()
        self.output = SoundOutput(self.mixer.render)
        self.now: Playing | None = None
        self._report = report
        self._wish = ("", (1, 2))
        self._sounded = time.monotonic()

    def begin(
        self,
        turn: int,
        source: Path | LiveClip,
        start_seconds: float,
        loop: bool,
        device: str,
        channels: tuple[int, int],
    ) -> None:
        """Play a clip instead of what plays now. Raises EngineError when it or every device fails."""
        self._wish = (device, channels)
        if not self.output.name or self.output.lost():
            sentence = self.output.open(device, channels)
            if sentence:
                self._report(turn, sentence)
        reader = _opened(source, self.output.rate, start_seconds, loop)
        # What is still being made has not been faded in.
        voice = Voice(reader.rate, fade_in=reader.start_seconds > 0 or isinstance(reader, LiveReader))
        before, self.now = self.now, Playing(turn, reader, voice)
        self._feed(_FIRST_FRAMES)
        self.mixer.start(voice)
        if before is not None:
            before.reader.close()

    def fill_up(self) -> None:
        """Read ahead, as far as is wanted."""
        now = self.now
        if now is None:
            return
        ahead = _AHEAD_SECONDS * now.reader.rate
        while not (now.voice.ended or now.voice.done) and now.voice.fed - now.voice.played < ahead:
            if not self._feed(_BLOCK_FRAMES):
                return

    def look(self) -> None:
        """See to the device: go on elsewhere when it is gone, give it back when it is idle."""
        if self.mixer.empty():
            if self.output.name and time.monotonic() - self._sounded > _IDLE_SECONDS:
                self.output.close()
        else:
            self._sounded = time.monotonic()
        if self.output.lost():
            self._elsewhere()

    def wait_seconds(self) -> float | None:
        """How long nothing needs to be done; None: until the next wish."""
        if not self.output.name:
            return None
        return 0.5 if self.mixer.empty() else 0.05

    def leave(self) -> None:
        """Fade out."""
        self.mixer.leave()

    def set_loop(self, on: bool) -> None:
        """Loop, or not; what has been read ahead already is played as it was read."""
        if self.now is not None:
            self.now.reader.loop = on

    def forget_device(self) -> None:
        """Another device is wanted: let go of this one, and try again any that was gone."""
        self.output.forgive()
        self._fade_and_close()

    def end(self) -> None:
        """Fade out and let go of device and file."""
        self._fade_and_close()
        if self.now is not None:
            self.now.reader.close()

    def _feed(self, frames: int) -> bool:
        """Read a block; False when the next one is still being made."""
        assert self.now is not None
        block = self.now.reader.read(frames)
        if block is not None:
            self.now.voice.feed(block)
        return block is not None

    def _elsewhere(self) -> None:
        lost, now = self.output.name, self.now
        sounding = now is not None and not self.mixer.empty() and not now.voice.leaving
        self.output.give_up()
        self.mixer.drop()
        if now is None or not sounding:
            return
        gone = f"The sound device {lost} is gone"
        try:
            self.begin(now.turn, now.reader.source, now.position_seconds(), now.reader.loop, *self._wish)
        except EngineError as error:
            raise EngineError(f"{gone}. {error}") from error
        self._report(now.turn, f"{gone}: playing on {self.output.name}.")

    def _fade_and_close(self) -> None:
        self.mixer.leave()
        until = time.monotonic() + 0.3
        while self.output.name and not self.mixer.empty() and time.monotonic() < until:
            time.sleep(0.005)
        self.mixer.drop()
        self.output.close()


def _opened(source: Path | LiveClip, rate: int, start_seconds: float, loop: bool) -> ClipReader | LiveReader:
    if isinstance(source, Path):
        return ClipReader(source, rate, start_seconds, loop)
    return LiveReader(source, rate, start_seconds, loop)
