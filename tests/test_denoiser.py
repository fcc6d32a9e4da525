"""The denoiser: what it is told reaches it, with the heads that checkpoints were trained with."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from diffusers.models.attention_processor import Attention
from torch import Tensor

from engine.errors import UsageError
from engine.models.denoiser import Denoiser, DenoiserConfig
from engine.models.sizes import FULL, MINI, TINY

AS_PUBLISHED = replace(TINY.unet, film=False, concat_condition=True, unit_condition=False)


def made(config: DenoiserConfig = TINY.unet) -> Denoiser:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Denoiser(config).eval().requires_grad_(False)


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


LATENTS, TIMES, CONDITION = random(2, 4, 8, 4), torch.tensor([10.0, 700.0]), random(2, 32, seed=1)


@pytest.mark.parametrize(
    ("config", "shape"),
    [(FULL.unet, (2, 8, 256, 16)), (MINI.unet, (2, MINI.unet.latent_channels, 108, 10))],
    ids=["full", "mini"],
)
def test_a_prediction_looks_like_its_latents(config: DenoiserConfig, shape: tuple[int, ...]) -> None:
    with torch.device("meta"), torch.no_grad():
        unet = Denoiser(config)
        answer = unet(torch.empty(shape), torch.empty(2), torch.empty(2, config.condition_dim))
    assert answer.shape == shape


@pytest.mark.parametrize("config", [TINY.unet, AS_PUBLISHED], ids=["film", "published"])
def test_latents_time_and_condition_are_all_heard(config: DenoiserConfig) -> None:
    unet = made(config)
    answer = unet(LATENTS, TIMES, CONDITION)
    assert answer.shape == LATENTS.shape
    for other in (
        unet(LATENTS + 0.1, TIMES, CONDITION),
        unet(LATENTS, TIMES + 50, CONDITION),
        unet(LATENTS, TIMES, CONDITION.flip(0)),
    ):
        assert (other - answer).abs().amax((1, 2, 3)).min() > 1e-4


def test_clips_of_a_batch_do_not_hear_each_other() -> None:
    unet = made()
    together = unet(LATENTS, TIMES, CONDITION)
    alone = torch.cat([unet(*[part[i : i + 1] for part in (LATENTS, TIMES, CONDITION)]) for i in (0, 1)])
    assert torch.allclose(together, alone, atol=1e-5)


def test_the_length_of_a_condition_matters_only_where_it_is_said_to() -> None:
    for config, same in ((TINY.unet, True), (AS_PUBLISHED, False)):
        unet = made(config)
        answers = unet(LATENTS, TIMES, CONDITION), unet(LATENTS, TIMES, 3 * CONDITION)
        assert torch.allclose(*answers, atol=1e-5) is same


@pytest.mark.parametrize("frames", [2, 4, 6, 22])
def test_every_multiple_of_the_stride_is_a_length(frames: int) -> None:
    unet = made()
    assert unet.stride == 2
    assert unet(random(1, 4, frames, 4), TIMES[:1], CONDITION[:1]).shape == (1, 4, frames, 4)


def test_full_size_has_the_heads_and_widths_of_the_published_network() -> None:
    """Wrong counts load without a word and sound wrong."""
    with torch.device("meta"):
        unet = Denoiser(FULL.unet)
    attention = [module for module in unet.modules() if isinstance(module, Attention)]
    found = {(module.to_q.in_features, module.to_k.in_features, module.heads) for module in attention}
    assert found == {(256, 256, 8), (384, 384, 12), (640, 640, 20)}
    assert len(attention) == 2 * (3 * 2 + 3 * 3 + 1)
    assert unet.stride == 8


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"heads": (3, 6)}, "give each level one of each"),
        ({"attention": ()}, "give each level one of each"),
        ({"block_channels": (100, 192, 256)}, "multiples of 32"),
        ({"heads": (3, 5, 8)}, "of their heads"),
    ],
)
def test_a_network_that_cannot_be_is_refused(wrong: dict[str, tuple[int, ...]], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        DenoiserConfig(**wrong)  # type: ignore[arg-type]
