"""The spectrogram of a clip: which pitches sound when, from the lowest at the bottom to the highest.

Computed in threads from the file alone. This module knows no window and no colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError

N_FFT = 2_048
LOWEST_HZ = 40.0
FLOOR_DB = -80.0
_WHOLE_SECONDS = 120.0
_COLUMNS_AT_ONCE = 64

if TYPE_CHECKING:
    import numpy as np
    import soundfile

    Samples = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class Spectrogram:
    """levels: (columns, rows) uint8, 0 is FLOOR_DB below the loudest and 255 the loudest; rows are evenly
    spaced in octaves from low_hz to high_hz."""

    levels: np.ndarray[Any, np.dtype[np.uint8]]
    seconds: float
    low_hz: float
    high_hz: float


def read_spectrogram(path: Path, columns: int = 700, rows: int = 144) -> Spectrogram:
    """The spectrogram of a file. Raises EngineError when it cannot be read."""
    import numpy as np
    import soundfile

    try:
        with soundfile.SoundFile(str(path)) as file:
            rate, seconds = file.samplerate, file.frames / file.samplerate
            places = np.linspace(0, max(0, file.frames - N_FFT), columns).astype(np.int64)
            whole = _mono(file, 0, file.frames) if seconds <= _WHOLE_SECONDS else None
            edges = np.geomspace(LOWEST_HZ, rate / 2, rows + 1) / (rate / N_FFT)
            starts = np.minimum(edges[:-1].astype(np.int64), N_FFT // 2)
            power = [
                np.maximum.reduceat(_power(_stretches(file, whole, some)), starts, axis=1)
                for some in np.array_split(places, -(-columns // _COLUMNS_AT_ONCE))
            ]
    except (OSError, soundfile.LibsndfileError) as error:
        raise EngineError(f"{path} cannot be drawn: {error}") from error
    decibels = 10 * np.log10(np.concatenate(power) + 1e-12)
    above = np.clip((decibels - decibels.max() - FLOOR_DB) / -FLOOR_DB, 0, 1)
    return Spectrogram((255 * above).astype(np.uint8), seconds, LOWEST_HZ, rate / 2)


def _stretches(
    file: soundfile.SoundFile, whole: Samples | None, places: np.ndarray[Any, np.dtype[np.int64]]
) -> Samples:
    import numpy as np

    stretches = np.zeros((len(places), N_FFT), np.float32)
    for number, place in enumerate(places.tolist()):
        part = _mono(file, place, N_FFT) if whole is None else whole[place : place + N_FFT]
        stretches[number, : len(part)] = part
    return stretches


def _mono(file: soundfile.SoundFile, start: int, frames: int) -> Samples:
    file.seek(start)
    sound: Samples = file.read(frames, dtype="float32", always_2d=True).mean(axis=1)
    return sound


def _power(stretches: Samples) -> np.ndarray[Any, np.dtype[np.floating[Any]]]:
    import numpy as np

    spectrum = np.fft.rfft(stretches * np.hanning(N_FFT).astype(np.float32), axis=1)
    return np.abs(spectrum) ** 2
