"""A sound file as a stream of stereo blocks at the rate of the device, once or round and round.

This module knows files and rates; of devices, threads and loudness it knows nothing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from engine.errors import EngineError
from engine.sound_reader import Block, SoundReader


class ClipReader(SoundReader):
    """Reads one file from `start_seconds` on, a block at a time, and never the whole of it.

    rate: of the blocks, in Hz. Raises EngineError when the file cannot be read.
    """

    def __init__(self, path: Path, rate: int, start_seconds: float = 0.0, loop: bool = False) -> None:
        try:
            self._file = soundfile.SoundFile(str(path))
        except (OSError, soundfile.LibsndfileError) as error:
            raise EngineError(f"{path} cannot be played: {_reason(path, error)}.") from error
        self.source = path
        own, frames = self._file.samplerate, self._file.frames
        start = min(round(max(0.0, start_seconds) * own), frames)
        super().__init__((own, rate), start / own, frames / own, loop)
        self._file.seek(start)

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
