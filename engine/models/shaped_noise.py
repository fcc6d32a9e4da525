"""Noise with the spectrum of a mel: what speaks before anything is learnt. Knows mels, no networks."""

from __future__ import annotations

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
        return self._filtered(white, self.gain(mel))

    def brought(self, wave: Tensor, difference: Tensor) -> Tensor:
        """A wave (n, t * hop_samples), each band raised by `difference` (n, t, m) of normalised log mels.

        One step of the way from a wave to one with a given mel. What is outside of all bands goes.
        """
        gain = (difference.float() * self.config.scale).clamp(-LARGEST_NEPERS, LARGEST_NEPERS).exp()
        return self._filtered(wave, gain @ self.overlap)

    def _filtered(self, wave: Tensor, gain: Tensor) -> Tensor:
        """Each bin of the wave's STFT times its gain (n, t, bins)."""
        config = self.config
        # Frame k of the front end is centred at (k + 1/2) hops and torch.stft centres at whole hops:
        # padding by whole hops and a half makes the two grids one.
        lead = config.n_fft // config.hop_samples + 1
        pad = lead * config.hop_samples - config.hop_samples // 2
        spectrum = torch.stft(
            F.pad(wave, (pad, pad)),
            config.n_fft,
            config.hop_samples,
            window=self.window,
            return_complex=True,
        )
        gain = F.pad(gain.transpose(1, 2), (lead, lead), mode="replicate")
        filtered = torch.istft(spectrum * gain, config.n_fft, config.hop_samples, window=self.window)
        return filtered[:, pad : pad + wave.shape[-1]]

    def amplitude(self, mel: Tensor) -> Tensor:
        """Normalised log mel (n, t, m) -> (n, t): how loud the noise is to become, 1 where it stays white."""
        return self.front.band_magnitudes(mel).mean(-1) / self.white

    def gain(self, mel: Tensor) -> Tensor:
        """Normalised log mel (n, t, m) -> what each bin of white noise is multiplied by, (n, t, bins)."""
        return self.front.band_magnitudes(mel) @ self.spread
