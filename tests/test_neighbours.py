"""Sentences and the segments whose captions mean nearly the same."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.errors import UsageError
from engine.models import store
from engine.training.neighbours import NEAREST, Neighbours

SAID = ("rain", "rain on a roof", "a clock", "the sea")


@pytest.fixture(scope="module")
def captions() -> torch.Tensor:
    with torch.no_grad():
        return store.create("tiny", 0).text_encoder.encode(SAID)


@torch.no_grad()
def test_a_sentence_comes_with_the_segments_that_are_nearest(captions: torch.Tensor) -> None:
    many = torch.cat([captions, -captions.repeat(NEAREST, 1)])
    near = Neighbours(SAID, many, store.create("tiny", 0).text_encoder)
    assert len(near) == len(SAID)
    assert near.rows[:, 0].tolist() == [0, 1, 2, 3]
    rows, vectors = near.draw(40, np.random.default_rng(0))
    assert rows.shape == (40,)
    assert {*rows.tolist()} <= {*near.rows.flatten().tolist()}
    assert torch.cdist(vectors, captions).min(1).values.max() < 1e-2


@torch.no_grad()
def test_what_is_about_something_else_is_left_out(captions: torch.Tensor) -> None:
    tower = store.create("tiny", 0).text_encoder
    alike = torch.cosine_similarity(captions[:1], captions)
    assert alike.min() > -0.99
    with pytest.raises(UsageError, match="sentence_share to 0"):
        Neighbours(SAID[:1], -captions[:1], tower)
