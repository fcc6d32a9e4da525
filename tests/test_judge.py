"""The judge of families, on textures whose families are known because they were made here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.judge import Judge
from engine.evaluation.texture import MOST_WINDOWS, RATE, textures

KINDS = ("hiss", "rumble", "ticks", "tone")


def made(kind: str, seed: int, seconds: float = 6.0, rate: int = RATE) -> NDArray[np.float32]:
    """(samples, 1) of one kind; the seed varies level, pitch and chance."""
    random = np.random.default_rng(seed)
    samples = round(seconds * rate)
    noise = random.standard_normal(samples)
    if kind == "rumble":
        noise = np.convolve(noise, np.ones(60) / 60, "same")
    elif kind == "ticks":
        noise = noise * (random.random(samples) < 3 / rate) * 30 + 0.003 * noise
    elif kind == "tone":
        noise = np.sin(2 * np.pi * random.uniform(300, 900) * np.arange(samples) / rate) + 0.01 * noise
    return (noise * random.uniform(0.01, 0.3)).astype(np.float32)[:, None]


def taught() -> Judge:
    pairs = [(kind, textures(made(kind, seed), RATE)) for kind in KINDS for seed in range(4)]
    return Judge([clip for _, clip in pairs], [kind for kind, _ in pairs])


def test_the_judge_names_the_family_of_clips_it_has_not_heard() -> None:
    judge = taught()
    assert [judge.family(textures(made(kind, 77), RATE)) for kind in KINDS] == list(KINDS)


def test_neither_level_nor_rate_nor_channels_sway_the_judge() -> None:
    judge = taught()
    clip = made("rumble", 5, rate=44_100)
    assert judge.family(textures(clip, 44_100)) == "rumble"
    assert judge.family(textures(np.repeat(0.02 * clip, 2, axis=1), 44_100)) == "rumble"


def test_scores_are_shares_of_one() -> None:
    scores = taught().scores(textures(made("tone", 9), RATE))
    assert scores.min() >= 0
    assert np.isclose(scores.sum(), 1)


def test_a_window_is_five_seconds_and_a_long_clip_has_twelve() -> None:
    assert len(textures(made("hiss", 1, seconds=1.0), RATE)) == 1
    assert len(textures(made("hiss", 1, seconds=10.0), RATE)) == 3
    assert len(textures(made("hiss", 1, seconds=60.0), RATE)) == MOST_WINDOWS


def test_silence_has_statistics_too() -> None:
    assert np.isfinite(textures(np.zeros((RATE, 2), np.float32), RATE)).all()
