"""The mel front end: a wave becomes the normalised log-mel image that VAE and vocoder speak.

Knows sample rates and filter banks; refuses to know files, captions and diffusion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchaudio.transforms import MelSpectrogram

from engine.errors import UsageError


@dataclass(frozen=True)
class MelConfig:
    """Mel spectrogram after HiFi-GAN (Kong et al. 2020): magnitude STFT, slaney filters, natural log.

    `stereo` "mid_side" makes two images, (L+R)/2 and (L-R)/2, so that the width of an ambience survives
    although phase does not; "mono" makes one. `offset` and `scale` (nepers) bring the log mel to about
    zero mean and unit variance on the shipped model's training set.
    """

    sample_rate: int = 44100
    n_fft: int = 1024
    hop_samples: int = 256
    n_mels: int = 160
    f_min_hz: float = 30.0
    f_max_hz: float = 20000.0
    floor: float = 1e-5
    offset: float = -4.0
    scale: float = 2.5
    stereo: str = "mid_side"

    def __post_init__(self) -> None:
        if self.stereo not in ("mid_side", "mono"):
            raise UsageError(f"The mel's stereo is '{self.stereo}'; choose mid_side or mono.")
        if not 0 < self.hop_samples <= self.n_fft:
            raise UsageError(
                f"The mel's hop of {self.hop_samples} samples must be from 1 to its window, {self.n_fft}."
            )
        if not 0 <= self.f_min_hz < self.f_max_hz <= self.sample_rate / 2:
            raise UsageError(
                f"The mel's bands go from {self.f_min_hz:g} to {self.f_max_hz:g} Hz, but must rise and end "
                f"at half the sample rate, {self.sample_rate / 2:g} Hz, at the latest."
            )

    @property
    def channels(self) -> int:
        """Channels of the wave and images of the mel alike."""
        return 2 if self.stereo == "mid_side" else 1


def to_mid_side(wave: Tensor) -> Tensor:
    """(..., 2, n) left/right -> (..., 2, n) mid/side; other channel counts pass unchanged."""
    if wave.shape[-2] != 2:
        return wave
    left, right = wave.unbind(-2)
    return torch.stack([(left + right) / 2, (left - right) / 2], dim=-2)


def from_mid_side(wave: Tensor) -> Tensor:
    """(..., 2, n) mid/side -> (..., 2, n) left/right; other channel counts pass unchanged."""
    if wave.shape[-2] != 2:
        return wave
    mid, side = wave.unbind(-2)
    return torch.stack([mid + side, mid - side], dim=-2)


class MelFrontEnd(nn.Module):
    """wave (b, c, n) in [-1, 1], left/right -> normalised log mel (b, c, n // hop_samples, n_mels)."""

    def __init__(self, config: MelConfig) -> None:
        super().__init__()
        self.config = config
        with torch.device("cpu"):  # filters are computed from numbers, which the meta device has none of
            self.spectrogram = MelSpectrogram(
                sample_rate=config.sample_rate,
                n_fft=config.n_fft,
                hop_length=config.hop_samples,
                f_min=config.f_min_hz,
                f_max=config.f_max_hz,
                n_mels=config.n_mels,
                power=1.0,
                center=False,
                norm="slaney",
                mel_scale="slaney",
            )
        # Filters and window follow from the config: they have no place in a weight file.
        for module in self.spectrogram.modules():
            module._non_persistent_buffers_set.update(module._buffers)

    def forward(self, wave: Tensor) -> Tensor:
        config = self.config
        edge = config.n_fft - config.hop_samples
        samples = wave.shape[-1] // config.hop_samples * config.hop_samples
        with torch.autocast(wave.device.type, enabled=False):
            signal = to_mid_side(wave[..., :samples].float()).flatten(0, 1)
            mode = "reflect" if samples > edge else "constant"
            padded = F.pad(signal[:, None], (edge // 2, edge - edge // 2), mode=mode)[:, 0]
            images: Tensor = self._normalised(self.spectrogram(padded)).unflatten(0, wave.shape[:2])
        return images

    def of_magnitudes(self, magnitudes: Tensor) -> Tensor:
        """STFT magnitudes (n, bins, t) on this front end's grid -> normalised log mel (n, t, m)."""
        return self._normalised(self.spectrogram.mel_scale(magnitudes))

    def band_magnitudes(self, mel: Tensor) -> Tensor:
        """Normalised log mel (b, c, t, m) -> linear band magnitudes of the same shape."""
        return (mel.float() * self.config.scale + self.config.offset).exp()

    def with_least_side(self, mel: Tensor, ratio: float) -> Tensor:
        """Normalised log mel (b, c, t, m), no band of its side below `ratio` of the mid's; 0: as it is."""
        if ratio == 0 or mel.shape[1] != 2:
            return mel
        mid, side = mel.unbind(1)
        return torch.stack([mid, torch.maximum(side, mid + math.log(ratio) / self.config.scale)], dim=1)

    def _normalised(self, bands: Tensor) -> Tensor:
        """Linear (n, m, t) -> log, (n, t, m)."""
        mel = bands.float().clamp(min=self.config.floor).log()
        return ((mel - self.config.offset) / self.config.scale).transpose(1, 2)
