"""What the device is to play next: voices that come and go without a click, their gain and their level.

`Mixer.render` is called by the thread of the device, everything else by the thread that reads files. This
module knows no device and no file.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

import numpy as np

Block = np.ndarray[Any, np.dtype[np.float32]]

FADE_SECONDS = 0.008
SILENT_DB = -120.0
_FALL_DB_PER_SECOND = 26.0


class Voice:
    """One stretch of sound on its way out: blocks are fed at one end and played at the other.

    fade_in: begin softly, for a start in the middle of a clip; a clip played from its start is left as it is.
    """

    def __init__(self, rate: int, fade_in: bool = False) -> None:
        self.fed = 0
        self.played = 0
        self.underruns = 0
        self.ended = False
        self.done = False
        self._blocks: deque[Block] = deque()
        self._used = 0
        self._fade = max(1, round(FADE_SECONDS * rate))
        self._in_frames = self._fade if fade_in else 0
        self._leaving_since: int | None = None

    def feed(self, block: Block) -> None:
        """Append a block, (frames, 2); an empty one says that there is no more."""
        if len(block) == 0:
            self.ended = True
            return
        self._blocks.append(block)
        self.fed += len(block)

    @property
    def leaving(self) -> bool:
        """Whether it is fading out."""
        return self._leaving_since is not None

    def leave(self) -> None:
        """Fade out from the next frame on."""
        if self._leaving_since is None:
            self._leaving_since = self.played

    def render(self, frames: int) -> Block:
        """The next frames, (frames, 2); silence where there are none yet or none any more."""
        no_more = self.ended  # asked before the blocks are counted: the last one may come in between
        out = np.zeros((frames, 2), np.float32)
        filled = 0
        while filled < frames and self._blocks:
            head = self._blocks[0]
            count = min(frames - filled, len(head) - self._used)
            out[filled : filled + count] = head[self._used : self._used + count]
            filled += count
            self._used += count
            if self._used == len(head):
                self._blocks.popleft()
                self._used = 0
        self._shape(out[:filled])
        self.played += filled
        if filled < frames:
            self.done = self.done or no_more or self._leaving_since is not None
            self.underruns += not self.done
        return out

    def _shape(self, out: Block) -> None:
        places = np.arange(self.played, self.played + len(out))
        if self.played < self._in_frames:
            out *= _rise((places + 1) / self._in_frames)[:, None]
        if self._leaving_since is not None:
            left = 1 - (places + 1 - self._leaving_since) / self._fade
            out *= _rise(left)[:, None]
            self.done = bool(len(out)) and left[-1] <= 0


class Mixer:
    """All voices that sound now: at most one that stays, and those that are fading out.

    gain_db: of everything, changed smoothly. peaks: (2,) the level meter, linear, falling 26 dB a second.
    """

    def __init__(self) -> None:
        self.gain_db = 0.0
        self.peaks = np.zeros(2)
        self._gain = 1.0
        self._voices: tuple[Voice, ...] = ()
        self._lock = threading.Lock()

    def start(self, voice: Voice) -> None:
        """Play this voice from now on; those before it fade out meanwhile."""
        with self._lock:
            for earlier in self._voices:
                earlier.leave()
            self._voices = (*self._voices, voice)

    def leave(self) -> None:
        """Fade everything out."""
        with self._lock:
            for voice in self._voices:
                voice.leave()

    def empty(self) -> bool:
        """Whether nothing sounds any more."""
        return not self._voices

    def drop(self) -> None:
        """Forget everything at once, for when there is no device left to fade out on."""
        with self._lock:
            for voice in self._voices:
                voice.done = True
            self._voices = ()

    def render(self, frames: int, rate: int) -> Block:
        """The next frames for the device, (frames, 2) in [-1, 1]."""
        with self._lock:
            voices = self._voices
        out = np.zeros((frames, 2), np.float32)
        for voice in voices:
            out += voice.render(frames)
        gain = 10 ** (self.gain_db / 20)
        if gain != self._gain:
            out *= np.linspace(self._gain, gain, frames, dtype=np.float32)[:, None]
            self._gain = gain
        elif gain != 1:
            out *= np.float32(gain)
        np.clip(out, -1, 1, out=out)
        fall = 10 ** (-_FALL_DB_PER_SECOND * frames / rate / 20)
        self.peaks = np.maximum(np.abs(out).max(axis=0, initial=0), self.peaks * fall)
        with self._lock:
            self._voices = tuple(voice for voice in self._voices if not voice.done)
        return out

    def peak_db(self) -> tuple[float, float]:
        """The level meter, left and right, in dB below full scale; -120 is silence."""
        left, right = (20 * np.log10(np.maximum(self.peaks, 10 ** (SILENT_DB / 20)))).tolist()
        return float(left), float(right)


def _rise(place: np.ndarray[Any, np.dtype[np.float64]]) -> Block:
    """A raised cosine: 0 at 0, 1 at 1."""
    rise: Block = (0.5 - 0.5 * np.cos(np.pi * np.clip(place, 0, 1))).astype(np.float32)
    return rise
