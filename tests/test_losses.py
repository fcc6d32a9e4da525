"""Losses with known answers."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.distributions import Normal
from torch.distributions import kl_divergence as exact_kl

from engine.training.losses import (
    MultiResolutionMel,
    discriminator_loss,
    energy_loss,
    feature_matching,
    generator_loss,
    kl_divergence,
)


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_the_divergence_is_that_of_two_normal_distributions() -> None:
    mean, logvar = random(2, 3, 4, 5), random(2, 3, 4, 5, seed=1)
    expected = exact_kl(Normal(mean, (0.5 * logvar).exp()), Normal(0.0, 1.0)).mean()
    assert torch.allclose(kl_divergence(mean, logvar), expected)
    assert kl_divergence(torch.zeros(3), torch.zeros(3)) == 0
    assert kl_divergence(torch.full((3,), 2.0), torch.zeros(3)) == 2


def test_energy_is_right_where_its_neighbourhood_is() -> None:
    mel = random(1, 2, 32, 16)
    assert energy_loss(mel, mel) == 0
    assert torch.isclose(energy_loss(mel + 0.5, mel), torch.tensor(0.5))
    checkered = torch.ones(32, 16)
    checkered[::2, ::2] = checkered[1::2, 1::2] = -1
    assert torch.allclose(energy_loss(mel + checkered, mel), torch.tensor(0.0), atol=1e-6)
    assert F.l1_loss(mel + checkered, mel) > 0.99


def test_the_mel_distance_is_in_nepers() -> None:
    distance, wave = MultiResolutionMel(8000), 0.1 * random(1, 2, 16_000)
    assert distance(wave, wave) == 0
    assert distance(wave * math.e, wave).item() == pytest.approx(1.0, abs=0.01)
    assert 0 < distance(0.1 * random(1, 2, 16_000, seed=1), wave) < 1


def test_the_mel_distance_says_which_way_to_go() -> None:
    distance, target = MultiResolutionMel(8000), 0.1 * random(1, 1, 8000)
    wave = (0.01 * random(1, 1, 8000, seed=1)).requires_grad_(True)
    distance(wave, target).backward()
    assert wave.grad is not None
    with torch.no_grad():
        assert distance(wave - 50 * wave.grad, target) < distance(wave, target)


def test_the_hinge_asks_for_a_margin_of_one_and_no_more() -> None:
    sure, unsure = [torch.full((2, 1, 3), 1.5)], [torch.zeros(2, 1, 3)]
    assert discriminator_loss(sure, [-sure[0]]) == 0
    assert discriminator_loss(unsure, unsure) == 2
    assert discriminator_loss([-sure[0]], sure) == 5
    assert discriminator_loss([*sure, *unsure], [-sure[0], *unsure]) == 1


def test_the_generator_pays_for_being_recognised() -> None:
    assert generator_loss([torch.full((2, 3), -2.0), torch.zeros(5)]) == 1


def test_features_match_relative_to_their_size_and_only_the_fake_ones_learn() -> None:
    real = [random(2, 3, 4).requires_grad_(True), 100 * random(2, 5, seed=1)]
    assert feature_matching(real, real) == 0
    fake = [(2 * feature).detach().requires_grad_(True) for feature in real]
    loss = feature_matching(real, fake)
    assert torch.isclose(loss, torch.tensor(1.0))
    loss.backward()
    assert real[0].grad is None
    assert fake[0].grad is not None
