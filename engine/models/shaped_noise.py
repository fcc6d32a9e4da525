"""Noise with the spectrum of a mel: what speaks before anything is learnt. Knows mels, no networks."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.models.mel import MelConfig, MelFrontEnd

LARGEST_NEPERS = 2.3
"""20 dB: what is missing altogether cannot be raised."""


class ShapedNoise(nn.Module):
    """White noise with the spectrum of a mel: the part of an ambience that needs no learning.

    The noise's STFT is multiplied by the band magnitudes spread over their bins with the transposed,
    column-normalised filter bank, and returned by the inverse STFT.
    """

    overlap: Tensor
    spread: Tensor
    window: Tensor

    def __init__(self, config: MelConfig) -> None:
        super().__init__()
        self.config = config
        self.front = MelFrontEnd(config)
        bank = self.front.spectrogram.mel_scale.fb  # (bins, m)
        window = torch.hann_window(config.n_fft, device="cpu")
        # E|STFT| of unit white noise is sqrt(pi/4 * sum(window^2)), a band's magnitude that times its area.
        rayleigh = (torch.pi / 4 * window.square().sum()).sqrt()
        overlap = bank / bank.sum(1, keepdim=True).clamp(min=1e-8)
        edge = (bank.sum(1, keepdim=True) > 0).float()
        self.register_buffer("overlap", overlap.T.contiguous(), persistent=False)
        self.register_buffer(
            "spread", (overlap * edge / (bank.sum(0) * rayleigh)).T.contiguous(), persistent=False
        )
        self.register_buffer("window", window, persistent=False)
        self.white = float((bank.sum(0) * rayleigh).mean())

    def forward(self, mel: Tensor, white: Tensor) -> Tensor:
        """Normalised log mel (n, t, m), white noise (n, t * hop_samples) -> shaped wave, just as long."""
        gain = self._on_grid(self.front.band_magnitudes(mel)) @ self.spread
        return self._wave(_raised(self._spectrum(white), gain), white.shape[-1])

    def brought(self, wave: Tensor, mel: Tensor, heard: Callable[[Tensor], Tensor]) -> Tensor:
        """One step of the way from a wave (n, t * hop_samples) to one with the given mel (n, t, m).

        heard: what its mel lacks (n, t, m) -> as much of it as is to be mended, just as large. What is
        outside of all bands goes. Under autocast bands and bins are made of one another in its precision.
        """
        spectrum = self._spectrum(wave)
        own = self.front.of_magnitudes(spectrum[:, :, self._lead : -self._lead].abs())
        missing = heard(mel - own) * self.config.scale
        gain = self._on_grid(missing.clamp(-LARGEST_NEPERS, LARGEST_NEPERS).exp()) @ self.overlap
        return self._wave(_raised(spectrum, gain), wave.shape[-1])

    @property
    def _lead(self) -> int:
        """Frames of the spectrum before the first and after the last of the front end's."""
        return self.config.n_fft // self.config.hop_samples + 1

    @property
    def _pad(self) -> int:
        """Frame k of the front end is centred at (k + 1/2) hops and torch.stft centres at whole hops: padding
        by whole hops and a half makes the two grids one.
        """
        return self._lead * self.config.hop_samples - self.config.hop_samples // 2

    def _spectrum(self, wave: Tensor) -> Tensor:
        """(n, t * hop_samples) -> complex (n, bins, t + 2 * lead), mirrored at both ends."""
        config, pad = self.config, self._pad
        padded = F.pad(wave, (pad, pad), mode="reflect" if wave.shape[-1] > pad else "constant")
        return torch.stft(padded, config.n_fft, config.hop_samples, window=self.window, return_complex=True)

    def _on_grid(self, bands: Tensor) -> Tensor:
        """(n, t, m) -> (n, t + 2 * lead, m): the first and the last go on."""
        return F.pad(bands.transpose(1, 2), (self._lead, self._lead), mode="replicate").transpose(1, 2)

    def _wave(self, spectrum: Tensor, samples: int) -> Tensor:
        """The way back to (n, samples)."""
        config = self.config
        wave = torch.istft(spectrum, config.n_fft, config.hop_samples, window=self.window)
        return wave[:, self._pad : self._pad + samples]

    def amplitude(self, mel: Tensor) -> Tensor:
        """Normalised log mel (n, t, m) -> (n, t): how loud the noise is to become, 1 where it stays white."""
        return self.front.band_magnitudes(mel).mean(-1) / self.white


def _raised(spectrum: Tensor, gain: Tensor) -> Tensor:
    """The spectrum (n, bins, t), complex and overwritten, times gains (n, t, bins)."""
    torch.view_as_real(spectrum).mul_(gain.transpose(1, 2)[..., None])
    return spectrum
