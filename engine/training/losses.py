"""Losses of VAE and vocoder. Functions of tensors; they refuse to know networks and steps."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.models.mel import MelConfig, MelFrontEnd


def kl_divergence(mean: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mean, exp(logvar)) || N(0, 1)) a latent number (Kingma and Welling 2014, appendix B)."""
    return 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()


def energy_loss(mel: Tensor, target: Tensor, sizes: Sequence[int] = (2, 4, 8)) -> Tensor:
    """L1 of locally averaged images (b, c, t, m) at several scales.

    A texture is right when its energy is right in the neighbourhood, even where single cells differ.
    """
    parts = [F.l1_loss(F.avg_pool2d(mel, size), F.avg_pool2d(target, size)) for size in sizes]
    return torch.stack(parts).mean()


class MultiResolutionMel(nn.Module):
    """L1 distance of log mels at several window lengths, in nepers (after HiFi-GAN and DAC)."""

    def __init__(
        self, sample_rate: int, windows: Sequence[int] = (256, 512, 1024, 2048, 4096), floor: float = 1e-5
    ) -> None:
        super().__init__()
        self.fronts = nn.ModuleList(
            MelFrontEnd(
                MelConfig(
                    sample_rate=sample_rate,
                    n_fft=window,
                    hop_samples=window // 4,
                    n_mels=min(80, window // 16),
                    f_min_hz=0.0,
                    f_max_hz=sample_rate / 2,
                    floor=floor,
                    offset=0.0,
                    scale=1.0,
                )
            )
            for window in windows
        )

    def forward(self, wave: Tensor, target: Tensor) -> Tensor:
        """wave and target (b, c, n) -> scalar."""
        return torch.stack([F.l1_loss(front(wave), front(target)) for front in self.fronts]).mean()


def discriminator_loss(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """Hinge loss over all scores (Lim and Ye 2017)."""
    scores = [F.relu(1 - r).mean() + F.relu(1 + f).mean() for r, f in zip(real, fake, strict=True)]
    return torch.stack(scores).mean()


def generator_loss(fake: Sequence[Tensor]) -> Tensor:
    """What the generator pays for being recognised: minus the mean score."""
    return torch.stack([-f.mean() for f in fake]).mean()


def feature_matching(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """L1 between features of real and fake, relative to the real ones' size (Kumar et al. 2019)."""
    parts = [
        F.l1_loss(f, r.detach()) / r.detach().abs().mean().clamp(min=1e-3)
        for r, f in zip(real, fake, strict=True)
    ]
    return torch.stack(parts).mean()
