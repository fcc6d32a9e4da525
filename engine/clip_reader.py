"""A sound file as a stream of stereo blocks at the rate of the device, once or round and round.

This module knows files and rates; of devices, threads and loudness it knows nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

from engine.errors import EngineError

Block = np.ndarray[Any, np.dtype[np.float32]]


class ClipReader:
    """Reads one file from `start_seconds` on, a block at a time, and never the whole of it.

    rate: of the blocks, in Hz; a file of another rate is resampled as it is read. loop: at its end the file
    goes on with its first sample, through the same resampler, so that the seam has no gap; may be changed
    while reading. Raises EngineError when the file cannot be read.
    """

    def __init__(self, path: Path, rate: int, start_seconds: float = 0.0, loop: bool = False) -> None:
        try:
            self._file = soundfile.SoundFile(str(path))
        except (OSError, soundfile.LibsndfileError) as error:
            raise EngineError(f"{path} cannot be played: {_reason(path, error)}.") from error
        self.source = path
        self.loop = loop
        self.rate = rate
        self.seconds: float = self._file.frames / self._file.samplerate
        self._ended = False
        self._resampler: soxr.ResampleStream | None = None
        if rate != self._file.samplerate:
            self._resampler = soxr.ResampleStream(self._file.samplerate, rate, 2, dtype="float32")
        start = round(max(0.0, start_seconds) * self._file.samplerate)
        self.start_seconds: float = min(start, self._file.frames) / self._file.samplerate
        self._file.seek(min(start, self._file.frames))

    def read(self, frames: int) -> Block:
        """About `frames` further frames, (frames, 2) in [-1, 1]; none at all once the file has ended."""
        while not self._ended:
            raw = self._raw(frames)
            self._ended = len(raw) == 0
            if self._resampler is None:
                return raw
            # A resampler swallows its first blocks and gives them back at the end.
            block = np.asarray(self._resampler.resample_chunk(raw, last=self._ended), np.float32)
            if len(block):
                return block
        return np.zeros((0, 2), np.float32)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _raw(self, frames: int) -> Block:
        block = self._stereo(frames)
        if not self.loop or self._file.frames == 0:
            return block
        blocks, missing = [block], frames - len(block)
        while missing > 0:
            self._file.seek(0)
            blocks.append(self._stereo(missing))
            missing -= len(blocks[-1])
        return np.concatenate(blocks)

    def _stereo(self, frames: int) -> Block:
        try:
            block = self._file.read(frames, dtype="float32", always_2d=True)
        except (OSError, soundfile.LibsndfileError) as error:
            raise EngineError(f"{self.source} cannot be read on: {_reason(self.source, error)}.") from error
        if block.shape[1] == 1:
            return np.repeat(block, 2, axis=1)
        return np.ascontiguousarray(block[:, :2])


def _reason(path: Path, error: Exception) -> str:
    if not path.exists():
        return "the file is not there any more"
    if path.is_dir():
        return "it is a folder"
    return str(getattr(error, "strerror", "") or getattr(error, "error_string", "") or error).rstrip(".")
