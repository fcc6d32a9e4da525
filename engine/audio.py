"""Sound files in, and sample rates: any file that libsndfile reads becomes float32 in [-1, 1].

This module knows no scene, no take and no metadata; finished files are written by `mastering`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import EngineError

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK_SAMPLES = 65_536
QUALITY = "HQ"
"""soxr's recipe for files: 20 bit, pass band up to 91 % of the lower Nyquist frequency, linear phase."""


@dataclass(frozen=True)
class SoundInfo:
    """What a file's header says. `samples` counts sample frames: one for all channels."""

    rate: int
    channels: int
    samples: int
    format: str
    subtype: str

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.samples / self.rate


def sound_info(path: Path | str) -> SoundInfo:
    """Rate, channels and length of a sound file. Raises EngineError when it is none or cannot be read."""
    with _opened(Path(path)) as file:
        return SoundInfo(file.samplerate, file.channels, file.frames, file.format, file.subtype)


def read_audio(
    path: Path | str, start_seconds: float = 0.0, seconds: float | None = None
) -> tuple[NDArray[np.float32], int]:
    """A sound file, or `seconds` of it from `start_seconds`, as (samples, channels) in [-1, 1], and its rate.

    A part that reaches over the end is shorter. Raises EngineError for what is not there, not readable,
    not sound, damaged, or has no samples.
    """
    path = Path(path)
    with _opened(path) as file:
        first = min(file.frames, max(0, round(start_seconds * file.samplerate)))
        count = -1 if seconds is None else round(seconds * file.samplerate)
        file.seek(first)
        samples = _read(file, path, count)
        if not len(samples):
            raise EngineError(f"The sound file {path} has no samples: replace it.")
        return samples, int(file.samplerate)


def read_blocks(path: Path | str, block_samples: int = BLOCK_SAMPLES) -> Iterator[NDArray[np.float32]]:
    """A sound file as blocks (samples, channels), for files that need not fit into memory.

    Raises EngineError like `read_audio`.
    """
    path = Path(path)
    with _opened(path) as file:
        while len(block := _read(file, path, block_samples)):
            yield block


def resample(samples: NDArray[np.float32], rate: float, to_rate: float) -> NDArray[np.float32]:
    """(samples, channels) at `rate` Hz -> at `to_rate` Hz, with soxr; the same array when the rates agree."""
    if rate == to_rate:
        return samples
    import soxr

    converted: NDArray[np.float32] = soxr.resample(samples, rate, to_rate, quality=QUALITY)
    return converted


def resampled(
    blocks: Iterable[NDArray[np.float32]], rate: float, to_rate: float
) -> Iterator[NDArray[np.float32]]:
    """Blocks (samples, channels) at `rate` Hz -> blocks at `to_rate` Hz.

    The result does not depend on how the sound is cut into blocks (soxr compensates its own delay). The rates
    may be any positive numbers; only their ratio counts.
    """
    if rate == to_rate:
        yield from blocks
        return
    import soxr

    stream = None
    for block in blocks:
        stream = stream or soxr.ResampleStream(rate, to_rate, block.shape[1], "float32", QUALITY)
        yield stream.resample_chunk(np.ascontiguousarray(block, dtype=np.float32))
        channels = block.shape[1]
    if stream is not None:
        yield stream.resample_chunk(np.zeros((0, channels), np.float32), last=True)


def _opened(path: Path) -> Any:
    import soundfile

    if path.is_dir():
        raise EngineError(f"{path} is a folder, not a sound file.")
    try:
        with path.open("rb") as file:
            file.read(1)
        return soundfile.SoundFile(path)
    except FileNotFoundError:
        raise EngineError(f"There is no sound file {path}: check its name.") from None
    except OSError as error:
        raise EngineError(f"The sound file {path} cannot be read: {error.strerror or error}.") from error
    except soundfile.LibsndfileError as error:
        raise EngineError(
            f"The file {path} is damaged or in no sound format that can be read here "
            f"(WAV, FLAC, AIFF, Ogg, MP3 and others can): {error.error_string}"
        ) from error


def _read(file: Any, path: Path, count: int) -> NDArray[np.float32]:
    import soundfile

    try:
        samples: NDArray[np.float32] = file.read(count, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise EngineError(f"The sound file {path} is damaged: {error.error_string}") from error
    return samples
