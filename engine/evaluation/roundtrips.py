"""Real clips through a part of the model and back: how much of a loss is the vocoder's, how much the VAE's.

Knows networks and waves; refuses to know where clips come from.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from engine.audio import resample
from engine.models.store import Model
from engine.sources import stretch_of
from engine.speaking import spoken
from engine.training.decode import to_channels
from engine.training.losses import MultiResolutionMel

Samples = NDArray[np.float32]


class RoundTrips:
    """Of one model, on one device, in float32. `seed` gives the vocoder its noise."""

    def __init__(self, model: Model, device: torch.device) -> None:
        self.model, self.device = model, device
        self._distance = MultiResolutionMel(self.rate).to(device)

    @property
    def rate(self) -> int:
        """The sample rate of the model in Hz."""
        return self.model.mel.config.sample_rate

    def vocoder(self, wave: Samples, rate: int, seed: int) -> tuple[Samples, float]:
        """(samples, channels) -> what the vocoder makes of its mel, at the model's rate, and its distance."""
        return self._trip(wave, rate, seed, through_vae=False)

    def vae(self, wave: Samples, rate: int, seed: int) -> tuple[Samples, float]:
        """The same through the latents as well. The distance: multi-resolution log mel, L1 in nepers."""
        return self._trip(wave, rate, seed, through_vae=True)

    @torch.inference_mode()
    def _trip(self, wave: Samples, rate: int, seed: int, through_vae: bool) -> tuple[Samples, float]:
        """Just as long as the wave: beyond its end, up to whole latents, it is mirrored and then cut off."""
        own = resample(to_channels(wave, self.model.mel.config.channels), rate, self.rate)
        per_latent = self.model.vae.frames_per_latent * self.model.mel.config.hop_samples
        heard = stretch_of(own, 0, -(-len(own) // per_latent) * per_latent, loop=False)
        target = torch.from_numpy(np.ascontiguousarray(heard.T))[None].to(self.device)
        mel = self.model.mel(target)
        if through_vae:
            mel = self.model.vae.decode(self.model.vae.encode(mel)).float()
        white = torch.randn(target.shape, generator=torch.Generator().manual_seed(seed)).to(self.device)
        again = spoken(self.model, mel, white, decoded=through_vae).float()[..., : len(own)]
        distance = float(self._distance(again, target[..., : len(own)]))
        return np.ascontiguousarray(again[0].T.cpu().numpy()), distance
