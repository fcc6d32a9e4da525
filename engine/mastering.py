"""From the model's blocks to finished sound: no DC, faded ends, the asked rate, length, loudness and peak.

The blocks are spooled to a nameless file in the target's folder, then read twice: once to measure, once to
write. So memory does not grow with the clip, and a process that is killed leaves nothing behind. This module
knows no prompt, no recipe and no library.
"""

from __future__ import annotations

import contextlib
import errno
import math
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.audio import resampled
from engine.ends import after, exactly, faded
from engine.keeping import kept_in
from engine.loudness import Loudness, LoudnessMeter, TruePeakMeter
from engine.reports import Report, silent
from engine.scene import Output
from engine.spool import Spool
from engine.wavechunks import Chunk, WavFormat, quantised, write_wav

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.edits import Kept

PEAK_CEILING_DB = -1.0
PEAK_MARGIN_DB = 0.05
"""Rounding to 16 bits, and the filters of other meters, may make a peak a little higher than ours."""
LARGEST_GAIN_DB = 30.0
"""What is this far below the loudness asked for is next to silence, and its noise floor not worth hearing."""
MISSING_SAMPLES = 2
"""As many may be missing at the end, where the fade is all but zero; more is a bug."""
RUN_IN_SAMPLES = 4_096
"""Longer than the resampler's filter: how much of a loop's end is heard before its beginning."""


@dataclass(frozen=True)
class Sound:
    """The figures of a finished sound.

    samples: sample frames. gain_db: how much the model's output was raised. true_peak_db (dBTP) and loudness
    as they are in the file. notes: sentences for the user, when it is not quite what was asked for.
    """

    rate: int
    channels: int
    samples: int
    gain_db: float
    true_peak_db: float
    loudness: Loudness
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.samples / self.rate


