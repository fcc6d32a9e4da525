"""The audio tower: mel, windows, weights."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from engine.errors import UsageError
from engine.models.audio_encoder import AudioEncoder, AudioEncoderConfig
from engine.models.sizes import FULL, MINI, TINY

CONFIG = TINY.audio_encoder


@pytest.fixture
def tower() -> AudioEncoder:
    torch.manual_seed(0)
    return AudioEncoder(CONFIG).eval()


def noise(samples: int) -> torch.Tensor:
    return torch.randn(2, samples, generator=torch.Generator().manual_seed(1)) * 0.1


@pytest.mark.parametrize("samples", [0, 1, 100, CONFIG.window_samples, 3 * CONFIG.window_samples + 17])
def test_a_sound_of_any_length_has_a_vector(tower: AudioEncoder, samples: int) -> None:
    vectors = tower(noise(samples))
    assert vectors.shape == (2, CONFIG.clap_width)
    assert vectors.isfinite().all()


def test_a_short_sound_is_heard_again_and_again(tower: AudioEncoder) -> None:
    short = noise(CONFIG.window_samples // 2)
    torch.testing.assert_close(tower(short), tower(short.repeat(1, 2)))


def test_a_long_sound_is_the_mean_of_its_windows(tower: AudioEncoder) -> None:
    first, second = noise(CONFIG.window_samples), noise(CONFIG.window_samples).flip(0)
    long = torch.cat([first, second], dim=1)
    torch.testing.assert_close(tower(long), (tower(first) + tower(second)) / 2)


def test_a_tone_ten_times_louder_is_twenty_decibels_up(tower: AudioEncoder) -> None:
    tone = torch.sin(torch.arange(4000) * (2 * math.pi * 1000 / CONFIG.sample_rate))[None] * 0.05
    quiet, loud = tower.log_mel(tone), tower.log_mel(tone * 10)
    peak = quiet[0, 30].argmax()
    assert abs(float(loud[0, 30, peak] - quiet[0, 30, peak]) - 20) < 1e-3


def test_what_the_config_determines_is_not_among_the_weights(tower: AudioEncoder) -> None:
    kept = set(tower.state_dict()) - {name for name, _ in tower.named_parameters()}
    assert {name.rsplit(".", 1)[1] for name in kept} == {"running_mean", "running_var", "num_batches_tracked"}
    with_filters = AudioEncoder(replace(CONFIG, filters_in_weights=True)).state_dict()
    assert "mel.mel_scale.fb" in with_filters


def test_weights_that_are_saved_and_loaded_give_the_same_vector(tower: AudioEncoder) -> None:
    other = AudioEncoder(CONFIG).eval()
    other.load_state_dict(tower.state_dict())
    assert torch.equal(other(noise(5000)), tower(noise(5000)))


def test_a_window_larger_than_the_picture_is_refused() -> None:
    with pytest.raises(UsageError, match="frames"):
        AudioEncoderConfig(window_seconds=60.0)
    with pytest.raises(UsageError, match="attention window"):
        AudioEncoderConfig(attention_window=8)


def test_the_full_tower_has_the_weights_of_htsat() -> None:
    """HTS-AT is counted as 31 M with its spectrogram and mel filters written as convolutions (1.09 M) and the
    tagging head (2.71 M), which AudioSet's classes need and a CLAP does not.
    """
    with torch.device("meta"):
        tower = AudioEncoder(FULL.audio_encoder)
    ours = sum(weight.numel() for weight in tower.htsat.parameters())
    filters = 2 * 513 * 1024 + 513 * 64
    head = 768 * 527 * 2 * 3 + 527 + 527 * 527 + 527
    assert ours == 27_534_488
    assert round((ours + filters + head) / 1e6) == 31


def test_the_small_tower_stays_small() -> None:
    with torch.device("meta"):
        tower = AudioEncoder(MINI.audio_encoder)
    assert sum(weight.numel() for weight in tower.parameters()) < 7e6
