"""Noise with the spectrum of a mel: what speaks before anything is learnt. Knows mels, no networks."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.models.mel import MelConfig, MelFrontEnd


class ShapedNoise(nn.Module):
    """White noise with the spectrum of a mel: the part of an ambience that needs no learning.

    The noise's STFT is multiplied by the band magnitudes spread over their bins with the transposed,
    column-normalised filter bank, and returned by the inverse STFT.
    """

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
        self.register_buffer(
            "spread", (overlap * edge / (bank.sum(0) * rayleigh)).T.contiguous(), persistent=False
        )
        self.register_buffer("window", window, persistent=False)

    def forward(self, mel: Tensor, white: Tensor) -> Tensor:
        """Normalised log mel (n, t, m), white noise (n, t * hop_samples) -> shaped wave, just as long."""
        config = self.config
        # Frame k of the front end is centred at (k + 1/2) hops and torch.stft centres at whole hops:
        # padding by whole hops and a half makes the two grids one.
        lead = config.n_fft // config.hop_samples + 1
        pad = lead * config.hop_samples - config.hop_samples // 2
        spectrum = torch.stft(
            F.pad(white, (pad, pad)),
            config.n_fft,
            config.hop_samples,
            window=self.window,
            return_complex=True,
        )
        gain = F.pad(self.gain(mel).transpose(1, 2), (lead, lead), mode="replicate")
        wave = torch.istft(spectrum * gain, config.n_fft, config.hop_samples, window=self.window)
        return wave[:, pad : pad + white.shape[-1]]

    def gain(self, mel: Tensor) -> Tensor:
        """Normalised log mel (n, t, m) -> what each bin of white noise is multiplied by, (n, t, bins)."""
        return self.front.band_magnitudes(mel) @ self.spread
