"""Changes of a log mel spectrum that leave it the same sound: tilt, and stripes of time and frequency left
out.

Stripes as in SpecAugment (Park et al., arXiv 1904.08779). It knows no network.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class SpectrumConfig:
    """`tilt_db` at both ends of the spectrum; stripes per clip and their largest width as a share of the
    axis.
    """

    tilt_db: float = 6.0
    time_stripes: int = 2
    time_width: float = 0.12
    mel_stripes: int = 1
    mel_width: float = 0.12


def varied_spectrum(log_mel: Tensor, config: SpectrumConfig, generator: torch.Generator) -> Tensor:
    """(b, t, m) in dB -> the same shape; a stripe is filled with the clip's mean."""
    clips, times, mels = log_mel.shape
    slope = (torch.rand(clips, 1, 1, generator=generator, device=log_mel.device) * 2 - 1) * config.tilt_db
    log_mel = log_mel + slope * torch.linspace(-1, 1, mels, device=log_mel.device)
    hidden = _stripes(clips, times, config.time_stripes, config.time_width, generator)[:, :, None]
    hidden = hidden | _stripes(clips, mels, config.mel_stripes, config.mel_width, generator)[:, None, :]
    return torch.where(hidden, log_mel.mean((1, 2), keepdim=True), log_mel)


def _stripes(clips: int, length: int, count: int, width: float, generator: torch.Generator) -> Tensor:
    """(clips, length) of bool, True inside one of `count` stripes."""
    place = torch.arange(length, device=generator.device)[None, None]
    draws = torch.rand(2, clips, count, 1, generator=generator, device=generator.device)
    widths = draws[0] * width * length
    starts = draws[1] * (length - widths)
    return ((place >= starts) & (place < starts + widths)).any(1)
