"""The figures of an evaluation, each with a known answer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from engine.evaluation.families import FAMILIES, family_of
from engine.evaluation.figures import Landmarks, Measured, figures_of
from engine.evaluation.frechet import frechet_distance
from engine.evaluation.sound import measure
from engine.training.retrieval import scene_vectors
from tests.manifest_rows import scene_row
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
        [
            Measured(scene_row(number, "rain"), vectors[number], sound, 0.5)
            for number, sound in enumerate(sounds)
        ],
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


def _exactly(generator: np.random.Generator, mean: list[float], spread: np.ndarray[Any, Any]) -> Any:
    """200 vectors whose sample mean and covariance are exactly these."""
    raw = generator.standard_normal((200, len(mean)))
    white = raw - raw.mean(0)
    white = white @ np.linalg.inv(np.linalg.cholesky(np.cov(white.T))).T
    return white @ np.linalg.cholesky(spread).T + np.array(mean)


def _clips(vectors: Any, scenes: list[str]) -> list[Measured]:
    sound = measure(noise(0.5), 44_100)
    return [
        Measured(scene_row(number, scene), vector, sound)
        for number, (vector, scene) in enumerate(zip(vectors, scenes))
    ]


def _landmarks(vectors: Any, scenes: list[str], captions: Any) -> Landmarks:
    directions = scene_vectors(torch.from_numpy(vectors), scenes)
    return Landmarks(directions, directions, captions, family_of)
