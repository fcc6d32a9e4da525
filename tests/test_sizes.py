"""The sizes: `full` is the refined AudioLDM number by number, and the parts of each fit together."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from engine.models.audio_encoder import AudioEncoder
from engine.models.denoiser import Denoiser
from engine.models.latents import Autoencoder
from engine.models.sizes import FULL, MINI, SIZES, Size
from engine.models.text import TextEncoder
from engine.models.vocoder import HifiGan, HifiGanConfig, IstftHifiGan, IstftHifiGanConfig


def millions(network: nn.Module) -> float:
    return sum(weight.numel() for weight in network.parameters()) / 1e6


def test_full_has_the_published_number_of_weights() -> None:
    assert isinstance(FULL.vocoder, HifiGanConfig)
    with torch.device("meta"):
        assert millions(Denoiser(FULL.unet)) == pytest.approx(185.3, abs=0.1)
        assert millions(Autoencoder(FULL.vae)) == pytest.approx(55.4, abs=0.1)
        assert millions(HifiGan(FULL.vocoder)) == pytest.approx(55.3, abs=0.1)
        assert millions(TextEncoder(FULL.text_encoder).gpt2) == pytest.approx(124.4, abs=0.1)
        # HTS-AT's 31 M hold 3 M that only name AudioSet's classes; no tower of CLAP needs them.
        assert millions(AudioEncoder(FULL.audio_encoder).htsat) == pytest.approx(27.5, abs=0.1)


def test_full_hears_and_sees_what_the_published_model_does() -> None:
    mel, process = FULL.mel, FULL.scheduler
    assert (mel.sample_rate, mel.n_fft, mel.hop_samples, mel.n_mels) == (16_000, 1024, 160, 64)
    assert (mel.f_min_hz, mel.f_max_hz, mel.floor, mel.offset, mel.scale) == (0, 8000, 1e-5, 0, 1)
    assert (process.beta_start, process.beta_end, process.train_steps) == (0.0015, 0.0195, 1000)
    assert (process.parametrisation, process.schedule) == ("epsilon", "scaled_linear")
    assert (FULL.default_guidance, FULL.window_seconds) == (3.5, 10.24)


def test_mini_is_small_enough_for_a_processor_and_for_the_package() -> None:
    assert isinstance(MINI.vocoder, IstftHifiGanConfig)
    with torch.device("meta"):
        parts = [
            Denoiser(MINI.unet),
            Autoencoder(MINI.vae),
            IstftHifiGan(MINI.vocoder),
            TextEncoder(MINI.text_encoder),
            AudioEncoder(MINI.audio_encoder),
        ]
    sizes = [millions(part) for part in parts]
    assert sizes[0] < 25
    assert sum(sizes) < 45


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_parts_of_a_size_fit_together(size: Size) -> None:
    with torch.device("meta"):
        vae, unet = Autoencoder(size.vae), Denoiser(size.unet)
    assert size.unet.latent_channels == size.vae.latent_channels
    assert size.unet.condition_dim == size.text_encoder.clap_width == size.audio_encoder.clap_width
    assert size.vae.mel_channels == size.mel.channels
    assert size.mel.n_mels % vae.frames_per_latent == 0
    if isinstance(size.vocoder, IstftHifiGanConfig):
        assert size.vocoder.mel == size.mel
    else:
        spoken = (size.vocoder.hop_samples, size.vocoder.n_mels, size.vocoder.sample_rate)
        assert spoken == (size.mel.hop_samples, size.mel.n_mels, size.mel.sample_rate)
    strides = size.window_seconds * size.mel.sample_rate / size.mel.hop_samples / vae.frames_per_latent
    assert strides / unet.stride > 2
