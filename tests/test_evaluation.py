"""Evaluation: figures with known answers, and one evaluation of a tiny model from manifest to table."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from engine.__main__ import main
from engine.evaluation.clips import RealClips, Row, choose, counterparts
from engine.evaluation.families import FAMILIES, family_of
from engine.evaluation.figures import Figures, Landmarks, Measured, figures_of
from engine.evaluation.frechet import frechet_distance
from engine.evaluation.sound import measure
from engine.models import store
from engine.reports import silent
from engine.training.manifest import Recording
from engine.training.retrieval import scene_vectors
from tests.sounds import noise, sine

CORPUS_SCENES = [
    "airplane",
    "boat",
    "boiling_bubbles",
    "bus_car",
    "cafe_restaurant",
    "cat_purr",
    "cave",
    "chainsaw",
    "church_temple",
    "city",
    "clock",
    "construction",
    "cooking",
    "crowd",
    "desert",
    "electric_hum",
    "factory",
    "fan_ac",
    "farm",
    "fire",
    "forest_birds",
    "forest_night",
    "fountain",
    "frogs",
    "geyser_hotspring",
    "hail",
    "harbor",
    "helicopter",
    "horror",
    "horse_wagon",
    "ice_lake",
    "insects_day",
    "jungle",
    "keyboard",
    "lake_birds",
    "lake_shore",
    "lava",
    "library",
    "machinery",
    "market",
    "meadow",
    "night_insects",
    "noise_colour",
    "ocean_waves",
    "office",
    "park",
    "rain",
    "rain_surface",
    "room_tone",
    "seagulls",
    "snow_storm",
    "spaceship",
    "stream_river",
    "subway",
    "swamp",
    "thunder",
    "thunderstorm",
    "traffic",
    "train",
    "underwater",
    "village",
    "vinyl",
    "water_hose",
    "waterfall",
    "wildlife",
    "wind",
    "wind_chimes",
    "wind_trees",
    "winter_quiet",
    "wolves_coyotes",
]


def test_the_distance_of_two_gaussians_is_that_of_their_means_and_spreads() -> None:
    generator = np.random.default_rng(0)
    axes = np.linalg.qr(generator.standard_normal((3, 3)))[0]
    first = _exactly(generator, mean=[0, 0, 0], spread=np.diag([1.0, 4.0, 9.0]))
    second = _exactly(generator, mean=[1, 2, 0], spread=np.diag([4.0, 1.0, 9.0]))
    # Equal axes: |m1 - m2|^2 + sum (s1 - s2)^2 = 5 + 1 + 1 + 0; turning both changes nothing.
    assert frechet_distance(first, second) == pytest.approx(7.0, abs=1e-6)
    assert frechet_distance(first @ axes, second @ axes) == pytest.approx(7.0, abs=1e-6)
    assert frechet_distance(second, first) == pytest.approx(7.0, abs=1e-6)


def test_the_distance_agrees_with_the_matrix_root_where_axes_differ() -> None:
    from scipy.linalg import sqrtm

    generator = np.random.default_rng(1)
    a, b = generator.standard_normal((2, 50, 6)) @ generator.standard_normal((6, 6))
    cov_a, cov_b = np.cov(a.T), np.cov(b.T)
    root = sqrtm(cov_a @ cov_b).real
    expected = np.square(a.mean(0) - b.mean(0)).sum() + np.trace(cov_a + cov_b - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-6)


def test_fewer_clips_than_dimensions_still_have_a_distance() -> None:
    few = np.random.default_rng(2).standard_normal((3, 40))
    assert frechet_distance(few, few) == pytest.approx(0.0, abs=1e-6)
    assert frechet_distance(few[:1], few[:1] + 1) == pytest.approx(40.0)


def test_every_scene_of_the_corpus_has_one_family() -> None:
    named = " ".join(FAMILIES.values()).split()
    assert len(CORPUS_SCENES) == 70
    assert sorted(named) == sorted(CORPUS_SCENES)
    assert family_of("rain_surface") == family_of("hail") == "rain"


def test_an_unknown_scene_is_of_the_family_of_its_category() -> None:
    assert family_of("my garden", "BIRDSong") == family_of("their garden", "BIRDFowl") == "BIRD"
    assert family_of("drops", "RAIN") == family_of("leaves", "RAINVege") == "RAIN"
    assert family_of("my garden") == "my garden"


def test_retrieval_and_nearest_scenes_of_constructed_vectors() -> None:
    """Four scenes on four axes; the third clip sounds like the fourth scene, of the same family."""
    axes = np.eye(4, dtype=np.float32)
    scenes = ["fire", "rain", "thunder", "thunderstorm"]
    landmarks = _landmarks(axes, scenes, captions=axes)
    heard = np.stack([axes[0], axes[1], axes[3], axes[3]])
    figures = figures_of(_clips(heard, scenes), landmarks, frechet=(heard, heard))
    assert figures.clip_to_scene_r1 == 0.75
    assert figures.clip_to_scene_r5 is None, "of four scenes, all are among the first five"
    assert figures.nearest_scene == 0.75
    assert figures.nearest_family == 1.0
    assert figures.caption_cosine == pytest.approx(0.75)
    assert figures.frechet == pytest.approx(0.0, abs=1e-6)


def test_a_scene_that_no_other_clip_has_is_not_judged() -> None:
    axes = np.eye(3, dtype=np.float32)
    landmarks = _landmarks(axes[:2], ["fire", "rain"], captions=axes)
    figures = figures_of(_clips(axes, ["fire", "rain", "crowd"]), landmarks, frechet=None)
    assert (figures.nearest_scene, figures.nearest_family, figures.frechet) == (1.0, 1.0, None)
    alone = figures_of(_clips(axes, ["fire", "rain", "crowd"]), landmarks, frechet=None, judged=False)
    assert alone.nearest_scene is None


def test_near_silent_clipped_and_mono_clips_are_counted() -> None:
    waves = [
        noise(1.0, level=0.1),
        noise(1.0, level=1e-5),
        np.zeros((44_100, 2), np.float32),
        sine(440.0, 1.0, level=1.5),
    ]
    sounds = [measure(wave, 44_100) for wave in waves]
    assert [sound.near_silent for sound in sounds] == [False, True, True, False]
    assert [sound.clipped for sound in sounds] == [False, False, False, True]
    assert [sound.mono for sound in sounds] == [False, False, True, True]
    vectors = np.eye(4, dtype=np.float32)
    figures = figures_of(
        [Measured(_row(number, "rain"), vectors[number], sound, 0.5) for number, sound in enumerate(sounds)],
        _landmarks(vectors[:1], ["rain"], captions=vectors),
        frechet=None,
    )
    assert (figures.near_silent, figures.clipped, figures.mono) == (0.5, 0.25, 0.5)
    assert figures.nearest_scene is None, "with one scene there is nothing to choose"
    assert figures.lufs_mean is not None
    assert math.isfinite(figures.lufs_mean)


def test_a_sine_has_its_own_loudness_centroid_and_no_width() -> None:
    sound = measure(sine(997.0, 2.0, level=0.1), 44_100)
    assert sound.lufs == pytest.approx(-20.0, abs=0.05)
    assert sound.centroid_hz == pytest.approx(997.0, rel=0.02)
    assert sound.side_to_mid == 0.0
    independent = measure(noise(2.0), 44_100)
    assert independent.side_to_mid == pytest.approx(1.0, abs=0.02)
    assert measure(noise(2.0, rate=16_000, channels=1), 16_000).centroid_hz == pytest.approx(4000, rel=0.02)


def test_real_clips_are_compared_with_as_many_others_of_the_same_scenes() -> None:
    rows = [_row(0, "rain"), _row(1, "rain"), _row(2, "crowd")]
    scenes = ["fire", "rain", "wind", "rain", "rain"]
    others = [Recording(Path(f"{n}.wav"), ("x",), scene=scene) for n, scene in enumerate(scenes)]
    chosen = counterparts(rows, others)
    assert len(chosen) == len(set(chosen)) == 3
    assert [scenes[place] for place in chosen].count("rain") == 2 + (chosen.count(0) + chosen.count(2) == 0)
    assert counterparts(rows, others) == chosen
    assert counterparts(rows, others[:2]) == [0, 1]


def test_a_limit_takes_rows_from_all_over_the_split_and_keeps_their_numbers(tmp_path: Path) -> None:
    manifest = _corpus(tmp_path)
    choice = choose(manifest, "test", 2, RealClips(tmp_path / "cache", 8_000, 1.0), silent)
    assert [row.number for row in choice.rows] == [0, 2]
    assert choice.apart
    assert [path.name for path, _ in choice.skipped] == ["broken.wav"]
    assert choice.family("garden") == "BIRD"


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


def test_a_tiny_model_is_measured_from_the_manifest_to_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    store.save(store.create("tiny", 0), tmp_path / "tiny")
    words = ["evaluate", "--model", str(tmp_path / "tiny"), "--manifest", str(_corpus(tmp_path))]
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
    manifest = str(_corpus(tmp_path))
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


def _exactly(generator: np.random.Generator, mean: list[float], spread: np.ndarray[Any, Any]) -> Any:
    """200 vectors whose sample mean and covariance are exactly these."""
    raw = generator.standard_normal((200, len(mean)))
    white = raw - raw.mean(0)
    white = white @ np.linalg.inv(np.linalg.cholesky(np.cov(white.T))).T
    return white @ np.linalg.cholesky(spread).T + np.array(mean)


def _row(number: int, scene: str) -> Row:
    return Row(number, Recording(Path(f"{scene}-{number}.wav"), (f"the sound of {scene}",), scene=scene))


def _clips(vectors: Any, scenes: list[str]) -> list[Measured]:
    sound = measure(noise(0.5), 44_100)
    return [
        Measured(_row(number, scene), vector, sound)
        for number, (vector, scene) in enumerate(zip(vectors, scenes))
    ]


def _landmarks(vectors: Any, scenes: list[str], captions: Any) -> Landmarks:
    directions = scene_vectors(torch.from_numpy(vectors), scenes)
    return Landmarks(directions, directions, captions, family_of)


def _corpus(folder: Path) -> Path:
    """Three train and three test recordings of other rates, lengths and channels, and a broken one."""
    rows = [
        ("rain", "", "train", noise(3.0, 8_000, seed=1), 8_000),
        ("fire", "", "train", noise(0.5, 22_050, channels=1, seed=2), 22_050),
        ("garden", "BIRDSong", "train", sine(1500.0, 3.0, 16_000), 16_000),
        ("rain", "", "test", noise(3.0, 44_100, seed=3), 44_100),
        ("fire", "", "test", noise(1.2, 8_000, channels=1, seed=4), 8_000),
        ("garden", "BIRDSong", "test", sine(1200.0, 2.5, 8_000), 8_000),
    ]
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


def test_every_figure_has_a_line_in_the_table() -> None:
    from engine.evaluation.tables import LINES

    assert {*LINES, "clips"} == set(Figures.__dataclass_fields__)
