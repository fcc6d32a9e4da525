"""The denoiser: diffusers' UNet over latents, steered by one CLAP vector through its time embedding (FiLM).

Knows latents, times and vectors; refuses to know text, sound and sampling.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor, nn

from engine.errors import UsageError

NORM_GROUPS = 32  # of UNet2DConditionModel


@dataclass(frozen=True)
class DenoiserConfig:
    """`attention` says for each level whether it holds transformer blocks; `heads` are counts, not widths.

    `film` scales and shifts the group norms with time and condition; without it they are only added, as in
    AudioLDM. `unit_condition` brings the CLAP vector to length sqrt(condition_dim), so that text and audio
    vectors of different lengths steer alike.
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
    """UNet of latent diffusion; class-conditioned as in AudioLDM (Liu et al. 2023, section 3.2)."""

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
