"""Turns one recording's file into training samples: rate, channels, crop, rumble, DC, level.

Knows one file at a time; refuses to know where the result is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from scipy import signal

from engine.errors import EngineError, UsageError
from engine.training.manifest import Recording

Samples = NDArray[np.float32]

SHORTEST_S = 0.1
"""Less is a click, not a sound."""
SILENT_RMS = 1e-5
"""-100 dBFS: nothing but the noise of the converter, and the level cannot be normalised."""

_HALF = 0.70710678
# Film order as WAVE and FLAC store it; centre and surrounds at -3 dB, no bass channel (ITU-R BS.775-3).
DOWN_MIX: dict[int, tuple[tuple[float, ...], tuple[float, ...]]] = {
    3: ((1, 0, _HALF), (0, 1, _HALF)),
    4: ((1, 0, _HALF, 0), (0, 1, 0, _HALF)),
    5: ((1, 0, _HALF, _HALF, 0), (0, 1, _HALF, 0, _HALF)),
    6: ((1, 0, _HALF, 0, _HALF, 0), (0, 1, _HALF, 0, 0, _HALF)),
    8: ((1, 0, _HALF, 0, _HALF, 0, _HALF, 0), (0, 1, _HALF, 0, 0, _HALF, 0, _HALF)),
}


@dataclass(frozen=True)
class CacheConfig:
    """How recordings are decoded. `channels` 1 for a mono model, 2 otherwise.

    `longest_s` bounds the memory of decoding: of a longer file the first part is used.
    """

    sample_rate: int = 44100
    channels: int = 2
    rms_dbfs: float = -23.0
    peak: float = 0.98
    high_pass_order: int = 2
    longest_s: float = 900.0

    def checked(self) -> CacheConfig:
        """Itself. Raises UsageError where a value cannot work."""
        if self.channels not in (1, 2):
            raise UsageError(f"The training audio has {self.channels} channels; choose 1 or 2.")
        if not 4000 <= self.sample_rate <= 192000:
            raise UsageError(f"The training audio has {self.sample_rate} Hz; choose 4000 to 192000.")
        if not 0.01 <= self.peak <= 1:
            raise UsageError(f"The training audio has the peak {self.peak:g}; choose 0.01 to 1.")
        if not 1 <= self.high_pass_order <= 8:
            raise UsageError(f"The high-pass has the order {self.high_pass_order}; choose 1 to 8.")
        if self.longest_s < SHORTEST_S:
            raise UsageError(f"Recordings are cut to {self.longest_s:g} s; choose {SHORTEST_S:g} or more.")
        return self


def decode(recording: Recording, config: CacheConfig) -> NDArray[np.int16]:
    """The active part of a recording -> (samples, channels) int16, full scale 32767.

    Raises EngineError with half a sentence, the reason ("it holds only silence"), where it cannot be used.
    """
    wave, rate = _read(recording, config.longest_s)
    if len(wave) < SHORTEST_S * rate:
        raise EngineError(f"its active part lasts {len(wave) / rate:.2f} s, less than {SHORTEST_S:g} s")
    if not np.isfinite(wave).all():
        raise EngineError("it holds samples that are not numbers")
    wave = to_channels(wave, config.channels, antiphase=recording.antiphase)
    if rate != config.sample_rate:
        wave = soxr.resample(wave, rate, config.sample_rate, quality="HQ")
    wave = high_pass(wave, recording.hpf_hz, config.sample_rate, config.high_pass_order)
    wave = wave - wave.mean(axis=0, dtype=np.float64).astype(np.float32)
    return np.round(_levelled(wave, config) * 32767.0).astype(np.int16)


def to_channels(wave: Samples, channels: int, antiphase: bool = False) -> Samples:
    """(samples, any) -> (samples, 1 or 2): mono is doubled, surround is mixed to left and right.

    To mono: the mean, or the left channel alone where the sides cancel each other (`antiphase`).
    """
    have = wave.shape[1]
    if have > 2:
        matrix = DOWN_MIX.get(have, ((1 / have,) * have,) * 2)
        wave = wave @ np.array(matrix, dtype=np.float32).T
    if channels == 1 and wave.shape[1] == 2:
        return wave[:, :1] if antiphase else wave.mean(axis=1, keepdims=True)
    return wave if wave.shape[1] == channels else np.repeat(wave, channels, axis=1)


def high_pass(wave: Samples, cut_hz: float, sample_rate: int, order: int = 2) -> Samples:
    """Butterworth, forwards and backwards: no phase shift, -6 dB at `cut_hz`. 0 Hz: the wave as it is."""
    if not 0 < cut_hz < sample_rate / 2:
        return wave
    sections = signal.butter(order, cut_hz, "highpass", fs=sample_rate, output="sos")
    padding = min(len(wave) - 1, int(3 * sample_rate / cut_hz))
    return np.asarray(signal.sosfiltfilt(sections, wave, axis=0, padlen=padding), dtype=np.float32)


def _read(recording: Recording, longest_s: float) -> tuple[Samples, int]:
    """The active part (samples, channels) and its rate; from the start on, as mp3 and ogg seek inexactly."""
    try:
        with soundfile.SoundFile(str(recording.path)) as audio:
            rate = audio.samplerate
            first = round(recording.active_start_s * rate)
            last = first + round(longest_s * rate)
            if recording.active_end_s is not None:
                last = min(last, round(recording.active_end_s * rate))
            wave = audio.read(last, dtype="float32", always_2d=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise EngineError(f"it cannot be decoded ({str(error).rstrip('.')})") from error
    return wave[first:], rate


def _levelled(wave: Samples, config: CacheConfig) -> Samples:
    """RMS at the wanted level, or less where the peak would go too high."""
    rms = float(np.sqrt(np.mean(np.square(wave, dtype=np.float64))))
    if rms < SILENT_RMS:
        raise EngineError("it holds only silence")
    gain = min(10 ** (config.rms_dbfs / 20) / rms, config.peak / float(np.abs(wave).max()))
    return wave * np.float32(gain)
