"""The mel front end against an independent implementation, and what VAE and vocoder count on."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers.audio_utils import mel_filter_bank, spectrogram

from engine.errors import UsageError
from engine.models.mel import MelConfig, MelFrontEnd, from_mid_side, to_mid_side
from engine.models.sizes import FULL, MINI

MONO = MelConfig(stereo="mono")


def noise(samples: int, channels: int = 2, batch: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return 0.1 * torch.randn(batch, channels, samples, generator=generator)


@pytest.mark.parametrize("config", [MINI.mel, FULL.mel], ids=["mini", "full"])
def test_it_agrees_with_another_implementation(config: MelConfig) -> None:
    wave = noise(40 * config.hop_samples, config.channels)
    images = MelFrontEnd(config)(wave)[0]
    edge = config.n_fft - config.hop_samples
    bank = mel_filter_bank(
        config.n_fft // 2 + 1,
        config.n_mels,
        config.f_min_hz,
        config.f_max_hz,
        config.sample_rate,
        norm="slaney",
        mel_scale="slaney",
    )
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(config.n_fft) / config.n_fft)
    for channel, image in zip(to_mid_side(wave)[0].double().numpy(), images):
        expected = spectrogram(
            np.pad(channel, (edge // 2, edge - edge // 2), mode="reflect"),
            hann,
            config.n_fft,
            config.hop_samples,
            power=1.0,
            center=False,
            mel_filters=bank,
            mel_floor=config.floor,
            log_mel="log",
        )
        found = image.double().numpy() * config.scale + config.offset
        assert np.abs(found - expected.T).max() < 2e-3
        assert np.abs(found - expected.T).mean() < 1e-5


def test_ten_seconds_at_full_size_are_1024_frames_of_64_bands() -> None:
    assert MelFrontEnd(FULL.mel)(noise(round(10.24 * 16_000), 1)).shape == (1, 1, 1024, 64)


@pytest.mark.parametrize("samples", [256, 257, 511, 512, 2000, 5 * 256 - 1, 44_100])
def test_every_whole_hop_becomes_a_frame(samples: int) -> None:
    images = MelFrontEnd(MINI.mel)(noise(samples, batch=3))
    assert images.shape == (3, 2, samples // 256, 160)
    assert torch.isfinite(images).all()


def test_frames_stand_in_the_middle_of_their_hop() -> None:
    hop = MONO.hop_samples
    wave = torch.zeros(1, 1, 41 * hop)
    wave[..., 20 * hop + hop // 2] = 1.0
    loudness = MelFrontEnd(MONO)(wave).mean(-1)[0, 0]
    assert loudness.argmax() == 20
    assert torch.allclose(loudness[17:20], loudness[21:24].flip(0), atol=1e-4)


def test_mid_and_side_become_left_and_right_again() -> None:
    wave = noise(1000)
    assert torch.allclose(from_mid_side(to_mid_side(wave)), wave, atol=1e-7)
    assert torch.equal(to_mid_side(wave[:, :1]), wave[:, :1])
    assert torch.equal(from_mid_side(wave[:, :1]), wave[:, :1])


def test_equal_channels_have_no_side() -> None:
    config = MINI.mel
    wave = noise(44_100, 1).expand(-1, 2, -1)
    mid, side = MelFrontEnd(config)(wave)[0]
    silence = (np.log(config.floor) - config.offset) / config.scale
    assert torch.allclose(side, torch.full_like(side, silence), atol=1e-4)
    assert torch.equal(mid, MelFrontEnd(MONO)(wave[:, :1])[0, 0])


def test_a_side_is_raised_to_its_least_and_no_further() -> None:
    front = MelFrontEnd(MINI.mel)
    generator = torch.Generator().manual_seed(0)
    mid, side = torch.randn(2, 1, 44100, generator=generator)
    wide, narrow = (front(from_mid_side(torch.stack([mid, k * side], dim=1))) for k in (1.0, 0.001))
    assert torch.equal(front.with_least_side(wide, 0.001), wide)
    assert torch.equal(front.with_least_side(narrow, 0), narrow)
    raised, before = (front.band_magnitudes(mel) for mel in (front.with_least_side(narrow, 0.1), narrow))
    torch.testing.assert_close(raised[:, 0], before[:, 0])
    torch.testing.assert_close(raised[:, 1], torch.maximum(before[:, 1], 0.1 * before[:, 0]))
    assert float((raised[:, 1] > before[:, 1]).float().mean()) > 0.99
    mono = narrow[:, :1]
    assert torch.equal(front.with_least_side(mono, 0.1), mono)


def test_white_noise_at_a_usual_level_lies_about_zero() -> None:
    images = MelFrontEnd(MONO)(noise(5 * 44_100, 1))
    assert abs(float(images.mean())) < 1.5


def test_the_logarithm_can_be_undone() -> None:
    front = MelFrontEnd(MONO)
    wave = noise(44_100, 1)
    assert torch.allclose(
        front.band_magnitudes(front(2 * wave)), 2 * front.band_magnitudes(front(wave)), rtol=1e-4
    )


def test_half_precision_around_it_does_not_blur_it() -> None:
    front, wave = MelFrontEnd(MONO), noise(44_100, 1)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(front(wave), front(wave.float()))
        assert front(wave.bfloat16()).dtype == torch.float32


def test_it_has_nothing_to_store() -> None:
    assert MelFrontEnd(MINI.mel).state_dict() == {}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"stereo": "left_right"}, "choose mid_side or mono"),
        ({"hop_samples": 0}, "from 1 to its window"),
        ({"hop_samples": 4096}, "from 1 to its window"),
        ({"f_max_hz": 30_000.0}, "half the sample rate, 22050 Hz"),
        ({"f_min_hz": 20_000.0}, "must rise"),
    ],
)
def test_a_mel_that_cannot_be_is_refused(wrong: dict[str, float], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        MelConfig(**wrong)  # type: ignore[arg-type]
