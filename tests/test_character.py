"""A character changes the sound in the way that its word says, and says so."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.training.character import CHARACTERS, Character, characterised

RATE = 22_050


def noise(seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, 0.1, (RATE, 2)).astype(np.float32)


def named(word: str) -> Character:
    return next(character for character in CHARACTERS if word in character.words)


def level_db(wave: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.square(wave).mean()))


def centroid_hz(wave: NDArray[np.float32]) -> float:
    power = np.square(np.abs(np.fft.rfft(wave[:, 0])))
    return float((power * np.fft.rfftfreq(len(wave), 1 / RATE)).sum() / power.sum())


def changed(word: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    wave = noise(0)
    return wave, named(word).change(wave, lambda: noise(1), RATE, np.random.default_rng(3))


def test_distant_is_darker_and_quieter_and_close_brighter_and_louder() -> None:
    before, far = changed("distant")
    _, near = changed("close")
    assert centroid_hz(far) < 0.5 * centroid_hz(before) < centroid_hz(before) < centroid_hz(near)
    assert level_db(far) < level_db(before) - 5 < level_db(before) < level_db(near)


def test_heavy_is_louder_and_made_of_two_places_and_soft_is_quieter() -> None:
    before, heavy = changed("heavy")
    assert level_db(heavy) > level_db(before) + 3.5
    second = noise(1)
    gain = float((heavy * second).sum() / np.square(second).sum())
    assert np.allclose(heavy, gain * (before + second), atol=0.02)
    _, soft = changed("soft")
    assert level_db(before) - 12.1 <= level_db(soft) <= level_db(before) - 6.9


@pytest.mark.parametrize("caption", ["distant rain", "rain far away in the background", "Muffled rain"])
def test_what_the_caption_contradicts_is_not_drawn(caption: str) -> None:
    assert not named("close").fits(caption)
    assert named("heavy").fits(caption)


def test_the_caption_says_what_was_done() -> None:
    for seed in range(40):
        generator = np.random.default_rng(seed)
        captions = "Rain on leaves", "A downpour"
        wave, (caption, other) = characterised(noise(0), captions, lambda: noise(1), RATE, generator)
        words = {word for character in CHARACTERS for word in character.words if word in caption.split(" ")}
        words |= {caption.rsplit(", ", 1)[-1]} if ", " in caption else set()
        assert words
        assert "ain on leaves" in caption
        assert "downpour" in other
        assert len(other.split()) in (3, 4)
        assert wave.dtype == np.float32
        assert not np.array_equal(wave, noise(0))


def test_a_caption_that_none_fits_keeps_its_sound() -> None:
    caption = "distant close heavy light rain"
    for seed in range(8):
        captions = caption, "rain"
        wave, said = characterised(noise(0), captions, lambda: noise(1), RATE, np.random.default_rng(seed))
        assert said == captions
        assert np.array_equal(wave, noise(0))


def test_another_caption_that_it_does_not_fit_makes_way() -> None:
    captions = "rain on leaves", "distant close heavy light rain"
    for seed in range(8):
        _, (told, other) = characterised(
            noise(0), captions, lambda: noise(1), RATE, np.random.default_rng(seed)
        )
        assert other == told != captions[0]
