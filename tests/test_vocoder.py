"""Vocoders: shaped noise has the mel asked for, an untrained vocoder is it, cuts are not heard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.errors import UsageError
from engine.models import store
from engine.models.mel import MelConfig, MelFrontEnd, from_mid_side
from engine.models.shaped_noise import ShapedNoise
from engine.models.sizes import FULL, MINI, TINY
from engine.models.vocoder import HifiGan, HifiGanConfig, IstftHifiGan, IstftHifiGanConfig
from engine.training.losses import MultiResolutionMel

MONO = replace(MINI.mel, stereo="mono")
SMALL = IstftHifiGanConfig(
    mel=TINY.mel, channels=16, upsample_rates=(4, 4), resblock_kernels=(3,), head_n_fft=16
)
AS_PUBLISHED = replace(FULL.vocoder, channels=32)


def made(config: IstftHifiGanConfig | HifiGanConfig, trained: bool = True) -> IstftHifiGan | HifiGan:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        vocoder = (IstftHifiGan if isinstance(config, IstftHifiGanConfig) else HifiGan)(config)  # type: ignore[arg-type]
        if trained and isinstance(vocoder, IstftHifiGan):
            torch.nn.init.normal_(vocoder.head.weight, std=0.1)
    return vocoder.eval().requires_grad_(False)


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def pink(samples: int) -> Tensor:
    spectrum = torch.fft.rfft(random(1, 1, samples))
    return torch.fft.irfft(spectrum / torch.arange(1, spectrum.shape[-1] + 1).sqrt(), n=samples)


@pytest.mark.parametrize("colour", ["white", "pink"])
@pytest.mark.parametrize("config", [MONO, FULL.mel], ids=["mini", "full"])
def test_shaped_noise_has_the_mel_asked_for(config: MelConfig, colour: str) -> None:
    samples = 8 * config.sample_rate // config.hop_samples * config.hop_samples
    wave = (random(1, 1, samples) if colour == "white" else pink(samples)) * 0.1
    front = MelFrontEnd(config)
    mel = front(wave)[:, 0]
    spoken = ShapedNoise(config)(mel, random(1, samples, seed=1))
    assert spoken.shape == (1, samples)
    error = (front(spoken[:, None])[:, 0] - mel) * config.scale
    assert abs(float(error.mean())) < 0.05
    assert float(error.abs().mean()) < 0.45  # of a band of one bin the noise alone fluctuates by 0.7


def test_shaped_noise_follows_a_mel_in_time() -> None:
    mel = torch.full((1, 60, MONO.n_mels), -1.0)
    mel[:, 30:] = 1.0
    spoken = ShapedNoise(MONO)(mel, random(1, 60 * MONO.hop_samples))
    error = (MelFrontEnd(MONO)(spoken[:, None])[:, 0] - mel).mean(-1)[0] * MONO.scale
    assert error[:27].abs().max() < 0.3
    assert error[33:].abs().max() < 0.3


def test_an_untrained_vocoder_is_the_shaped_noise() -> None:
    vocoder = made(SMALL, trained=False)
    mel, white = random(2, 2, 12, 16), random(2, 2, 12 * 64, seed=1)
    noise = vocoder.noise(mel.flatten(0, 1), white.flatten(0, 1)).unflatten(0, (2, 2))
    assert torch.allclose(vocoder(mel, white), from_mid_side(noise), atol=1e-5 * float(noise.abs().max()))


def test_left_and_right_are_mid_plus_and_minus_side_each_with_its_own_noise() -> None:
    vocoder = made(SMALL)
    mel, white = random(1, 2, 12, 16), random(1, 2, 12 * 64, seed=1)
    left, right = vocoder(mel, white)[0]
    mid, side = (vocoder.speak(mel[:, k], vocoder.noise(mel[:, k], white[:, k]))[0] for k in (0, 1))
    assert torch.allclose(left, mid + side, atol=1e-4)
    assert torch.allclose(right, mid - side, atol=1e-4)


@pytest.mark.parametrize("config", [SMALL, replace(MINI.vocoder, channels=16), AS_PUBLISHED])
def test_what_is_further_than_its_context_does_not_reach_a_sample(
    config: IstftHifiGanConfig | HifiGanConfig,
) -> None:
    vocoder = made(config)
    bands, hop = (
        (config.mel.n_mels, config.mel.hop_samples) if isinstance(config, IstftHifiGanConfig) else (64, 160)
    )
    mel, white = random(1, 1, 70, bands), random(1, 1, 70 * hop, seed=1)
    whole = vocoder(mel, white)
    context = vocoder.context_frames
    assert 2 * context < 70
    for first, last in ((0, 20), (30, 45), (60, 70)):
        begin, end = max(0, first - context), min(70, last + context)
        cut = vocoder(mel[:, :, begin:end], white[:, :, begin * hop : end * hop])
        kept = cut[:, :, (first - begin) * hop : (last - begin) * hop]
        assert torch.allclose(
            kept, whole[:, :, first * hop : last * hop], atol=1e-5 * float(whole.abs().max())
        )


def test_the_shipped_vocoder_is_nearer_to_a_texture_than_the_noise_it_starts_from() -> None:
    """It would not be if the code and the weights had come apart."""
    model = store.load(Path(store.__file__).parents[1] / "weights" / "mini", ["mel", "vocoder"])
    wave, white = 0.1 * random(1, 2, 86 * 512), random(1, 2, 86 * 512, seed=1)
    mel, distance = model.mel(wave), MultiResolutionMel(model.index.sample_rate)
    noise = model.vocoder.noise(mel.flatten(0, 1), white.flatten(0, 1)).unflatten(0, (1, 2))
    assert distance(model.vocoder(mel, white), wave) < 0.97 * distance(from_mid_side(noise), wave)


def test_beside_a_loud_frame_the_network_is_not_fed_with_giants() -> None:
    vocoder = made(SMALL)
    assert isinstance(vocoder, IstftHifiGan)
    mel = torch.full((1, 41, 16), -2.5)
    mel[:, 20] = 3.5
    noise = vocoder.noise(mel, random(1, 41 * 64))
    relative = noise.abs() / vocoder._level(mel).repeat_interleave(64, -1)
    assert relative.max() < 60
    wave = vocoder.speak(mel, noise)
    assert wave.abs().max() < 20 * noise.abs().max()


def test_a_frame_becomes_a_hop_also_where_the_original_adds_samples() -> None:
    vocoder = made(AS_PUBLISHED)
    mel = random(1, 1, 5, 64)
    assert vocoder.generator(mel[:, 0]).shape == (1, 5 * 160 + 32)
    assert vocoder(mel, random(1, 1, 800)).shape == (1, 1, 800)


def test_ten_seconds_at_full_size() -> None:
    with torch.device("meta"), torch.no_grad():
        vocoder = HifiGan(HifiGanConfig())
        wave = vocoder.generator(torch.empty(1, 1024, 64))
    assert wave.shape == (1, 163_840 + 32)
    assert vocoder.config.hop_samples == FULL.mel.hop_samples


def test_mini_speaks_stereo() -> None:
    vocoder = made(MINI.vocoder)
    wave = vocoder(random(1, 2, 10, 160), random(1, 2, 2560))
    assert wave.shape == (1, 2, 2560)


@pytest.mark.parametrize("config", [SMALL, AS_PUBLISHED])
def test_half_precision_around_it_does_not_coarsen_the_wave(
    config: IstftHifiGanConfig | HifiGanConfig,
) -> None:
    vocoder = made(config)
    bands, hop = (16, 64) if config is SMALL else (64, 160)
    mel, white = random(1, 1, 20, bands), random(1, 1, 20 * hop, seed=1)
    exact = vocoder(mel, white)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = vocoder(mel, white)
    assert rough.dtype == torch.float32
    assert not torch.equal(rough, rough.bfloat16().float())
    assert (rough - exact).std() < 0.02 * exact.std()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"upsample_rates": (5, 4)}, "must be even"),
        ({"upsample_rates": (8, 6)}, "divide"),
        ({"channels": 90}, "halved"),
    ],
)
def test_a_vocoder_that_cannot_be_is_refused(wrong: dict[str, int], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        IstftHifiGanConfig(**wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="give each rate its kernel"):
        HifiGanConfig(upsample_kernels=(16,))
