"""The audio tower: log mel and HTS-AT (Chen et al., arXiv 2202.00874), projected into the CLAP space.

The mel here is the tower's own, coarser than the one sound is made from. It knows no text and no files.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchaudio.transforms import MelSpectrogram
from transformers import ClapAudioConfig, ClapAudioModel

from engine.errors import UsageError
from engine.models.clap import Projection

_PATCH = 4  # dots of the picture on each side of a patch


@dataclass(frozen=True)
class AudioEncoderConfig:
    """The mel, the HTS-AT and the window it hears at once; the defaults are the shipped model.

    `mel_rate` is the rate the filters are made for: CLAP 2023 made them for 32 kHz and feeds 44.1 kHz.
    """

    sample_rate: int = 44100
    mel_rate: int = 44100
    window_seconds: float = 5.9
    n_fft: int = 2048
    hop_samples: int = 1024
    mels: int = 64
    low_hz: float = 50.0
    high_hz: float = 14000.0
    spec_size: int = 128
    patch_width: int = 48
    depths: tuple[int, ...] = (2, 2, 4, 1)
    heads: tuple[int, ...] = (2, 4, 8, 16)
    attention_window: int = 4
    dropout: float = 0.1
    clap_width: int = 512
    projection_dropout: float = 0.1
    filters_in_weights: bool = False

    def __post_init__(self) -> None:
        frames = 1 + self.window_samples // self.hop_samples
        if frames > self.spec_size**2 // self.mels:
            raise UsageError(
                f"The audio tower's window of {self.window_seconds:g} s is {frames} frames, more than the "
                f"{self.spec_size**2 // self.mels} that its picture of {self.spec_size} dots squared holds."
            )

        smallest = self.spec_size // _PATCH // 2 ** (len(self.depths) - 1)
        if self.attention_window > smallest or len(self.depths) != len(self.heads):
            raise UsageError(
                f"The audio tower's attention window of {self.attention_window} patches is larger than the "
                f"picture of its last stage, {smallest}, or depths and heads differ in length."
            )

    @property
    def width(self) -> int:
        """Channels of the last stage."""
        return int(self.patch_width * 2 ** (len(self.depths) - 1))

    @property
    def window_samples(self) -> int:
        return round(self.window_seconds * self.sample_rate)


class AudioEncoder(nn.Module):
    """Sound -> a vector beside those of the sentences that describe it."""

    def __init__(self, config: AudioEncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.mel = _mel(config)
        self.htsat = ClapAudioModel(_htsat_config(config))
        self.projection = Projection(config.width, config.clap_width, config.projection_dropout)
        _keep_out_of_weights(self, () if config.filters_in_weights else ("fb",))

    def forward(self, wave: Tensor) -> Tensor:
        """(b, n) mono in [-1, 1] at `sample_rate` -> (b, clap_width), not of length 1. A sound shorter than
        the window is tiled; a longer one is heard in evenly spaced windows whose vectors are averaged.
        """
        windows = self._windows(wave)
        count, batch = windows.shape[:2]
        vectors = self.projection(self.pooled(windows.flatten(0, 1)))
        mean: Tensor = vectors.unflatten(0, (count, batch)).mean(0)
        return mean

    def pooled(self, wave: Tensor) -> Tensor:
        """(b, at most window_samples) -> (b, width): HTS-AT's mean over time and frequency."""
        vectors: Tensor = self.heard(self.log_mel(wave))
        return vectors

    def heard(self, log_mel: Tensor) -> Tensor:
        """(b, t, mels) in dB, t at most spec_size^2 / mels -> (b, width)."""
        pooled: Tensor = self.htsat(input_features=log_mel[:, None], is_longer=None).pooler_output
        return pooled

    def log_mel(self, wave: Tensor) -> Tensor:
        """(b, n) -> (b, 1 + n // hop_samples, mels) in dB: 10 log10(max(power, 1e-10)). Always in float32."""
        with torch.autocast(wave.device.type, enabled=False):
            power: Tensor = self.mel(wave.float())
            return 10 * power.clamp_min(1e-10).log10().transpose(1, 2)

    def _windows(self, wave: Tensor) -> Tensor:
        """(b, n) -> (windows, b, window_samples)."""
        length = self.config.window_samples
        if wave.shape[-1] < length:
            repeats = math.ceil(length / max(1, wave.shape[-1]))
            wave = wave.repeat(1, repeats) if wave.shape[-1] else functional.pad(wave, (0, length))
            return wave[None, :, :length]
        count = round(wave.shape[-1] / length)
        starts = [index * (wave.shape[-1] - length) // max(1, count - 1) for index in range(count)]
        return torch.stack([wave[:, start : start + length] for start in starts])


def _mel(config: AudioEncoderConfig) -> MelSpectrogram:
    with torch.device("cpu"):  # the filters are computed from numbers, which the meta device has none of
        return MelSpectrogram(
            config.mel_rate,
            n_fft=config.n_fft,
            hop_length=config.hop_samples,
            f_min=config.low_hz,
            f_max=config.high_hz,
            n_mels=config.mels,
            power=2.0,
            norm="slaney",
            mel_scale="slaney",
        )


def _htsat_config(config: AudioEncoderConfig) -> ClapAudioConfig:
    return ClapAudioConfig(
        num_mel_bins=config.mels,
        spec_size=config.spec_size,
        hidden_size=config.width,
        patch_embeds_hidden_size=config.patch_width,
        depths=list(config.depths),
        num_attention_heads=list(config.heads),
        window_size=config.attention_window,
        num_hidden_layers=len(config.depths),
        hidden_dropout_prob=config.dropout,
        enable_fusion=False,
    )


def _keep_out_of_weights(module: nn.Module, names: tuple[str, ...]) -> None:
    """Leave what the config alone determines out of state_dict: windows, filters, attention positions."""
    for part in module.modules():
        for name in ("window", "relative_position_index", "attn_mask", *names):
            if name in part._buffers:
                part._non_persistent_buffers_set.add(name)
