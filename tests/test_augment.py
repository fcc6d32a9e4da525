"""Augmentation: what may change in a segment, by how much, and what never does."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import UsageError
from engine.training.augment import (
    NO_AUGMENTATION,
    AugmentConfig,
    at_speed,
    drawn_speed,
    joined,
    mixed,
    varied,
    within_full_scale,
)


def noise(samples: int = 4000, seed: int = 0, gain: float = 0.1) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal((samples, 2)) * gain).astype(np.float32)


def test_no_augmentation_leaves_the_segment_alone() -> None:
    assert np.array_equal(varied(noise(), NO_AUGMENTATION, np.random.default_rng(0)), noise())
    assert drawn_speed(NO_AUGMENTATION, np.random.default_rng(0)) == 1.0


def test_the_same_generator_state_gives_the_same_segment() -> None:
    first, second = (varied(noise(), AugmentConfig(), np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, varied(noise(), AugmentConfig(), np.random.default_rng(8)))


def test_sides_and_polarity_are_turned() -> None:
    config = AugmentConfig(gain_db=(0.0, 0.0), swap=1.0, polarity=1.0)
    assert np.array_equal(varied(noise(), config, np.random.default_rng(0)), -noise()[:, ::-1])


def test_the_gain_stays_between_its_ends() -> None:
    config = AugmentConfig(gain_db=(-6.0, 3.0), swap=0.0, polarity=0.0)
    gains = [
        varied(np.ones((1, 2), np.float32) / 2, config, np.random.default_rng(n))[0, 0] * 2
        for n in range(200)
    ]
    assert 10 ** (-6 / 20) <= min(gains) < 0.55
    assert 1.3 < max(gains) <= 10 ** (3 / 20)


def test_a_loud_segment_is_turned_down_as_a_whole() -> None:
    assert within_full_scale(np.array([[2.0, -4.0]], np.float32)).tolist() == [[0.5, -1.0]]
    assert within_full_scale(np.array([[0.5, -0.9]], np.float32)) == pytest.approx(np.array([[0.5, -0.9]]))


def test_a_mixture_keeps_the_power_of_one_and_the_level_difference() -> None:
    seconds = np.arange(8000)[:, None] / 8000 * np.ones((1, 2))
    low, high = np.sin(2 * np.pi * 100 * seconds), np.sin(2 * np.pi * 1000 * seconds)
    wave = mixed(low.astype(np.float32), high.astype(np.float32), below_db=6.0)
    assert np.mean(wave**2) == pytest.approx(0.5, rel=1e-3)
    lines = np.abs(np.fft.rfft(wave[:, 0]))
    assert 20 * np.log10(lines[100] / lines[1000]) == pytest.approx(6.0, abs=0.01)


def test_captions_are_joined_and_a_low_second_scene_is_in_the_background() -> None:
    assert joined("rain", "distant traffic", 3.0, 7.0) == "rain and distant traffic"
    assert joined("Rain.", "Distant traffic", 9.0, 7.0) == "Rain with distant traffic in the background"
    assert joined("rain", "TV static", 0.0, 7.0) == "rain and TV static"


def test_a_faster_segment_is_higher_and_has_the_wanted_length() -> None:
    tone = np.sin(2 * np.pi * 400 * np.arange(9001)[:, None] / 8000 * np.ones((1, 2))).astype(np.float32)
    faster = at_speed(tone, 1.125, 8000)
    assert faster.shape == (8000, 2)
    assert np.abs(np.fft.rfft(faster[:, 0])).argmax() == 450
    assert at_speed(tone, 1.0, 8000).shape == (8000, 2)


def test_the_speed_stays_within_its_semitones() -> None:
    config = AugmentConfig(speed=1.0, speed_semitones=2.0)
    speeds = [drawn_speed(config, np.random.default_rng(number)) for number in range(100)]
    assert 2 ** (-2 / 12) <= min(speeds) < 0.95
    assert 1.05 < max(speeds) <= 2 ** (2 / 12)


def test_values_that_cannot_work_are_refused() -> None:
    for config in (
        AugmentConfig(swap=2.0),
        AugmentConfig(gain_db=(3.0, -3.0)),
        AugmentConfig(speed_semitones=40.0),
    ):
        with pytest.raises(UsageError, match=r"augmentation|semitones"):
            config.checked()
