"""The comparison with AudioLDM, with networks of next to no width."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from engine.bench.comparison import CLAP_WIDTH, audioldm, compare, guided_steps, latent_shape
from engine.configs import to_mapping
from engine.models.denoiser import Denoiser
from engine.models.sizes import FULL, MINI
from engine.models.vocoder import HifiGan, HifiGanConfig

SMALL = replace(
    FULL,
    vae=replace(FULL.vae, block_channels=(8, 16, 16), layers_per_block=1, norm_groups=4),
    unet=replace(
        FULL.unet,
        block_channels=(32, 64),
        attention=(False, True),
        heads=(1, 2),
        layers_per_block=1,
        condition_dim=16,
    ),
    vocoder=HifiGanConfig(channels=32, resblock_kernels=(3,), dilations=(1,)),
)
CPU = torch.device("cpu")


def test_the_full_size_has_the_latents_and_the_weights_of_audioldm() -> None:
    assert latent_shape(FULL, 10.24) == (8, 256, 16)
    assert latent_shape(FULL, 10.0) == (8, 256, 16)
    assert latent_shape(FULL, 10.25) == (8, 264, 16)


def test_the_comparison_times_a_guided_step_and_a_whole_render() -> None:
    said: list[str] = []
    figures = compare("small", SMALL, seconds=0.5, steps=3, device="cpu", repeats=1, say=said.append)
    assert len(said) == 2
    assert "float32" in figures.guided_step_s
    assert all(seconds > 0 for seconds in figures.guided_step_s.values())
    assert 0 < figures.pipeline_steps_s < figures.pipeline_s
    assert figures.real_time_factor == figures.pipeline_s / 0.5
    assert figures.unet_parameters == sum(weights.numel() for weights in Denoiser(SMALL.unet).parameters())
    assert to_mapping(figures)["pipeline_steps"] == 3


def test_a_step_in_half_precision_is_timed_only_where_the_device_does_it_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for has, expected in ((True, ["float32", "bfloat16"]), (False, ["float32"])):
        monkeypatch.setattr("engine.devices._cpu_has_bfloat16", lambda has=has: has)
        assert list(guided_steps(Denoiser(SMALL.unet).eval(), (8, 16, 16), CPU, 1)) == expected


def test_the_pipeline_has_the_networks_of_the_size_and_audioldms_condition() -> None:
    pipeline = audioldm(SMALL)
    narrower = Denoiser(replace(SMALL.unet, condition_dim=CLAP_WIDTH)).unet
    assert {name: weights.shape for name, weights in pipeline.unet.state_dict().items()} == {
        name: weights.shape for name, weights in narrower.state_dict().items()
    }
    assert pipeline.vocoder.config.to_dict() == HifiGan(SMALL.vocoder).generator.config.to_dict()
    assert pipeline.scheduler.config.num_train_timesteps == 1000


def test_the_pipeline_renders_a_clip_of_the_asked_length_from_a_vector() -> None:
    prompt, avoid = torch.randn(2, CLAP_WIDTH, generator=torch.Generator().manual_seed(0)).split(1)
    clip = audioldm(SMALL)(
        audio_length_in_s=0.5,
        num_inference_steps=2,
        prompt_embeds=prompt,
        negative_prompt_embeds=avoid,
        generator=torch.Generator().manual_seed(0),
    ).audios
    assert clip.shape == (1, 8000)


def test_a_size_that_audioldm_cannot_have_is_refused() -> None:
    with pytest.raises(ValueError, match="mono"):
        audioldm(MINI)
