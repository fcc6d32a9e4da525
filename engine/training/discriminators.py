"""Discriminators, needed in training only: one for mel images, one for spectra of waves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

SLOPE = 0.2


class PatchDiscriminator(nn.Module):
    """PatchGAN (Isola et al. 2017): images (b, c, t, m) -> scores (b, 1, t', m'), features on the way."""

    def __init__(self, channels: int, width: int = 32, stages: int = 3) -> None:
        super().__init__()
        widths = [channels] + [min(width * 2**k, 256) for k in range(stages)]
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv2d(a, b, 4, stride=2, padding=1)) for a, b in pairwise(widths)
        )
        self.score = weight_norm(nn.Conv2d(widths[-1], 1, 3, padding=1))

    def forward(self, image: Tensor) -> tuple[Tensor, list[Tensor]]:
        features = []
        for layer in self.layers:
            image = F.leaky_relu(layer(image), SLOPE)
            features.append(image)
        return self.score(image), features


class SpectrumDiscriminator(nn.Module):
    """One resolution of UnivNet's discriminator (Jang et al. 2021), fed with the complex STFT.

    Real and imaginary part are compressed by the square root of the magnitude, so that quiet bins count.
    """

    window: Tensor

    def __init__(self, n_fft: int, width: int = 24) -> None:
        super().__init__()
        self.n_fft = n_fft
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        shapes = [((3, 9), (1, 2)), ((3, 9), (1, 2)), ((3, 9), (1, 2)), ((3, 3), (1, 1))]
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv2d(2 if k == 0 else width, width, size, stride, (size[0] // 2, size[1] // 2)))
            for k, (size, stride) in enumerate(shapes)
        )
        self.score = weight_norm(nn.Conv2d(width, 1, 3, padding=1))

    def forward(self, wave: Tensor) -> tuple[Tensor, list[Tensor]]:
        """wave (n, samples) -> scores (n, 1, t, f) and features."""
        with torch.autocast(wave.device.type, enabled=False):
            spectrum = torch.stft(
                wave.float(), self.n_fft, self.n_fft // 4, window=self.window, return_complex=True
            )
            magnitude = spectrum.abs().clamp(min=1e-5)
            x = torch.view_as_real(spectrum / magnitude.sqrt()).permute(0, 3, 2, 1)
        features = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), SLOPE)
            features.append(x)
        return self.score(x), features


class WaveDiscriminators(nn.Module):
    """Several resolutions side by side: (n, samples) -> list of scores, list of features."""

    def __init__(self, sizes: Sequence[int] = (256, 1024, 2048), width: int = 24) -> None:
        super().__init__()
        self.parts = nn.ModuleList(SpectrumDiscriminator(size, width) for size in sizes)

    def forward(self, wave: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        answers = [part(wave) for part in self.parts]
        return [score for score, _ in answers], [feature for _, features in answers for feature in features]
