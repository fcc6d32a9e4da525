"""What the judge knows of real recordings that it was not taught, where the answer is known."""

from __future__ import annotations

import pytest

from engine.evaluation.unknown import known_of, known_scenes
from tests.made_ground import made_ground
from tests.test_judge import made

KINDS = {"rain": "hiss", "thunder": "rumble", "clock": "ticks"}


def test_what_is_like_others_is_known_and_what_is_like_none_is_not() -> None:
    train = {
        f"{scene}{seed}": (scene, made(kind, seed)) for scene, kind in KINDS.items() for seed in range(6)
    }
    train["wind"] = ("wind", made("tone", 1))
    ground = made_ground(train, lambda prompt, seed: made("hiss", seed))
    known = known_scenes(ground.choice, ground.taught, 2)
    assert known["wind"] == (0.0, 0.0), "nobody else has taught the judge wind"
    assert min(known[scene][0] for scene in KINDS) > 0.8
    first, top = known_of(["rain", "rain", "wind", "nowhere"], known) or (0.0, 0.0)
    assert first == pytest.approx(2 / 3 * known["rain"][0])
    assert top >= first
    assert known_of(["nowhere"], known) is None
