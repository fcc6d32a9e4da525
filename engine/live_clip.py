"""A clip that is heard while it is still being rendered: blocks come in at one end and are read at the other.

It is kept in memory until the next one; its file, once there is one, is told by `end`. This module knows no
device and no queue.
"""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from engine.sound_reader import Block, SoundReader


class LiveClip:
    """Thread-safe. seconds: how long it will be. `path` is its file, None as long as there is none."""

    def __init__(self, rate: int, seconds: float) -> None:
        self.rate, self.seconds = rate, seconds
        self.path: Path | None = None
        self.ended = False
        self._blocks: list[Block] = []
        self._samples = 0
        self._lock = threading.Lock()

    def add(self, block: Block) -> None:
        """The next samples, (samples, 1 or 2) in about [-1, 1]."""
        stereo = np.repeat(block, 2, axis=1) if block.shape[1] == 1 else block[:, :2]
        with self._lock:
            self._blocks.append(stereo)
            self._samples += len(stereo)

    def end(self, path: Path | None) -> None:
        """No more will come. path: the finished file, None when there will be none."""
        self.path, self.ended = path, True

    @property
    def samples(self) -> int:
        """How many have come."""
        return self._samples

    def between(self, first: int, last: int) -> Block:
        """Samples first to last, (last - first, 2), as far as they have come."""
        found, place = [np.zeros((0, 2), np.float32)], 0
        with self._lock:
            blocks = list(self._blocks)
        for block in blocks:
            if place < last and first < place + len(block):
                found.append(block[max(0, first - place) : last - place])
            place += len(block)
        return np.concatenate(found)


class LiveReader(SoundReader):
    """Reads a live clip from `start_seconds` on; what is still being rendered is not there yet.

    rate: of the blocks that are read, in Hz.
    """

    def __init__(self, clip: LiveClip, rate: int, start_seconds: float = 0.0, loop: bool = False) -> None:
        self.source = clip
        self._next = round(max(0.0, start_seconds) * clip.rate)
        super().__init__((clip.rate, rate), self._next / clip.rate, clip.seconds, loop)

    def close(self) -> None:
        """There is nothing to let go of."""

    def _raw(self, frames: int) -> Block | None:
        no_more = self.source.ended  # asked before the samples are: the last ones may come in between
        if self.loop and no_more and self._next >= self.source.samples:
            self._next = 0
        block = self.source.between(self._next, self._next + frames)
        self._next += len(block)
        return block if len(block) or no_more else None
