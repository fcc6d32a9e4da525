"""What is spoken has the mel that was meant, in everything that the mel's maker could say."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.models import store
from engine.models.store import Model
from engine.speaking import context_latents, spoken
from tests.test_pipeline import AS_PUBLISHED, opened


@pytest.fixture(scope="module")
def model() -> Model:
    return store.create("tiny", 0)


def mel_of_noise(model: Model, frames: int = 96) -> Tensor:
    """Of a sound whose bands rise and fall."""
    generator = torch.Generator().manual_seed(1)
    samples = frames * model.mel.config.hop_samples
    swell = 0.1 * (1.2 + torch.sin(torch.linspace(0, 40, samples)))
    mel: Tensor = model.mel(swell * torch.randn(1, model.mel.config.channels, samples, generator=generator))
    return mel


def white(model: Model, mel: Tensor) -> Tensor:
    samples = mel.shape[2] * model.mel.config.hop_samples
    return torch.randn(1, mel.shape[1], samples, generator=torch.Generator().manual_seed(2))


@torch.no_grad()
def test_the_mel_of_what_is_spoken_is_nearer_to_what_was_meant(model: Model) -> None:
    mel = mel_of_noise(model)
    noise = white(model, mel)
    before = (model.mel(model.vocoder(mel, noise)) - mel).abs().mean()
    after = (model.mel(spoken(model, mel, noise, decoded=False)) - mel).abs().mean()
    assert after < 0.75 * before


@torch.no_grad()
def test_of_a_decoded_mel_only_what_latents_can_say_is_corrected(model: Model) -> None:
    mel = mel_of_noise(model)
    noise = white(model, mel)
    first, then = (model.mel(wave) - mel for wave in (model.vocoder(mel, noise), spoken(model, mel, noise)))
    visible = [model.vae.visible(missing) for missing in (first, then)]
    left_over = [missing - seen for missing, seen in zip((first, then), visible)]
    assert visible[1].abs().mean() < 0.75 * visible[0].abs().mean()
    assert left_over[1].square().mean().sqrt() > 0.8 * left_over[0].square().mean().sqrt()


@torch.no_grad()
def test_what_latents_can_say_is_a_projection_patch_by_patch(model: Model) -> None:
    patch = model.vae.frames_per_latent
    mel = mel_of_noise(model)
    seen = model.vae.visible(mel)
    assert seen.shape == mel.shape
    assert torch.allclose(model.vae.visible(seen), seen, atol=1e-4)
    assert float((seen * (mel - seen)).mean()) == pytest.approx(0, abs=1e-4)
    assert torch.allclose(model.vae.visible(mel.roll(patch, dims=2)), seen.roll(patch, dims=2), atol=1e-5)


@torch.no_grad()
def test_a_vocoder_without_noise_speaks_as_it_does() -> None:
    published = opened(AS_PUBLISHED).model
    mel = torch.randn(1, 1, 32, published.mel.config.n_mels, generator=torch.Generator().manual_seed(3))
    noise = white(published, mel)
    assert torch.equal(spoken(published, mel, noise), published.vocoder(mel, noise))


@torch.no_grad()
def test_nothing_beyond_the_context_is_heard(model: Model) -> None:
    far = context_latents(model) * model.vae.frames_per_latent
    mel = mel_of_noise(model, far + 32)
    noise = white(model, mel)
    other = mel.clone()
    other[:, :, :16] += 1.0
    hop = model.mel.config.hop_samples
    before, after = spoken(model, mel, noise), spoken(model, other, noise)
    heard = (16 + far) * hop
    assert torch.allclose(before[..., heard:], after[..., heard:], atol=1e-6)
    assert not torch.allclose(before[..., : 16 * hop], after[..., : 16 * hop], atol=1e-3)
