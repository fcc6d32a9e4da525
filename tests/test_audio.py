"""Reading any sound file, and changing its rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.audio import read_audio, read_blocks, resample, resampled, sound_info
from engine.errors import EngineError
from tests.sounds import cut, impurity_db, noise, sine


def test_whole_numbers_become_fractions_of_full_scale(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([0, 16384, -32768], np.int16), 8000)
    samples, rate = read_audio(tmp_path / "a.wav")
    assert samples.dtype == np.float32
    assert samples.shape == (3, 1)
    assert samples[:, 0].tolist() == [0.0, 0.5, -1.0]
    assert rate == 8000


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.aiff", "a.ogg", "a.mp3"])
def test_the_usual_formats_are_read(tmp_path: Path, name: str) -> None:
    soundfile.write(tmp_path / name, sine(440, 0.5), 44_100)
    samples, rate = read_audio(tmp_path / name)
    assert rate == 44_100
    assert samples.shape[1] == 2
    assert abs(len(samples) - 22_050) <= 2_400  # MP3 adds a lead-in
    assert sound_info(tmp_path / name).channels == 2


def test_a_part_is_the_same_as_that_part_of_the_whole(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", noise(2.0), 44_100, subtype="FLOAT")
    whole, _ = read_audio(tmp_path / "a.wav")
    part, _ = read_audio(tmp_path / "a.wav", start_seconds=0.5, seconds=1.0)
    assert np.array_equal(part, whole[22_050:66_150])


def test_a_part_that_reaches_over_the_end_is_shorter(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", noise(1.0), 44_100)
    part, _ = read_audio(tmp_path / "a.wav", start_seconds=0.75, seconds=10.0)
    assert len(part) == 11_025


def test_blocks_make_up_the_file(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", noise(1.0), 44_100)
    whole, _ = read_audio(tmp_path / "a.wav")
    assert np.array_equal(np.concatenate(list(read_blocks(tmp_path / "a.wav", 1000))), whole)


def test_what_is_no_sound_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("this is no sound")
    (tmp_path / "empty.wav").touch()
    soundfile.write(tmp_path / "silent.wav", np.zeros((0, 2)), 44_100)
    for name in ("notes.txt", "empty.wav", "silent.wav", "missing.wav", "."):
        with pytest.raises(EngineError) as refused:
            read_audio(tmp_path / name)
        assert str(tmp_path / name) in str(refused.value)
        assert str(refused.value).rstrip().endswith(".")


def test_a_resampled_sine_stays_pure() -> None:
    converted = resample(sine(1000, 1.0), 44_100, 48_000)
    assert converted.shape == (48_000, 2)
    assert impurity_db(converted[2000:-2000, 0], 1000, 48_000) < -110


def test_what_lies_above_the_new_nyquist_frequency_is_gone() -> None:
    converted = resample(sine(15_000, 1.0), 44_100, 22_050)
    assert np.abs(converted[500:-500]).max() < 0.1 * 10 ** (-100 / 20)


def test_the_cut_into_blocks_does_not_change_the_conversion() -> None:
    wave = noise(1.3)
    whole = resample(wave, 44_100, 48_000)
    for block_samples in (999, 8192, 100_000):
        streamed = np.concatenate(list(resampled(cut(wave, block_samples), 44_100, 48_000)))
        assert np.array_equal(streamed, whole)


def test_without_a_change_of_rate_the_samples_are_untouched() -> None:
    wave = noise(0.1)
    assert resample(wave, 44_100, 44_100) is wave
    assert np.array_equal(np.concatenate(list(resampled(cut(wave), 44_100, 44_100))), wave)
