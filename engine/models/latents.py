"""The VAE: mel images to compact latents and back, diffusers' AutoencoderKL behind a space-to-depth fold.

Knows images and latents; refuses to know waves, prompts and noise schedules.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import Tensor, nn

from engine.errors import UsageError

FIRST_LOGVAR = -5.0
"""Log variance of latents of RMS 1 before training: precise enough to say what was measured."""


@dataclass(frozen=True)
class AutoencoderConfig:
    """`fold` is the side of the space-to-depth square in front of the network (1: none).

    Folding makes a training step many times faster than convolutions at full mel resolution.
    `linear_shortcut` adds a linear patch code around encoder and decoder (after the residual shortcuts of
    DC-AE, Chen et al. 2024): see `Autoencoder.fit_shortcut`.
    """

    mel_channels: int = 2
    fold: int = 8
    block_channels: tuple[int, ...] = (96, 160)
    layers_per_block: int = 1
    latent_channels: int = 16
    norm_groups: int = 32
    mid_attention: bool = False
    linear_shortcut: bool = True

    def __post_init__(self) -> None:
        if not self.block_channels or any(width % self.norm_groups for width in self.block_channels):
            raise UsageError(
                f"The VAE's block_channels {list(self.block_channels)} must be multiples of its norm_groups, "
                f"{self.norm_groups}."
            )


class Autoencoder(nn.Module):
    """KL-regularised autoencoder of mel images (Rombach et al. 2022, section 3.1).

    Latents outside this class are normalised per channel with the measured `latent_mean` and `latent_std`
    (the scale factor of latent diffusion, one number a channel), so that diffusion sees unit variance.
    """

    latent_mean: Tensor
    latent_std: Tensor

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        stages = len(config.block_channels)
        self.kl = AutoencoderKL(
            in_channels=config.mel_channels * config.fold**2,
            out_channels=config.mel_channels * config.fold**2,
            down_block_types=("DownEncoderBlock2D",) * stages,
            up_block_types=("UpDecoderBlock2D",) * stages,
            block_out_channels=config.block_channels,
            layers_per_block=config.layers_per_block,
            latent_channels=config.latent_channels,
            norm_num_groups=config.norm_groups,
            mid_block_add_attention=config.mid_attention,
        )
        if config.linear_shortcut:
            patch, latent = self.frames_per_latent, config.latent_channels
            self.analysis = nn.Conv2d(config.mel_channels, latent, patch, stride=patch, bias=False)
            self.synthesis = nn.ConvTranspose2d(latent, config.mel_channels, patch, stride=patch, bias=False)
        self.register_buffer("latent_mean", torch.zeros(config.latent_channels, 1, 1))
        self.register_buffer("latent_std", torch.ones(config.latent_channels, 1, 1))

    @property
    def frames_per_latent(self) -> int:
        """Mel frames (and mel bands) behind one latent frame (and band)."""
        return int(self.config.fold * 2 ** (len(self.config.block_channels) - 1))

    @property
    def context_latents(self) -> int:
        """Latent frames on each side that the decoder's convolutions hear; its group norms hear all."""
        resnets = 2.0 * (self.config.layers_per_block + 1)
        reach, step = 1.0 + 4.0, 1.0  # conv_in, the two resnets in the middle
        for _ in self.config.block_channels[1:]:
            reach += resnets * step + step / 2  # a level and the convolution behind its upsampling
            step /= 2
        return math.ceil(reach + resnets * step + step)

    def posterior(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """mel (b, c, t, m), t and m multiples of `frames_per_latent` -> mean, log variance (b, z, t', m')."""
        distribution = self.kl.encode(F.pixel_unshuffle(mel, self.config.fold)).latent_dist
        mean = distribution.mean
        if self.config.linear_shortcut:
            mean = mean + self.analysis(mel)
        return mean, distribution.logvar

    def reconstruct(self, raw: Tensor) -> Tensor:
        """Latents as the posterior gives them (b, z, t', m') -> mel (b, c, t, m)."""
        mel = F.pixel_shuffle(self.kl.decode(raw).sample, self.config.fold)
        return mel + self.synthesis(raw) if self.config.linear_shortcut else mel

    @torch.no_grad()
    def fit_shortcut(self, mel: Tensor, raw: Tensor | None = None) -> None:
        """Begin as a linear code of mel patches, to which the network adds nothing yet.

        mel (b, c, t, m), some hundred seconds of it. raw: the latents (b, z, t', m') that they are to have,
        for a code by least squares; None: principal components, of RMS 1. Training then learns what a linear
        code cannot say, instead of finding the linear code first.
        """
        patch, latent = self.frames_per_latent, self.config.latent_channels
        rows = F.unfold(mel.float(), patch, stride=patch).transpose(1, 2).flatten(0, 1).cpu()
        if raw is None:
            power, vectors = torch.linalg.eigh(rows.T @ rows / len(rows))  # not every device can
            size = power[-latent:].flip(0).clamp(min=1e-6).sqrt()[:, None]
            basis = vectors[:, -latent:].flip(1).T  # (z, c * patch * patch), the strongest first
            there, back = basis / size, basis * size
        else:
            codes = raw.float().permute(0, 2, 3, 1).flatten(0, 2).cpu()
            there = torch.linalg.lstsq(rows, codes).solution.T
            back = torch.linalg.lstsq(codes, rows).solution
        self.analysis.weight.copy_(there.reshape(self.analysis.weight.shape))
        self.synthesis.weight.copy_(back.reshape(self.synthesis.weight.shape))
        for silent in (self.kl.quant_conv, self.kl.decoder.conv_out):
            nn.init.zeros_(silent.weight)
            nn.init.zeros_(silent.bias)
        self.kl.quant_conv.bias[latent:] = FIRST_LOGVAR

    def normalize(self, raw: Tensor) -> Tensor:
        """Latents as the posterior gives them (b, z, t', m') -> of mean 0, and deviation as `measure` set it:
        1 a channel or less.
        """
        return (raw - self.latent_mean) / self.latent_std

    def encode(self, mel: Tensor) -> Tensor:
        """mel (b, c, t, m) -> normalised latents (b, z, t', m'), the posterior's mean."""
        return self.normalize(self.posterior(mel)[0].float())

    def decode(self, latents: Tensor) -> Tensor:
        """Normalised latents (b, z, t', m') -> mel (b, c, t, m)."""
        return self.reconstruct(latents * self.latent_std + self.latent_mean)

    def visible(self, mel: Tensor) -> Tensor:
        """The part of mel images, or of their difference, (b, c, t, m) that latents can say; t whole latents.

        Its projection on the patches of the linear shortcut: what is left over is speckle, which the VAE
        has never seen, and which a vocoder's noise has of itself. Without a shortcut it is all of it.
        """
        if not self.config.linear_shortcut:
            return mel
        code = self.synthesis.weight.float()
        patches = torch.linalg.svd(code.flatten(1).cpu(), full_matrices=False)[2].to(mel.device).view_as(code)
        sides = (-1, self.frames_per_latent)
        cells = mel.float().unflatten(3, sides).unflatten(2, sides)
        said = torch.einsum("bctimj,zcij->btmz", cells, patches)
        return torch.einsum("btmz,zcij->bctimj", said, patches).flatten(4).flatten(2, 3)

    @torch.no_grad()
    def influence(self, latents: Tensor) -> Tensor:
        """(z,): how far the mel moves, RMS, as one channel of normalised latents (b, z, t, m) moves by 1."""
        mel = self.decode(latents)
        moved = []
        for channel in range(latents.shape[1]):
            shifted = latents.clone()
            shifted[:, channel] += 1.0
            moved.append((self.decode(shifted) - mel).square().mean().sqrt())
        return torch.stack(moved)

    @torch.no_grad()
    def measure(self, raw: Tensor, relief: float = 0.0) -> None:
        """Set mean and standard deviation a channel from posterior means (b, z, t', m').

        With `relief` channels of little influence on the mel become small: their deviation is the influence,
        relative to the largest, to that power. Diffusion then settles what is loud before what is fine.
        """
        per_channel = raw.float().transpose(0, 1).flatten(1)
        self.latent_mean.copy_(per_channel.mean(1).view_as(self.latent_mean))
        self.latent_std.copy_(per_channel.std(1).clamp(min=1e-3).view_as(self.latent_std))
        if relief:
            influence = self.influence(self.normalize(raw[:8].float()))
            self.latent_std /= ((influence / influence.max()) ** relief).view_as(self.latent_std)
