"""Finished sound: length, loudness, peak, DC, fades, loops, and what happens when it goes wrong."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from engine.audio import read_audio
from engine.errors import EngineError
from engine.mastering import Sound, mastered
from engine.scene import Output
from tests.sounds import Wave, cut, impurity_db, noise, sine


def finished(
    tmp_path: Path,
    wave: Wave,
    output: Output | None = None,
    seconds: float | None = None,
    rate: int = 44_100,
    looped: bool = False,
    block_samples: int = 10_000,
) -> tuple[NDArray[np.float32], Sound]:
    """The samples in the finished file, and what mastering says of them."""
    output = output or Output()
    seconds = len(wave) / rate if seconds is None else seconds
    path = tmp_path / f"finished.{output.format}"
    with mastered(cut(wave, block_samples), rate, output, seconds, tmp_path, looped) as master:
        master.write(path)
        sound = master.sound
    samples, read_rate = read_audio(path)
    assert read_rate == output.rate == sound.rate
    return samples, sound


def true_peak_db(samples: NDArray[np.float32]) -> float:
    """By another oversampling filter than the one that was used."""
    return float(20 * np.log10(np.abs(resample_poly(samples.astype(np.float64), 8, 1)).max()))


@pytest.mark.parametrize(
    ("seconds", "rate"), [(0.5, 44_100), (1.2345, 48_000), (2.0, 22_050), (0.7, 96_000), (1.0, 8_000)]
)
def test_the_length_is_exact_to_the_sample(tmp_path: Path, seconds: float, rate: int) -> None:
    samples, sound = finished(tmp_path, noise(2.5), Output(rate=rate), seconds)
    assert len(samples) == sound.samples == round(seconds * rate)
    assert sound.seconds == pytest.approx(seconds, abs=1 / rate)


@pytest.mark.parametrize("lufs", [-26.0, -18.0, -40.0])
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_the_loudness_is_the_one_asked_for(tmp_path: Path, lufs: float, rate: int) -> None:
    samples, sound = finished(tmp_path, noise(2.0), Output(rate=rate, lufs=lufs))
    independent = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(samples)
    assert independent == pytest.approx(lufs, abs=0.1)
    assert sound.loudness.integrated_lufs == pytest.approx(lufs, abs=0.05)
    assert sound.notes == ()


@pytest.mark.parametrize("bits", ["16", "24", "32f"])
@pytest.mark.parametrize("rate", [44_100, 22_050])
def test_the_true_peak_stays_under_minus_1_dbtp(tmp_path: Path, bits: str, rate: int) -> None:
    wave = noise(1.0, level=0.003)
    wave[1000::9000] += 0.5  # clicks, that a loudness of -12 LUFS would drive far above full scale
    samples, sound = finished(tmp_path, wave, Output(rate=rate, bits=bits, lufs=-12.0))
    assert -1.3 < true_peak_db(samples) <= -1.0
    assert sound.true_peak_db <= -1.0
    assert "peaks" in sound.notes[0]
    assert "-12" in sound.notes[0]


def test_a_constant_offset_is_removed(tmp_path: Path) -> None:
    samples, _ = finished(tmp_path, noise(2.0) + np.float32([0.2, -0.1]))
    assert np.abs(samples.mean(axis=0)).max() < 1e-4


def test_the_offset_of_what_is_cut_off_does_not_count(tmp_path: Path) -> None:
    wave = np.concatenate([noise(1.0), noise(1.0) + np.float32(0.5)])
    samples, _ = finished(tmp_path, wave, seconds=1.0)
    assert np.abs(samples.mean(axis=0)).max() < 1e-4


@pytest.mark.parametrize("block_samples", [100, 10**6])
def test_both_ends_are_faded_within_5_ms(tmp_path: Path, block_samples: int) -> None:
    wave = np.ones((44_100, 2), np.float32) * np.float32([1, -1])
    wave[::2] *= -1  # the highest frequency: no DC, and every sample shows the gain it got
    samples, _ = finished(tmp_path, 0.1 * wave, block_samples=block_samples)
    gain = np.abs(samples[:, 0]) / np.abs(samples[22_050, 0])
    fade = round(0.005 * 44_100)
    assert gain[0] == gain[-1] == 0
    assert np.all(np.diff(gain[: fade + 1]) > 0)
    assert np.all(np.diff(gain[-fade - 1 :]) < 0)
    assert np.allclose(gain[fade:-fade], 1, atol=1e-4)
    assert gain[fade // 2] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("rate", [44_100, 48_000, 22_050])
def test_a_loop_has_no_fades_and_no_seam(tmp_path: Path, rate: int) -> None:
    samples, _ = finished(tmp_path, sine(440, 1.0), Output(rate=rate, bits="32f"), looped=True)
    turned = np.concatenate([samples, samples])[:, 0]
    assert len(samples) == rate
    assert impurity_db(turned, 440, rate) < -100
    expected = sine(440, 1.0, rate, level=float(np.abs(samples).max()))
    assert np.abs(samples - expected).max() < 1e-3  # it begins where it began


def test_a_loop_that_is_a_little_too_long_is_fitted_into_its_seconds(tmp_path: Path) -> None:
    # 441 turns of the sine in 1.01 s of the model's sound; they must all be in the second asked for.
    wave = sine(441 / 1.01, 1.01)
    samples, _ = finished(tmp_path, wave, Output(bits="32f"), seconds=1.0, looped=True)
    assert len(samples) == 44_100
    assert impurity_db(np.concatenate([samples, samples])[:, 0], 441, 44_100) < -100


def test_near_silence_is_not_blown_up_to_noise(tmp_path: Path) -> None:
    samples, sound = finished(tmp_path, noise(1.0, level=10 ** (-90 / 20)))
    assert np.abs(samples).max() < 0.001
    assert "nearly silent" in sound.notes[0]
    quiet, sound = finished(tmp_path, noise(1.0, level=10 ** (-66 / 20)))
    assert sound.gain_db == 30.0
    assert "noise" in sound.notes[0]
    assert np.abs(quiet).max() < 0.1


def test_silence_stays_silent(tmp_path: Path) -> None:
    samples, sound = finished(tmp_path, np.zeros((44_100, 2), np.float32))
    assert not samples.any()
    assert sound.loudness.integrated_lufs == -math.inf


def test_what_the_gate_hides_still_ends_up_at_the_loudness_asked_for(tmp_path: Path) -> None:
    # The soft half is under the absolute gate before the gain, and above it after.
    wave = np.concatenate([noise(2.0, level=0.0004), noise(2.0, level=0.00015)])
    samples, sound = finished(tmp_path, wave, Output(lufs=-40.0))
    independent = pyloudnorm.Meter(44_100, filter_class="DeMan").integrated_loudness(samples)
    assert independent == pytest.approx(-40.0, abs=0.1)
    assert sound.notes == ()


@pytest.mark.parametrize("output", [Output(), Output(rate=48_000, bits="16"), Output("flac", 22_050)])
def test_the_cut_into_blocks_does_not_change_a_bit(tmp_path: Path, output: Output) -> None:
    wave = noise(1.0)
    one, _ = finished(tmp_path, wave, output, block_samples=10**6)
    other, _ = finished(tmp_path, wave, output, block_samples=777)
    assert np.array_equal(one, other)


@pytest.mark.parametrize("output", [Output(bits="16"), Output(bits="24"), Output("flac", bits="24")])
def test_the_file_holds_the_samples_rounded_to_nearest(tmp_path: Path, output: Output) -> None:
    wave = noise(0.6)
    path = tmp_path / f"a.{output.format}"
    with mastered(cut(wave), 44_100, output, 0.6, tmp_path) as master:
        exact = np.concatenate(list(master.blocks()))
        master.write(path)
    step = 2.0 ** (1 - int(output.bits))
    whole, _ = soundfile.read(path, dtype="int32")
    assert np.array_equal(whole * 2.0**-31, np.rint(exact / np.float64(step)) * step)


def test_a_mono_model_makes_a_mono_file(tmp_path: Path) -> None:
    samples, sound = finished(tmp_path, noise(0.5, 16_000, channels=1), Output(rate=48_000), rate=16_000)
    assert samples.shape == (24_000, 1)
    assert sound.channels == 1


def test_a_resampled_sine_is_finished_pure(tmp_path: Path) -> None:
    samples, _ = finished(tmp_path, sine(1000, 1.0), Output(rate=48_000))
    assert impurity_db(samples[1000:-1000, 0], 1000, 48_000) < -100


def test_numbers_that_are_no_sound_are_refused(tmp_path: Path) -> None:
    wave = noise(1.0)
    wave[20_000] = np.nan
    with pytest.raises(EngineError, match="float32"):
        finished(tmp_path, wave)


def test_a_model_that_stops_early_is_a_bug(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="delivered"):
        finished(tmp_path, noise(0.9), seconds=1.0)
    with pytest.raises(ValueError, match="no sound"):
        finished(tmp_path, noise(0.0), seconds=1.0)
    with pytest.raises(ValueError, match="loop"):
        finished(tmp_path, noise(0.5), seconds=1.0, looped=True)


def test_two_samples_too_few_are_made_up_for(tmp_path: Path) -> None:
    samples, _ = finished(tmp_path, noise(1.0)[:-2], seconds=1.0)
    assert len(samples) == 44_100


def test_nothing_stays_in_the_folder_when_the_model_fails(tmp_path: Path) -> None:
    def failing() -> Iterator[Wave]:
        yield noise(1.0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), mastered(failing(), 44_100, Output(), 2.0, tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_it_reports_from_nothing_to_all(tmp_path: Path) -> None:
    heard: list[tuple[str, float]] = []

    def report(stage: str, fraction: float) -> None:
        heard.append((stage, fraction))

    with mastered(cut(noise(3.0)), 44_100, Output(), 3.0, tmp_path, report=report) as master:
        master.write(tmp_path / "a.wav")
    fractions = [fraction for _, fraction in heard]
    assert {stage for stage, _ in heard} == {"writing"}
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_memory_does_not_grow_with_the_clip(tmp_path: Path) -> None:
    def peak_bytes(seconds: float) -> int:
        block = noise(1.0, 8_000, channels=1)
        tracemalloc.start()
        blocks = (block for _ in range(math.ceil(seconds)))
        with mastered(blocks, 8_000, Output(rate=11_025), seconds, tmp_path) as master:
            master.write(tmp_path / "long.wav")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_bytes(1.0)  # what is imported on first use is not counted
    short, long = peak_bytes(60.0), peak_bytes(600.0)
    assert long < 1.1 * short
    assert long < 20e6
