"""Discriminators: shapes, and that they can tell what they are there to tell."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from engine.training.discriminators import PatchDiscriminator, SpectrumDiscriminator, WaveDiscriminators
from engine.training.losses import discriminator_loss


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize("channels", [1, 2])
def test_patches_are_scored_each_for_itself(channels: int) -> None:
    scores, features = PatchDiscriminator(channels, width=8)(random(3, channels, 64, 16))
    assert scores.shape == (3, 1, 8, 2)
    assert [feature.shape[1] for feature in features] == [8, 16, 32]


def test_spectra_are_scored_in_time_and_frequency() -> None:
    scores, features = SpectrumDiscriminator(256, width=4)(random(3, 4096))
    assert scores.shape == (3, 1, 65, 17)
    assert len(features) == 4


def test_all_resolutions_answer() -> None:
    scores, features = WaveDiscriminators((256, 1024), width=4)(random(2, 4096))
    assert [score.shape[0] for score in scores] == [2, 2]
    assert len(features) == 8


def test_silence_has_a_score_and_a_gradient() -> None:
    wave = torch.zeros(1, 4096, requires_grad=True)
    scores, _ = WaveDiscriminators((256,), width=4)(wave)
    scores[0].sum().backward()
    assert wave.grad is not None
    assert torch.isfinite(wave.grad).all()


def test_half_precision_around_it_is_no_harm() -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scores, _ = WaveDiscriminators((256,), width=4)(random(2, 4096))
    assert torch.isfinite(scores[0]).all()


@pytest.mark.parametrize("kind", ["images", "waves"])
def test_they_learn_to_tell_buzz_from_noise(kind: str) -> None:
    critic: nn.Module
    if kind == "images":
        critic, real, fake = (
            PatchDiscriminator(1, width=8),
            random(8, 1, 32, 16),
            random(8, 1, 32, 1).expand(-1, -1, -1, 16),
        )
    else:
        critic, real = WaveDiscriminators((256,), width=4), random(4, 2048)
        fake = random(4, 32).repeat(1, 64)
    optimizer = torch.optim.AdamW(critic.parameters(), lr=3e-3)

    def loss() -> Tensor:
        scores = [critic(sound)[0] for sound in (real, fake)]
        return discriminator_loss(*[score if isinstance(score, list) else [score] for score in scores])

    before = loss().item()
    for _ in range(25):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
    assert loss().item() < 0.5 * before
