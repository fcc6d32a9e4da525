"""Evaluation: which clips are compared, and one evaluation of a tiny model from manifest to table."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from engine.__main__ import main
from engine.audio import resample
from engine.evaluation.clips import RealClips, choose, counterparts
from engine.evaluation.figures import Figures
from engine.evaluation.roundtrips import RoundTrips
from engine.models import store
from engine.reports import silent
from engine.training.manifest import Recording
from tests.manifest_rows import scene_row
from tests.sounds import noise, sine


def test_real_clips_are_compared_with_as_many_others_of_the_same_scenes() -> None:
    rows = [scene_row(0, "rain"), scene_row(1, "rain"), scene_row(2, "crowd")]
    scenes = ["fire", "rain", "wind", "rain", "rain"]
    others = [Recording(Path(f"{n}.wav"), ("x",), scene=scene) for n, scene in enumerate(scenes)]
    chosen = counterparts(rows, others)
    assert len(chosen) == len(set(chosen)) == 3
    assert [scenes[place] for place in chosen].count("rain") == 2 + (chosen.count(0) + chosen.count(2) == 0)
    assert counterparts(rows, others) == chosen
    assert counterparts(rows, others[:2]) == [0, 1]


def test_a_limit_takes_rows_from_all_over_the_split_and_keeps_their_numbers(tmp_path: Path) -> None:
    manifest = corpus(tmp_path)
    choice = choose([manifest], "test", 2, RealClips(tmp_path / "cache", 8_000, 1.0), silent)
    assert [row.number for row in choice.rows] == [0, 2]
    assert [row.number for row in choice.unlearnt] == [0, 1, 2]
    assert choice.apart
    assert [path.name for path, _ in choice.skipped] == ["broken.wav"]
    assert choice.family("garden") == "BIRD"


def test_several_manifests_are_one(tmp_path: Path) -> None:
    first, second = (corpus(folder) for folder in (tmp_path / "one", tmp_path / "two"))
    choice = choose([first, second], "test", None, RealClips(tmp_path / "cache", 8_000, 1.0), silent)
    assert [row.number for row in choice.rows] == [*range(6)]
    assert {one.path.parent for one in choice.others} == {tmp_path / "one", tmp_path / "two"}


def test_a_real_clip_is_the_middle_of_its_recording_and_a_short_one_is_repeated(tmp_path: Path) -> None:
    ramp = np.linspace(-0.5, 0.5, 24_000, dtype=np.float32)[:, None]
    soundfile.write(tmp_path / "long.wav", ramp, 8_000)
    soundfile.write(tmp_path / "short.wav", noise(0.4, rate=8_000, channels=1), 8_000)
    real = RealClips(tmp_path / "cache", 8_000, 1.0)
    middle = real.wave(Recording(tmp_path / "long.wav", ("x",)))
    assert middle.shape == (8_000, 2)
    assert abs(float(middle.mean())) < 1e-3
    short = real.wave(Recording(tmp_path / "short.wav", ("x",)))
    np.testing.assert_array_equal(short[:3_200], short[3_200:6_400])


def test_a_real_clip_begun_later_is_as_long_where_its_recording_goes_on(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "long.wav", noise(3.0, rate=8_000, channels=1), 8_000)
    soundfile.write(tmp_path / "whole.wav", noise(2.0, rate=8_000, channels=1), 8_000)
    real = RealClips(tmp_path / "cache", 8_000, 2.0)
    long, whole = (Recording(tmp_path / name, ("x",)) for name in ("long.wav", "whole.wav"))
    np.testing.assert_array_equal(real.wave(long, 0.25)[:14_000], real.wave(long)[2_000:])
    assert len(real.wave(long, 0.25)) == 16_000
    np.testing.assert_array_equal(real.wave(whole, 0.25), real.wave(whole)[2_000:])


@pytest.mark.parametrize("seconds", [1.0, 1.3001])
def test_a_round_trip_is_as_long_as_its_clip(seconds: float) -> None:
    trips = RoundTrips(store.create("tiny", 0), torch.device("cpu"))
    clip = noise(seconds, rate=16_000)
    for trip in (trips.vocoder, trips.vae):
        wave, distance = trip(clip, 16_000, 0)
        assert wave.shape == (len(resample(clip, 16_000, trips.rate)), 2)
        assert 0 < distance < 10


def test_a_tiny_model_is_measured_from_the_manifest_to_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    store.save(store.create("tiny", 0), tmp_path / "tiny")
    words = ["evaluate", "--model", str(tmp_path / "tiny"), "--manifest", str(corpus(tmp_path))]
    words += ["--cache", str(tmp_path / "cache"), "--steps", "2", "--device", "cpu"]

    assert main([*words, "--json", "--out", str(tmp_path / "clips")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["steps"], document["seconds"], len(document["rows"])) == (2, 2.0, 3)
    assert document["figures"]["rendered"]["clips"] == 3
    assert document["figures"]["real"]["frechet"] > 0
    assert document["figures"]["real"]["mel_distance"] is None
    assert document["figures"]["vocoder"]["mel_distance"] > 0
    assert document["families"]["rain"]["clips"] == 1
    names = ["000-rain", "001-fire", "002-garden"]
    assert sorted(path.stem for path in (tmp_path / "clips").glob("*.wav")) == names
    assert soundfile.info(tmp_path / "clips" / "000-rain.wav").duration == 2.0

    assert main([*words, "--json", "--quiet"]) == 0
    again = capsys.readouterr()
    assert json.loads(again.out) == document, "the same model and manifest give the same figures"
    words += ["--limit", "1", "--prompts", "2"]
    assert main([*words, "--out", str(tmp_path / "pictures"), "--images"]) == 0
    assert (tmp_path / "pictures" / "000-rain.png").stat().st_size > 10_000
    table = capsys.readouterr().out
    assert "Frechet distance" in table
    assert "1 clips of 2 s, 2 steps" in table
    assert "Of 2 held-back prompts" in table


def test_wrong_requests_are_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store.save(store.create("tiny", 0), tmp_path / "tiny")
    words = ["evaluate", "--model", str(tmp_path / "tiny"), "--manifest"]
    manifest = str(corpus(tmp_path))
    cache = ["--cache", str(tmp_path / "cache")]
    assert main([*words, str(tmp_path / "none.csv"), *cache]) == 2
    assert main([*words, manifest, "--split", "dev", *cache]) == 2
    assert main([*words, manifest, "--limit", "0", *cache]) == 2
    assert main([*words, manifest, "--guidance", "99", *cache]) == 2
    assert main([*words, manifest, "--images", *cache]) == 2
    assert main(["evaluate", "--model", "nobody", "--manifest", manifest]) == 2
    errors = capsys.readouterr().err
    assert errors.count("roomtone: ") == 6
    assert "Traceback" not in errors


def test_every_figure_has_a_line_in_the_table() -> None:
    from engine.evaluation.tables import LINES

    assert {*LINES, "clips"} == set(Figures.__dataclass_fields__)


def corpus(folder: Path) -> Path:
    """Three train and three test recordings of other rates, lengths and channels, and a broken one."""
    rows = [
        ("rain", "", "train", noise(3.0, 8_000, seed=1), 8_000),
        ("fire", "", "train", noise(0.5, 22_050, channels=1, seed=2), 22_050),
        ("garden", "BIRDSong", "train", sine(1500.0, 3.0, 16_000), 16_000),
        ("rain", "", "test", noise(3.0, 44_100, seed=3), 44_100),
        ("fire", "", "test", noise(1.2, 8_000, channels=1, seed=4), 8_000),
        ("garden", "BIRDSong", "test", sine(1200.0, 2.5, 8_000), 8_000),
    ]
    folder.mkdir(exist_ok=True)
    manifest = folder / "clips.csv"
    with manifest.open("w", newline="", encoding="utf-8") as text:
        writer = csv.writer(text)
        writer.writerow(["path", "caption_1", "split", "scene", "ucs_category"])
        for number, (scene, category, split, wave, rate) in enumerate(rows):
            soundfile.write(folder / f"{number}.wav", wave, rate)
            writer.writerow([f"{number}.wav", f"the sound of {scene}, {number}", split, scene, category])
        (folder / "broken.wav").write_bytes(b"no sound")
        writer.writerow(["broken.wav", "nothing at all", "train", "rain", ""])
    return manifest
