"""The sizes of the engine: for each the config of every part. Knows numbers; refuses to know weights.

`full` has exactly the proportions of the refined AudioLDM, `mini` was found by timing on two CPU cores
(docs/model.md), `tiny` is for tests: the same parts, next to no width.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.diffusion.schedule import ProcessConfig
from engine.models.audio_encoder import AudioEncoderConfig
from engine.models.denoiser import DenoiserConfig
from engine.models.latents import AutoencoderConfig
from engine.models.mel import MelConfig
from engine.models.text import TextEncoderConfig
from engine.models.vocoder import HifiGanConfig, IstftHifiGanConfig


@dataclass(frozen=True)
class Size:
    """The configs of a whole model. Defaults are the shipped model, `mini`."""

    mel: MelConfig = field(default_factory=MelConfig)
    vae: AutoencoderConfig = field(default_factory=AutoencoderConfig)
    unet: DenoiserConfig = field(default_factory=DenoiserConfig)
    text_encoder: TextEncoderConfig = field(default_factory=TextEncoderConfig)
    audio_encoder: AudioEncoderConfig = field(default_factory=AudioEncoderConfig)
    vocoder: HifiGanConfig | IstftHifiGanConfig = field(default_factory=IstftHifiGanConfig)
    scheduler: ProcessConfig = field(default_factory=lambda: ProcessConfig(guidance_rise=1.0))
    window_seconds: float = 10.0
    default_steps: int = 3
    default_guidance: float = 3.5
    draft_guidance: float | None = 5.0
    default_sampler: str = "dpmpp_2m"


MINI = Size()

FULL = Size(
    mel=MelConfig(
        sample_rate=16000,
        n_fft=1024,
        hop_samples=160,
        n_mels=64,
        f_min_hz=0.0,
        f_max_hz=8000.0,
        offset=0.0,
        scale=1.0,
        stereo="mono",
    ),
    vae=AutoencoderConfig(
        mel_channels=1,
        fold=1,
        block_channels=(128, 256, 512),
        layers_per_block=2,
        latent_channels=8,
        mid_attention=True,
        linear_shortcut=False,
    ),
    unet=DenoiserConfig(
        latent_channels=8,
        block_channels=(128, 256, 384, 640),
        layers_per_block=2,
        attention=(False, True, True, True),
        heads=(4, 8, 12, 20),
        condition_dim=1024,
        film=False,
        concat_condition=True,
        unit_condition=False,
    ),
    text_encoder=TextEncoderConfig(
        width=768,
        layers=12,
        heads=12,
        positions=1024,
        vocabulary=50257,
        clap_width=1024,
        padding="!",
        plain=False,
    ),
    audio_encoder=AudioEncoderConfig(
        sample_rate=44100,
        mel_rate=32000,
        window_seconds=7.0,
        n_fft=1024,
        hop_samples=320,
        mels=64,
        spec_size=256,
        patch_width=96,
        depths=(2, 2, 6, 2),
        heads=(4, 8, 16, 32),
        attention_window=8,
        clap_width=1024,
        filters_in_weights=True,
    ),
    vocoder=HifiGanConfig(),
    scheduler=ProcessConfig(parametrisation="epsilon", schedule="scaled_linear"),
    window_seconds=10.24,
    default_steps=50,
    default_guidance=3.5,
    draft_guidance=None,
    default_sampler="ddim",
)

_TINY_MEL = MelConfig(sample_rate=8000, n_fft=256, hop_samples=64, n_mels=16, f_min_hz=0.0, f_max_hz=4000.0)

TINY = Size(
    mel=_TINY_MEL,
    vae=AutoencoderConfig(
        fold=2, block_channels=(8, 16), layers_per_block=1, latent_channels=4, norm_groups=4
    ),
    unet=DenoiserConfig(
        latent_channels=4,
        block_channels=(32, 64),
        layers_per_block=1,
        attention=(False, True),
        heads=(1, 2),
        condition_dim=32,
    ),
    text_encoder=TextEncoderConfig(width=32, layers=1, heads=2, positions=32, vocabulary=300, clap_width=32),
    audio_encoder=AudioEncoderConfig(
        sample_rate=8000,
        mel_rate=8000,
        window_seconds=0.95,
        n_fft=256,
        hop_samples=64,
        mels=32,
        high_hz=4000.0,
        spec_size=64,
        patch_width=8,
        depths=(1, 1, 1, 1),
        heads=(1, 1, 1, 1),
        attention_window=2,
        clap_width=32,
    ),
    vocoder=IstftHifiGanConfig(
        mel=_TINY_MEL, channels=16, upsample_rates=(4, 4), resblock_kernels=(3,), head_n_fft=16
    ),
    window_seconds=2.0,
    default_steps=4,
)

SIZES = {"mini": MINI, "full": FULL, "tiny": TINY}
