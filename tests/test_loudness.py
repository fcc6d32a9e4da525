"""Loudness and true peak against the standards' own test signals and an independent meter."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from engine.loudness import Loudness, LoudnessMeter, TruePeakMeter
from tests.sounds import Wave, cut, noise, sine


def measured(wave: Wave, rate: int = 48_000, block_samples: int = 10_000) -> Loudness:
    meter = LoudnessMeter(rate, wave.shape[1])
    for block in cut(wave, block_samples):
        meter.add(block)
    return meter.result()


def true_peak_db(wave: Wave, rate: int = 48_000) -> float:
    meter = TruePeakMeter(rate, wave.shape[1])
    for block in cut(wave):
        meter.add(block)
    return meter.result()


def level(db: float) -> float:
    return float(10 ** (db / 20))


def test_a_stereo_sine_of_minus_23_dbfs_has_minus_23_lufs() -> None:
    """EBU Tech 3341, test signal 1."""
    loudness = measured(sine(1000, 5.0, 48_000, level(-23)))
    assert loudness.integrated_lufs == pytest.approx(-23.0, abs=0.05)
    assert loudness.momentary_lufs == pytest.approx(-23.0, abs=0.1)
    assert loudness.short_term_lufs == pytest.approx(-23.0, abs=0.1)


def test_quiet_parts_are_gated_out() -> None:
    """EBU Tech 3341, test signal 3, five times shorter."""
    parts = [sine(1000, seconds, 48_000, level(db)) for seconds, db in ((2, -36), (12, -23), (2, -36))]
    assert measured(np.concatenate(parts)).integrated_lufs == pytest.approx(-23.0, abs=0.1)


def test_the_loudness_range_is_that_between_loud_and_soft() -> None:
    """EBU Tech 3342, test signal 1."""
    parts = [sine(1000, 20, 8_000, level(db)) for db in (-20, -30)]
    assert measured(np.concatenate(parts), 8_000).range_lu == pytest.approx(10.0, abs=1.0)


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
def test_an_independent_meter_agrees(rate: int) -> None:
    wave = noise(3.0, rate) * np.linspace(0.1, 1.0, 3 * rate, dtype=np.float32)[:, None]
    other = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(wave.astype(np.float64))
    assert measured(wave, rate).integrated_lufs == pytest.approx(other, abs=0.02)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")
def test_the_meter_of_ffmpeg_agrees(tmp_path: Path) -> None:
    wave = noise(3.0, 48_000) * np.linspace(0.1, 1.0, 144_000, dtype=np.float32)[:, None]
    soundfile.write(tmp_path / "a.wav", wave, 48_000, subtype="FLOAT")
    command = ["ffmpeg", "-nostats", "-i", "a.wav", "-filter_complex", "ebur128=peak=true", "-f", "null", "-"]
    text = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stderr
    integrated, peak = (float(re.findall(rf"{name}:\s+(-[\d.]+)", text)[-1]) for name in ("I", "Peak"))
    assert measured(wave).integrated_lufs == pytest.approx(integrated, abs=0.1)
    assert true_peak_db(wave) == pytest.approx(peak, abs=0.2)


@pytest.mark.parametrize("block_samples", [97, 4410, 7777])
def test_the_cut_into_blocks_does_not_change_the_measure(block_samples: int) -> None:
    wave = noise(1.5, 44_100)
    in_one, in_many = measured(wave, 44_100, 10**9), measured(wave, 44_100, block_samples)
    assert in_many.integrated_lufs == pytest.approx(in_one.integrated_lufs, abs=1e-9)


def test_a_clip_shorter_than_a_gating_block_has_its_rms() -> None:
    short = measured(sine(1000, 0.3, 48_000, level(-23)))
    assert short.integrated_lufs == pytest.approx(-23.0, abs=0.2)
    assert short.short_term_lufs is None


def test_silence_has_no_loudness_and_no_peak() -> None:
    silence = np.zeros((48_000, 2), np.float32)
    assert measured(silence).integrated_lufs == -math.inf
    assert true_peak_db(silence) == -math.inf


def test_a_gain_is_measured_as_if_it_had_been_applied() -> None:
    # Half of it lies below the absolute gate until it is raised: then the gates let more in.
    wave = np.concatenate([noise(2.0, 48_000, 0.0002), noise(2.0, 48_000, 0.00005)])
    meter = LoudnessMeter(48_000, 2)
    meter.add(wave)
    raised = measured(wave * np.float32(level(30)))
    assert meter.result(30.0).integrated_lufs == pytest.approx(raised.integrated_lufs, abs=1e-3)


def test_the_peak_between_the_samples_is_found() -> None:
    """A sine at a quarter of the rate, sampled 45 degrees beside its crests, looks 3 dB lower than it is."""
    time = np.arange(48_000)
    wave = (0.5 * np.sin(np.pi / 2 * time + np.pi / 4)).astype(np.float32)[:, None]
    wave *= np.hanning(len(wave)).astype(np.float32)[:, None]
    assert 20 * math.log10(np.abs(wave).max()) < -9
    assert true_peak_db(wave) == pytest.approx(20 * math.log10(0.5), abs=0.05)
