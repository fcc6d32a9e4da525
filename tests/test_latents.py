"""The VAE: shapes at every size, normalised latents, the linear shortcut, how far the decoder hears."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from engine.errors import UsageError
from engine.models.latents import Autoencoder, AutoencoderConfig
from engine.models.sizes import FULL, MINI, TINY

MONO = replace(TINY.vae, mel_channels=1, fold=1, linear_shortcut=False)


def made(config: AutoencoderConfig = TINY.vae) -> Autoencoder:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Autoencoder(config).eval().requires_grad_(False)


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("config", "mel", "latents"),
    [
        (FULL.vae, (1, 1, 1024, 64), (1, 8, 256, 16)),
        (MINI.vae, (2, 2, 1728, 160), (2, MINI.vae.latent_channels, 108, 10)),
        (TINY.vae, (2, 2, 40, 16), (2, 4, 10, 4)),
    ],
    ids=["full", "mini", "tiny"],
)
def test_shapes_of_every_size(
    config: AutoencoderConfig, mel: tuple[int, ...], latents: tuple[int, ...]
) -> None:
    with torch.device("meta"), torch.no_grad():
        vae = Autoencoder(config)
        mean, logvar = vae.posterior(torch.empty(mel))
        assert mean.shape == logvar.shape == latents
        assert vae.encode(torch.empty(mel)).shape == latents
        assert vae.decode(torch.empty(latents)).shape == mel
    assert vae.frames_per_latent == mel[2] // latents[2] == mel[3] // latents[3]


def test_measured_latents_have_mean_zero_and_deviation_one_in_each_channel() -> None:
    vae, mel = made(), random(6, 2, 64, 16)
    raw = vae.posterior(mel)[0]
    vae.measure(raw)
    latents = vae.encode(mel)
    assert torch.allclose(latents.mean((0, 2, 3)), torch.zeros(4), atol=1e-5)
    assert torch.allclose(latents.std((0, 2, 3)), torch.ones(4), atol=1e-3)
    assert torch.allclose(vae.decode(latents), vae.reconstruct(raw), atol=1e-4)


def test_relief_makes_channels_small_that_the_mel_hardly_hears() -> None:
    torch.manual_seed(0)
    vae = Autoencoder(TINY.vae)
    vae.fit_shortcut(torch.randn(4, 2, 32, 16) * torch.linspace(0.2, 3.0, 16))
    raw = vae.posterior(torch.randn(6, 2, 32, 16) * torch.linspace(0.2, 3.0, 16))[0].detach()
    vae.measure(raw)
    plain, influence = vae.normalize(raw), vae.influence(vae.normalize(raw)[:8])
    vae.measure(raw, relief=0.5)
    small = vae.normalize(raw)
    relative = (influence / influence.max()).sqrt()
    assert torch.allclose(small, plain * relative[:, None, None], atol=1e-4)
    assert torch.allclose(vae.decode(small), vae.reconstruct(raw), atol=1e-4)


def test_measured_figures_are_kept_with_the_weights() -> None:
    assert {"latent_mean", "latent_std"} <= set(made().state_dict())


def test_a_silent_channel_is_not_blown_up() -> None:
    vae = made()
    vae.measure(torch.zeros(3, 4, 5, 4))
    assert torch.isfinite(vae.encode(random(1, 2, 16, 16))).all()


def test_a_fitted_shortcut_is_the_best_linear_code_and_the_network_adds_nothing_yet() -> None:
    vae = made()
    patches = random(4, 2, 1, 1) * random(1, 2, 4, 4, seed=1).repeat(
        1, 1, 10, 4
    )  # one pattern, louder or softer
    mel = patches + 0.01 * random(4, 2, 40, 16, seed=2)
    vae.fit_shortcut(mel)
    raw, logvar = vae.posterior(mel)
    assert (vae.reconstruct(raw) - mel).abs().mean() < 0.02
    assert torch.allclose(raw.square().mean((0, 2, 3)), torch.ones(4), atol=0.02)
    assert torch.allclose(logvar, torch.full_like(logvar, -5.0))


def test_the_plain_network_has_no_shortcut() -> None:
    vae = made(MONO)
    assert not any("analysis" in name or "synthesis" in name for name in vae.state_dict())
    raw = random(1, 4, 8, 8)
    assert torch.equal(vae.reconstruct(raw), vae.kl.decode(raw).sample)


@pytest.mark.parametrize("config", [TINY.vae, MONO, replace(MINI.vae, block_channels=(32, 64))])
def test_what_is_further_than_its_context_does_not_reach_the_decoder(config: AutoencoderConfig) -> None:
    vae = made(config)
    for module in list(vae.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.GroupNorm):
                setattr(module, name, nn.Identity())
    latents = random(1, config.latent_channels, 64, 4)
    changed = latents.clone()
    changed[:, :, 31] += 1
    differs = (vae.decode(latents) - vae.decode(changed)).abs().amax((0, 1, 3)) > 0
    reached = differs.view(64, -1).any(1).nonzero().flatten()
    assert vae.context_latents >= max(31 - int(reached[0]), int(reached[-1]) - 31)
    assert vae.context_latents <= max(31 - int(reached[0]), int(reached[-1]) - 31) + 2


def test_the_influence_of_a_channel_grows_with_its_part_in_the_linear_code() -> None:
    vae = made()
    vae.fit_shortcut(random(4, 2, 32, 16) * torch.linspace(0.1, 3.0, 16))
    influence = vae.influence(random(2, TINY.vae.latent_channels, 4, 4))
    assert influence.shape == (TINY.vae.latent_channels,)
    assert torch.equal(influence.argsort(descending=True), torch.arange(len(influence)))


def test_widths_that_do_not_fit_their_groups_are_refused() -> None:
    for wrong in ((), (30, 64)):
        with pytest.raises(UsageError, match="multiples of its norm_groups, 32"):
            AutoencoderConfig(block_channels=wrong)
