"""Another model's latents, for a VAE that is to have the same: its mel may be another, its grid may not.

Knows the front ends of two models; refuses to know losses.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from engine.errors import UsageError
from engine.models.latents import Autoencoder
from engine.models.mel import MelFrontEnd
from engine.models.store import Model, load


class Pattern:
    """Mel and VAE of the model in `folder`; the VAE of `model` takes its mean and deviation of the latents.

    Raises UsageError where the two cut sound into latents of different sizes, EngineError for a folder that
    holds no model.
    """

    def __init__(self, folder: Path, model: Model, device: torch.device) -> None:
        other = load(folder, ("mel", "vae"))
        theirs, ours = _grid(other.mel, other.vae), _grid(model.mel, model.vae)
        if theirs != ours:
            raise UsageError(
                f"The latents of vae.like, {folder}, are {_told(theirs)}, and those of the VAE to be trained "
                f"{_told(ours)}: only a VAE of the same grid can have the same latents."
            )
        self._mel, self._vae = other.mel.to(device), other.vae.to(device)
        model.vae.latent_mean.copy_(other.vae.latent_mean)
        model.vae.latent_std.copy_(other.vae.latent_std)

    @torch.no_grad()
    def raw(self, wave: Tensor) -> Tensor:
        """(b, c, n) -> the posterior's means (b, z, t', m')."""
        mel, patch = self._mel(wave), self._vae.frames_per_latent
        return self._vae.posterior(mel[:, :, : mel.shape[2] // patch * patch])[0].float()

    def latents(self, wave: Tensor) -> Tensor:
        """The same, normalised."""
        return self._vae.normalize(self.raw(wave))


def _grid(mel: MelFrontEnd, vae: Autoencoder) -> tuple[int, int, int, int]:
    """Channels, samples, bands and sample rate of latents."""
    config, patch = mel.config, vae.frames_per_latent
    return vae.config.latent_channels, patch * config.hop_samples, config.n_mels // patch, config.sample_rate


def _told(grid: tuple[int, int, int, int]) -> str:
    channels, samples, bands, rate = grid
    return f"{channels} channels of {bands} bands every {samples} samples at {rate} Hz"
