"""The decoded cache: one form for every file, decoded once, and no broken file is fatal."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import EngineError, UsageError
from engine.training.cache import AudioCache, CacheReport
from engine.training.decode import CacheConfig, decode, high_pass, to_channels
from engine.training.manifest import Recording

SMALL = CacheConfig(sample_rate=8000)


def noise(seconds: float, rate: int, channels: int, seed: int = 0, gain: float = 0.05) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return (generator.standard_normal((round(seconds * rate), channels)) * gain).astype(np.float32)


def recorded(path: Path, wave: np.ndarray, rate: int, **known: object) -> Recording:
    soundfile.write(path, wave, rate, subtype="FLOAT" if path.suffix == ".wav" else None)
    return Recording(path, ("noise",), recording_id=path.stem, **known)  # type: ignore[arg-type]


def rms_dbfs(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean((samples / 32767.0) ** 2)))


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (22050, 2), (44100, 4), (48000, 6), (96000, 7)])
def test_any_rate_and_channel_count_becomes_stereo_at_one_rate_and_level(
    tmp_path: Path, rate: int, channels: int
) -> None:
    recording = recorded(tmp_path / "a.wav", noise(1.0, rate, channels), rate)
    samples = decode(recording, SMALL)
    assert samples.dtype == np.int16
    assert samples.shape[1] == 2
    assert abs(len(samples) - 8000) <= 1
    assert rms_dbfs(samples) == pytest.approx(-23.0, abs=0.05)
    assert abs(samples.mean()) < 1


def test_mono_is_doubled_and_a_mono_model_gets_one_channel(tmp_path: Path) -> None:
    mono = recorded(tmp_path / "mono.wav", noise(0.5, 8000, 1), 8000)
    samples = decode(mono, SMALL)
    assert np.array_equal(samples[:, 0], samples[:, 1])
    config = CacheConfig(sample_rate=16000, channels=1)
    assert decode(mono, config).shape == (8000, 1)


def test_antiphase_stereo_does_not_vanish_in_mono(tmp_path: Path) -> None:
    left = noise(0.5, 8000, 1)
    wave = np.hstack([left, -left])
    assert np.abs(to_channels(wave, 1)).max() == 0
    assert np.array_equal(to_channels(wave, 1, antiphase=True), left)
    recording = recorded(tmp_path / "a.wav", wave, 8000, flags=("antiphase_stereo",))
    assert rms_dbfs(decode(recording, CacheConfig(sample_rate=8000, channels=1))) == pytest.approx(
        -23, abs=0.05
    )


def test_the_centre_of_a_film_mix_reaches_both_sides_and_its_bass_channel_neither() -> None:
    wave = np.zeros((4, 6), dtype=np.float32)
    wave[:, 2], wave[:, 3] = 1.0, 100.0
    assert to_channels(wave, 2) == pytest.approx(np.full((4, 2), 0.7071), abs=1e-4)


def test_only_the_active_part_is_kept(tmp_path: Path) -> None:
    wave = np.zeros((16000, 1), dtype=np.float32)
    wave[4000:12000] = noise(1.0, 8000, 1)
    recording = recorded(tmp_path / "a.wav", wave, 8000, active_start_s=0.5, active_end_s=1.5)
    samples = decode(recording, SMALL)
    assert len(samples) == 8000
    assert np.count_nonzero(samples) > 15000
    longest = CacheConfig(sample_rate=8000, longest_s=0.25)
    assert len(decode(recording, longest)) == 2000


def test_sparse_sounds_stay_below_full_scale(tmp_path: Path) -> None:
    wave = np.zeros((8000, 1), dtype=np.float32)
    wave[4000] = 0.01
    samples = decode(recorded(tmp_path / "tick.wav", wave, 8000), SMALL)
    assert abs(int(samples.max()) - round(0.98 * 32767)) <= 1


def test_the_high_pass_removes_rumble_and_leaves_the_rest() -> None:
    seconds = np.arange(16000)[:, None] / 8000
    rumble, tone = np.sin(2 * np.pi * 10 * seconds), np.sin(2 * np.pi * 1000 * seconds)
    wave = (rumble + tone).astype(np.float32)
    middle = slice(2000, -2000)
    assert high_pass(wave, 80, 8000)[middle] == pytest.approx(tone[middle], abs=2e-3)
    assert high_pass(wave, 0, 8000) is wave


def test_each_file_is_decoded_once_until_it_or_a_setting_changes(tmp_path: Path) -> None:
    recording = recorded(tmp_path / "a.wav", noise(0.5, 8000, 2), 8000)
    folder = tmp_path / "cache"
    assert AudioCache(folder, SMALL).build([recording]).decoded == 1
    again = AudioCache(folder, SMALL).build([recording])
    assert (again.decoded, again.ready, again.seconds) == (0, (recording,), 0.5)
    assert AudioCache(folder, CacheConfig(sample_rate=8000, peak=0.5)).build([recording]).decoded == 1
    recorded(tmp_path / "a.wav", noise(0.5, 8000, 2, seed=1), 8000)
    assert AudioCache(folder, SMALL).build([recording]).decoded == 1


def test_what_is_read_is_what_was_decoded_also_after_pickling(tmp_path: Path) -> None:
    recording = recorded(tmp_path / "a.flac", noise(0.5, 22050, 1), 22050)
    cache = AudioCache(tmp_path / "cache", SMALL)
    cache.build([recording])
    assert np.array_equal(cache.open(recording), decode(recording, SMALL))
    assert not cache.open(recording).flags.writeable
    moved = pickle.loads(pickle.dumps(cache))  # noqa: S301
    assert np.array_equal(moved.open(recording), cache.open(recording))


def test_a_damaged_cache_file_is_decoded_anew(tmp_path: Path) -> None:
    recording = recorded(tmp_path / "a.wav", noise(0.5, 8000, 2), 8000)
    folder = tmp_path / "cache"
    AudioCache(folder, SMALL).build([recording])
    (stored,) = folder.iterdir()
    stored.write_bytes(stored.read_bytes()[:300])
    assert AudioCache(folder, SMALL).build([recording]).decoded == 1


def broken_and_good(folder: Path, good: int) -> tuple[list[Recording], CacheReport]:
    (folder / "text.wav").write_text("this is not audio")
    wave = noise(0.5, 8000, 1)
    recordings = [
        Recording(folder / "text.wav", ("noise",)),
        Recording(folder / "missing.wav", ("noise",)),
        recorded(folder / "silent.wav", np.zeros_like(wave), 8000),
        recorded(folder / "short.wav", wave[:80], 8000),
        recorded(folder / "nan.wav", np.full_like(wave, np.nan), 8000),
        *(
            recorded(folder / f"good{number}.wav", noise(0.5, 8000, 1, number), 8000)
            for number in range(good)
        ),
    ]
    return recordings, AudioCache(folder / "cache", SMALL).build(recordings)


def test_broken_files_are_named_skipped_and_counted(tmp_path: Path) -> None:
    recordings, report = broken_and_good(tmp_path, good=1)
    reasons = {path.name: reason for path, reason in report.broken}
    assert report.ready == (recordings[5],)
    assert list(reasons) == ["text.wav", "missing.wav", "silent.wav", "short.wav", "nan.wav"]
    assert "cannot be decoded" in reasons["text.wav"]
    assert "cannot be read (No such file" in reasons["missing.wav"]
    assert reasons["silent.wav"] == "it holds only silence"
    assert "less than 0.1 s" in reasons["short.wav"]
    assert "not numbers" in reasons["nan.wav"]
    with pytest.raises(EngineError, match=r"text\.wav cannot be used"):
        AudioCache(tmp_path / "cache", SMALL).open(recordings[0])


def test_two_processes_find_the_same_as_one(tmp_path: Path) -> None:
    recordings, report = broken_and_good(tmp_path, good=9)
    assert report.ready == tuple(recordings[5:])
    assert len(report.broken) == 5
    assert report.decoded == 9


class CrashingPath(type(Path())):  # type: ignore[misc]
    """A file like any other here; the process that it is sent to dies, as from a fault inside a decoder."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return os._exit, (3,)


def test_a_file_that_kills_its_decoder_costs_that_file_only(tmp_path: Path) -> None:
    good = [recorded(tmp_path / f"{n}.wav", noise(0.2, 8000, 1, n), 8000) for n in range(9)]
    soundfile.write(tmp_path / "bad.wav", noise(0.2, 8000, 1, 99), 8000)
    bad = Recording(CrashingPath(tmp_path / "bad.wav"), ("noise",))
    report = AudioCache(tmp_path / "cache", SMALL).build([*good[:4], bad, *good[4:]])
    assert report.ready == tuple(good)
    assert [reason for _, reason in report.broken] == ["the decoder crashed on it"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="cannot be made"):
        AudioCache(tmp_path / "file" / "cache", SMALL).build([])


def test_settings_that_cannot_work_are_refused(tmp_path: Path) -> None:
    for config in (CacheConfig(channels=3), CacheConfig(sample_rate=10), CacheConfig(peak=2.0)):
        with pytest.raises(UsageError, match="choose"):
            AudioCache(tmp_path, config)
