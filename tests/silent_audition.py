"""A true stand-in for the audition: it goes on as the clock does, and makes no sound."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import soundfile

from engine.audition import Audition, AuditionState
from engine.live_clip import LiveClip


class SilentAudition(Audition):
    """Plays in time, into nothing. `names` are the devices that there are."""

    def __init__(self, names: tuple[str, ...] = ("Headphones", "Loudspeakers")) -> None:
        super().__init__()
        self.names = names
        self.closed = False
        self._now = AuditionState()
        self._since = 0.0
        self._live: LiveClip | None = None

    def listen(self, clip: LiveClip, *, loop: bool = False) -> None:
        self._now = AuditionState(None, True, seconds=clip.seconds, loop=loop, peak_db=(-12.0, -18.0))
        self._since, self._live = time.monotonic(), clip

    def play(self, path: Path, *, start_seconds: float = 0.0, loop: bool = False) -> None:
        seconds = soundfile.info(str(path)).duration
        self._now = AuditionState(Path(path), True, False, start_seconds, seconds, loop, (-12.0, -18.0))
        self._live = None
        self._since = time.monotonic() - start_seconds

    def pause(self) -> None:
        if self.state().playing:
            self._now = replace(self.state(), playing=False, paused=True)

    def resume(self) -> None:
        if self._now.paused:
            self._since = time.monotonic() - self._now.position_seconds
            self._now = replace(self._now, playing=True, paused=False)

    def stop(self) -> None:
        self._now = replace(self._now, playing=False, paused=False, position_seconds=0.0)

    def seek(self, seconds: float) -> None:
        self._since = time.monotonic() - seconds
        self._now = replace(self._now, position_seconds=seconds)

    @property
    def loop(self) -> bool:
        return self._now.loop

    @loop.setter
    def loop(self, on: bool) -> None:
        self._now = replace(self._now, loop=on)

    def say(self, sentence: str) -> None:
        """As when a device vanishes."""
        self._now = replace(self._now, sentence=sentence)

    def state(self) -> AuditionState:
        if self._live is not None:
            self._now = replace(self._now, path=self._live.path)
        if self._now.playing:
            place = time.monotonic() - self._since
            over = place >= self._now.seconds and not self._now.loop
            place = 0.0 if over else place % self._now.seconds
            self._now = replace(self._now, playing=not over, position_seconds=place)
        return self._now

    def devices(self) -> list[str]:
        return list(self.names)

    def close(self) -> None:
        self.closed = True
