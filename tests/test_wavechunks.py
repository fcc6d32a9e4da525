"""The WAV container, looked at with readers that are not ours."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from wavinfo import WavInfoReader

from engine.errors import EngineError
from engine.wavechunks import (
    WavFormat,
    copy_with_chunks,
    info_list,
    places,
    read_chunk,
    write_wav,
)
from tests.sounds import Wave, cut, noise

ODD = [(b"odd1", b"x"), (b"odd3", b"abc"), (b"even", b"abcd"), (b"none", b"")]


def wav_bytes(wave: Wave, bits: str = "24", before: list = [], after: list = []) -> bytes:  # noqa: B006
    file = io.BytesIO()
    wav_format = WavFormat(44_100, wave.shape[1], bits, len(wave))
    write_wav(file, wav_format, cut(wave, 1000), before, after)
    return file.getvalue()


def written(tmp_path: Path, *arguments: object) -> Path:
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(*arguments))  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize("bits", ["16", "24", "32f"])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_independent_readers_find_format_and_samples(tmp_path: Path, bits: str, channels: int) -> None:
    wave = noise(0.0501, channels=channels)[:2209]
    path = written(tmp_path, wave, bits, ODD, ODD)
    info = WavInfoReader(path)
    assert info.fmt.bits_per_sample == int(bits.rstrip("f"))
    assert info.fmt.channel_count == channels
    assert info.fmt.sample_rate == 44_100
    assert info.data.frame_count == 2209
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == 44_100
    tolerance = {"16": 2.0**-16, "24": 2.0**-24, "32f": 0}[bits] + 1e-9
    assert np.abs(samples - wave).max() <= tolerance


@pytest.mark.parametrize("bits", ["16", "24"])
def test_reading_and_writing_again_changes_no_bit(tmp_path: Path, bits: str) -> None:
    path = written(tmp_path, noise(0.1), bits)
    samples, _ = soundfile.read(path, dtype="float32")
    assert wav_bytes(samples, bits) == path.read_bytes()


def test_full_scale_is_clipped_and_not_wrapped(tmp_path: Path) -> None:
    path = written(tmp_path, np.array([[1.0], [-1.0], [3.0], [-3.0]], np.float32), "16")
    samples, _ = soundfile.read(path, dtype="int16")
    assert samples.tolist() == [32767, -32768, 32767, -32768]


@pytest.mark.parametrize("samples", [1, 2, 999])
def test_sizes_and_padding_add_up(tmp_path: Path, samples: int) -> None:
    wave = noise(1.0, channels=1)[:samples]
    content = wav_bytes(wave, "24", ODD, ODD)
    assert struct.unpack("<I", content[4:8])[0] + 8 == len(content)
    path = written(tmp_path, wave, "24", ODD, ODD)
    with path.open("rb") as file:
        found = places(file, path)
    assert [place.name for place in found][1:5] == [b"odd1", b"odd3", b"even", b"none"]
    assert all(place.start % 2 == 0 for place in found)
    assert found[-1].start + found[-1].size == len(content)


@pytest.mark.skipif(not shutil.which("mediainfo"), reason="mediainfo is not installed")
def test_mediainfo_finds_the_file_whole(tmp_path: Path) -> None:
    path = written(tmp_path, noise(0.1), "24", ODD, ODD)
    command = ["mediainfo", "--Output=JSON", str(path)]
    report = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    general, audio = report["media"]["track"]
    assert "IsTruncated" not in json.dumps(general)
    assert audio["BitDepth"] == "24"


def test_a_chunk_is_read_back(tmp_path: Path) -> None:
    path = written(tmp_path, noise(0.1), "24", ODD[:2], ODD[2:])
    assert read_chunk(path, b"odd3") == b"abc"
    assert read_chunk(path, b"even") == b"abcd"
    assert read_chunk(path, b"what") is None


def test_a_file_over_4_gb_is_refused_before_a_sample_is_written() -> None:
    file = io.BytesIO()
    with pytest.raises(EngineError, match="4 GB") as refused:
        write_wav(file, WavFormat(192_000, 2, "32f", 3600 * 192_000), [])
    assert file.getvalue() == b""
    assert "5.1 GB" in str(refused.value)


def test_a_wrong_number_of_samples_is_a_bug() -> None:
    with pytest.raises(ValueError, match="announced"):
        write_wav(io.BytesIO(), WavFormat(44_100, 2, "24", 10), [np.zeros((9, 2), np.float32)])


@pytest.mark.parametrize("content", [b"", b"RIFF", b"fLaC" + bytes(100), b"RF64" + bytes(100)])
def test_what_is_no_wav_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(EngineError, match="is not a WAV file"):
        read_chunk(path, b"bext")


def test_a_file_that_was_cut_short_is_called_damaged(tmp_path: Path) -> None:
    path = written(tmp_path, noise(0.1), "24")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(EngineError, match="cut short"):
        read_chunk(path, b"rtrc")


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_bytes_make_the_reader_fall(content: bytes) -> None:
    file = io.BytesIO(b"RIFF\0\0\0\0WAVE" + content)
    try:
        found = places(file, Path("a.wav"))
    except EngineError:
        return
    assert all(place.start + place.size <= 12 + len(content) for place in found)


def test_chunks_are_exchanged_without_touching_a_sample(tmp_path: Path) -> None:
    path = written(tmp_path, noise(0.1), "24", ODD[:2], ODD[2:])
    target = tmp_path / "b.wav"
    with path.open("rb") as source, target.open("wb") as copy:
        copy_with_chunks(source, copy, path, {b"odd3": b"longer than before", b"even": None, b"new ": b"n"})
    assert read_chunk(target, b"odd3") == b"longer than before"
    assert read_chunk(target, b"odd1") == b"x"
    assert read_chunk(target, b"even") is None
    assert read_chunk(target, b"new ") == b"n"
    assert np.array_equal(soundfile.read(target)[0], soundfile.read(path)[0])
    assert WavInfoReader(target).data.frame_count == 4410


def test_the_info_list_is_read_by_others(tmp_path: Path) -> None:
    texts = {b"INAM": "Regen", b"ICMT": "ein längerer Satz", b"IART": "A"}
    path = written(tmp_path, noise(0.1), "24", [], [(b"LIST", info_list(texts))])
    info = WavInfoReader(path, info_encoding="utf-8").info
    assert (info.title, info.comment, info.artist) == ("Regen", "ein längerer Satz", "A")