class Master:
    """A finished sound that waits to be written. Made by `mastered`, good until that context ends."""

    def __init__(
        self,
        spool: Spool,
        output: Output,
        seconds: float,
        looped: bool,
        report: Report,
        keep: Kept | None = None,
    ) -> None:
        self._spool = spool
        self._keep = keep
        self._output = output
        self._looped = looped
        self._report = report
        self._samples = round(seconds * output.rate)
        _check_length(spool, output.rate, self._samples, looped)
        self.sound = self._measured()

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """The finished sound, (samples, channels), in blocks."""
        factor = np.float32(10 ** (self.sound.gain_db / 20))
        done = 0
        for block in self._finished():
            yield block * factor
            done += len(block)
            self._report("writing", 0.5 + 0.5 * done / self._samples)

    def write(self, path: Path, before: Sequence[Chunk] = (), after: Sequence[Chunk] = ()) -> None:
        """Write the file as the output asks; chunks go into WAV only, before or after the samples.

        Raises OSError when the disk is full.
        """
        bits, sound = self._output.bits, self.sound
        if self._output.format == "flac":
            _write_flac(path, self.blocks(), sound, int(bits))
            return
        wav_format = WavFormat(sound.rate, sound.channels, bits, sound.samples)
        with path.open("wb") as file:
            write_wav(file, wav_format, self.blocks(), before, after)

    def _measured(self) -> Sound:
        rate, channels = self._output.rate, self._spool.channels
        loudness_meter, peak_meter = LoudnessMeter(rate, channels), TruePeakMeter(rate, channels)
        done = 0
        for block in self._finished():
            loudness_meter.add(block)
            peak_meter.add(block)
            done += len(block)
            self._report("writing", 0.5 * done / self._samples)
        peak_db = peak_meter.result()
        gain_db, notes = self._gain(loudness_meter, peak_db)
        loudness = loudness_meter.result(gain_db)
        return Sound(rate, channels, self._samples, gain_db, peak_db + gain_db, loudness, notes)

    def _gain(self, meter: LoudnessMeter, peak_db: float) -> tuple[float, tuple[str, ...]]:
        if self._output.gain_db is not None:
            return self._output.gain_db, ()
        return (0.0, ()) if self._keep else chosen_gain(meter, peak_db, self._output.lufs)

    def _finished(self) -> Iterator[NDArray[np.float32]]:
        """All but the gain: without DC, at the output's rate, of exact length, faded."""
        rate = self._output.rate
        if self._looped:
            blocks = self._turning()
        else:
            blocks = resampled(self._spool.blocks(), self._spool.rate, rate)
        if self._keep:
            return kept_in(exactly(blocks, self._samples), self._keep, rate)
        if self._looped:
            return exactly(blocks, self._samples)
        return faded(exactly(blocks, self._samples), self._samples, rate)

    def _turning(self) -> Iterator[NDArray[np.float32]]:
        """A loop, converted as if it went on for ever, so that its seam stays inaudible.

        The ratio is that of the lengths, not of the rates: the loop fills its samples exactly. The resampler
        hears the loop's end before its beginning; what comes of that is dropped, a whole number of samples.
        """
        turn_in, turn_out = self._spool.samples, self._samples
        step = turn_in // math.gcd(turn_in, turn_out)
        run_in = step * math.ceil(RUN_IN_SAMPLES / step)
        blocks = resampled(self._spool.around(-run_in, turn_in + run_in), turn_in, turn_out)
        return after(blocks, run_in * turn_out // turn_in)


@contextlib.contextmanager
def mastered(
    blocks: Iterable[NDArray[np.float32]],
    rate: int,
    output: Output,
    seconds: float,
    folder: Path,
    looped: bool = False,
    report: Report = silent,
    keep: Kept | None = None,
) -> Iterator[Master]:
    """Take the model's blocks, (samples, channels) in about [-1, 1] at `rate` Hz, and finish the sound.

    seconds: the finished clip has round(seconds * output.rate) samples; what is beyond them is cut off.
    looped: the blocks are one whole turn; it gets no fades and fills the clip. folder: where the spool lies,
    best the target's own. keep: the part of another clip that stays as it is in this one, which gets no gain
    and no fades; its samples are taken from its file. The spool is gone when the context ends, in any way.
    Raises EngineError when the model's numbers are no sound, ValueError when they are too few; OSError (full
    or read-only disk) is the caller's to tell.
    """
    with tempfile.TemporaryFile(dir=folder, prefix=".roomtone-") as file:
        used_seconds = 0.0 if keep else math.inf if looped else seconds
        yield Master(Spool(file, rate, blocks, used_seconds), output, seconds, looped, report, keep)


def chosen_gain(meter: LoudnessMeter, peak_db: float, target_lufs: float) -> tuple[float, tuple[str, ...]]:
    """The gain in dB that brings a measured sound to `target_lufs`, and sentences when it does not.

    It keeps the true peak, `peak_db` before the gain, under the ceiling and does not raise near silence.
    """
    ceiling_db = PEAK_CEILING_DB - PEAK_MARGIN_DB - peak_db
    if math.isinf(meter.result().integrated_lufs):
        return min(0.0, ceiling_db), ("The clip is nearly silent: it was left as quiet as it is.",)
    wanted_db = 0.0
    for _ in range(8):
        # The absolute gate lets more in when the sound is raised, so one subtraction is not always enough.
        step_db = target_lufs - meter.result(wanted_db).integrated_lufs
        wanted_db += step_db
        if abs(step_db) < 0.001:
            break
    gain_db = min(wanted_db, ceiling_db, LARGEST_GAIN_DB)
    if gain_db > wanted_db - 0.05:
        return gain_db, ()
    reason = "its peaks allow no more" if gain_db == ceiling_db else "more would only raise its noise"
    reached = meter.result(gain_db).integrated_lufs
    return gain_db, (f"The clip has {reached:.1f} LUFS instead of {target_lufs:g}: {reason}.",)


def _check_length(spool: Spool, rate: int, samples: int, looped: bool) -> None:
    stretch = samples / rate * spool.rate / spool.samples
    # Half a step of the denoiser's grid is much of a loop of half a second.
    if looped and not 0.6 < stretch < 1.6:
        raise ValueError(
            f"a loop of {spool.samples} samples at {spool.rate} Hz cannot fill {samples} at {rate}"
        )
    if not looped and spool.samples + MISSING_SAMPLES < samples / rate * spool.rate:
        raise ValueError(
            f"the model delivered {spool.samples} samples at {spool.rate} Hz, {samples / rate} s asked"
        )


def _write_flac(path: Path, blocks: Iterable[NDArray[np.float32]], sound: Sound, bits: int) -> None:
    import soundfile

    subtype = f"PCM_{bits}"
    try:
        with soundfile.SoundFile(path, "w", sound.rate, sound.channels, subtype, format="FLAC") as flac:
            for block in blocks:
                # libsndfile takes the upper bits of 32 bit numbers.
                flac.write(quantised(block, bits) << (32 - bits))
    except soundfile.LibsndfileError as error:
        raise OSError(errno.EIO, error.error_string) from error
