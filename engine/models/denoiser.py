"""The denoiser: diffusers' UNet over latents, steered by one CLAP vector through its time embedding (FiLM).

Knows latents, times and vectors; refuses to know text, sound and sampling.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor, nn

from engine.errors import UsageError
from engine.models.outset import Outset

NORM_GROUPS = 32  # of UNet2DConditionModel


@dataclass(frozen=True)
class DenoiserConfig:
    """`attention` says for each level whether it holds transformer blocks; `heads` are counts, not widths.

    `film` scales and shifts the group norms with time and condition; without it they are only added, as in
    AudioLDM. `unit_condition` brings the CLAP vector to length sqrt(condition_dim), so that text and audio
    vectors of different lengths steer alike. `outset_bands` are the bands m' of the latents whose outset was
    noted, from `outset_centres`; `residuals` the number of times for which a residual was; 0 where none was.
    """

    latent_channels: int = 16
    block_channels: tuple[int, ...] = (96, 192, 256)
    layers_per_block: int = 1
    attention: tuple[bool, ...] = (False, False, True)
    heads: tuple[int, ...] = (3, 6, 8)
    condition_dim: int = 512
    film: bool = True
    concat_condition: bool = False
    unit_condition: bool = True
    outset_bands: int = 0
    outset_centres: int = 0
    residuals: int = 0

    def __post_init__(self) -> None:
        levels = len(self.block_channels)
        if not levels or len(self.attention) != levels or len(self.heads) != levels:
            raise UsageError(
                f"The denoiser has {levels} block_channels, {len(self.attention)} words on attention and "
                f"{len(self.heads)} heads; give each level one of each."
            )
        if any(width % NORM_GROUPS or width % heads for width, heads in zip(self.block_channels, self.heads)):
            raise UsageError(
                f"The denoiser's block_channels {list(self.block_channels)} must be multiples of "
                f"{NORM_GROUPS} and of their heads, {list(self.heads)}."
            )


class Denoiser(nn.Module):
    """UNet of latent diffusion; class-conditioned as in AudioLDM (Liu et al. 2023, section 3.2).

    Beside it stands what its training has noted of it, so that sampling need not ask: its `outset`, None
    where there is none, and its `residual`.
    """

    outset: Outset | None
    residual_table: Tensor

    def __init__(self, config: DenoiserConfig) -> None:
        super().__init__()
        self.config = config
        down = tuple("CrossAttnDownBlock2D" if has else "DownBlock2D" for has in config.attention)
        up = tuple("CrossAttnUpBlock2D" if has else "UpBlock2D" for has in reversed(config.attention))
        self.unet = UNet2DConditionModel(
            in_channels=config.latent_channels,
            out_channels=config.latent_channels,
            down_block_types=down,
            up_block_types=up,
            block_out_channels=config.block_channels,
            layers_per_block=config.layers_per_block,
            # Self-attention twice a block, as the AudioLDM checkpoints have it: no sequence is attended to.
            cross_attention_dim=list(config.block_channels),
            # diffusers calls the number of heads `attention_head_dim` here; wrong counts load silently.
            attention_head_dim=config.heads,
            class_embed_type="simple_projection",
            projection_class_embeddings_input_dim=config.condition_dim,
            class_embeddings_concat=config.concat_condition,
            resnet_time_scale_shift="scale_shift" if config.film else "default",
        )
        self.outset = None
        if config.outset_bands:
            self.outset = Outset(
                config.latent_channels, config.outset_bands, config.outset_centres, config.condition_dim
            )
        if config.residuals:
            self.register_buffer("residual_table", torch.zeros(config.residuals, config.latent_channels))

    @property
    def stride(self) -> int:
        """Latent frames to one position of the lowest level: lengths are multiples of it."""
        return int(2 ** (len(self.config.block_channels) - 1))

    def forward(self, latents: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """latents (b, z, t', m'), t (b,) in [0, 1000), condition (b, d) -> prediction like latents."""
        if self.config.unit_condition:
            condition = F.normalize(condition, dim=-1) * self.config.condition_dim**0.5
        answer: Tensor = self.unet(latents, t, encoder_hidden_states=None, class_labels=condition).sample
        return answer

    def set_outset(self, outset: Outset) -> None:
        """Take another outset."""
        bands = outset.size // self.config.latent_channels
        self.config = replace(self.config, outset_bands=bands, outset_centres=len(outset.centres))
        self.outset = outset.to(self.unet.device)

    def residual(self, t: float) -> Tensor:
        """(1, z, 1, 1): the standard deviation, in each channel, of the white noise that stands for what an
        estimate at time t leaves open; 0 at t = 0 and where nothing was noted.
        """
        count = self.config.residuals
        if not count:
            return torch.zeros(1, self.config.latent_channels, 1, 1, device=self.unet.device)
        table = F.pad(self.residual_table, (0, 0, 1, 0))
        place = min(t, 1.0) * count
        before = min(int(place), count - 1)
        return torch.lerp(table[before], table[before + 1], place - before)[None, :, None, None]

    def set_residual(self, table: Tensor) -> None:
        """Take other residuals, (k, z): of the times 1 / k, 2 / k ... 1."""
        self.config = replace(self.config, residuals=len(table))
        self.register_buffer("residual_table", table.float().to(self.unet.device))
