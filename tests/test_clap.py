"""What both towers share: projection, similarity, contrastive loss."""

from __future__ import annotations

import math

import torch
from torch import nn

from engine.models.clap import Projection, Temperature, contrastive_loss, similarity


def test_the_projection_is_the_one_of_clap_2023() -> None:
    torch.manual_seed(0)
    projection, pooled = Projection(6, 4).eval(), torch.randn(3, 6)
    first = pooled @ projection.linear1.weight.T
    gelu = first * 0.5 * (1 + torch.erf(first / math.sqrt(2)))
    joined = first + gelu @ projection.linear2.weight.T
    mean, variance = joined.mean(1, keepdim=True), joined.var(1, keepdim=True, unbiased=False)
    torch.testing.assert_close(projection(pooled), (joined - mean) / (variance + 1e-5).sqrt())
    assert all(layer.bias is None for layer in (projection.linear1, projection.linear2))


def test_similarity_does_not_depend_on_length() -> None:
    first, second = torch.randn(3, 5), torch.randn(2, 5)
    torch.testing.assert_close(similarity(first * 7, second), similarity(first, second * 0.1))
    torch.testing.assert_close(similarity(first, first).diagonal(), torch.ones(3))


def test_without_likeness_the_loss_is_the_cross_entropy_of_clip() -> None:
    scores = torch.randn(5, 5)
    entropy, own = nn.CrossEntropyLoss(), torch.arange(5)
    expected = (entropy(scores, own) + entropy(scores.T, own)) / 2
    torch.testing.assert_close(contrastive_loss(scores, torch.eye(5)), expected)


def test_a_clip_of_the_same_scene_is_no_negative() -> None:
    """Both captions fit both clips: calling them equal must cost less than telling them apart."""
    equal = torch.tensor([[4.0, 4.0, 0.0], [4.0, 4.0, 0.0], [0.0, 0.0, 4.0]])
    apart = torch.tensor([[4.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 4.0]])
    affinity = torch.block_diag(torch.ones(2, 2), torch.ones(1, 1))
    assert contrastive_loss(equal, affinity) < contrastive_loss(apart, affinity)
    assert contrastive_loss(equal, torch.eye(3)) > contrastive_loss(apart, torch.eye(3))


def test_the_temperature_stays_between_one_and_a_hundred() -> None:
    for start, expected in ((1e6, 100.0), (1e-3, 1.0), (20.0, 20.0)):
        assert abs(float(Temperature(start)(torch.tensor(1.0)).detach()) - expected) < 1e-3
