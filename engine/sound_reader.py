"""A sound as a stream of stereo blocks at the rate of the device, wherever it comes from.

This module knows rates; of files, devices and threads it knows nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import soxr

Block = np.ndarray[Any, np.dtype[np.float32]]


class SoundReader(ABC):
    """Gives a sound of one rate at another. rates: in Hz, of the sound and of the blocks that are read.

    start_seconds, seconds: where it begins, and how long all of it is. loop: at its end it goes on with its
    first sample, through the same resampler, so that the seam has no gap; may be changed while reading.
    """

    def __init__(self, rates: tuple[int, int], start_seconds: float, seconds: float, loop: bool) -> None:
        own, self.rate = rates
        self.start_seconds, self.seconds, self.loop = start_seconds, seconds, loop
        self._ended = False
        self._resampler: soxr.ResampleStream | None = None
        if own != self.rate:
            self._resampler = soxr.ResampleStream(own, self.rate, 2, dtype="float32")

    def read(self, frames: int) -> Block | None:
        """About `frames` further frames, (frames, 2) in [-1, 1]; none at all once the sound has ended.

        None where the next ones are still being made.
        """
        while not self._ended:
            raw = self._raw(frames)
            if raw is None:
                return None
            self._ended = len(raw) == 0
            if self._resampler is None:
                return raw
            # A resampler swallows its first blocks and gives them back at the end.
            block = np.asarray(self._resampler.resample_chunk(raw, last=self._ended), np.float32)
            if len(block):
                return block
        return np.zeros((0, 2), np.float32)

    @abstractmethod
    def _raw(self, frames: int) -> Block | None:
        """The next frames at the sound's own rate; none at its end, None where they are not there yet."""

    @abstractmethod
    def close(self) -> None:
        """Let go of where the sound comes from."""
