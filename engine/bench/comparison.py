"""What a model is compared with: AudioLDM's own sizes with random weights, as fast as trained ones.

Below the torch line. Nothing is downloaded and no sound is kept; it knows sizes and refuses to know scenes.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import diffusers
import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from torch import Tensor
from transformers.models.clap.configuration_clap import ClapTextConfig
from transformers.models.clap.modeling_clap import ClapTextModelWithProjection

from engine.bench.figures import CompareFigures
from engine.bench.memory import peak_memory
from engine.devices import choose, choose_precision
from engine.errors import EngineError
from engine.models.denoiser import Denoiser
from engine.models.latents import Autoencoder
from engine.models.sizes import Size
from engine.models.vocoder import HifiGan, HifiGanConfig

CLAP_WIDTH = 512
"""Of the vector that AudioLDM's own CLAP gives; the refined one has the size's `condition_dim`."""
GUIDANCE = 2.5
"""AudioLDMPipeline's default. Any above 1 costs the same: two passes a step."""


def compare(
    name: str,
    size: Size,
    seconds: float,
    steps: int,
    device: str = "auto",
    repeats: int = 3,
    say: Callable[[str], None] = lambda text: None,
) -> CompareFigures:
    """One guided step of the UNet of `size`, then a render of AudioLDMPipeline with the same sizes.

    The size must be AudioLDM's kind: a mono mel that is not folded, and a HiFi-GAN. repeats: timed guided
    steps a precision, after one that is not timed.
    """
    chosen = choose(device)
    say("  one guided step of the UNet")
    denoiser = Denoiser(size.unet).eval().requires_grad_(False)
    parameters = sum(weights.numel() for weights in denoiser.parameters())
    step_s = guided_steps(denoiser, latent_shape(size, seconds), chosen, repeats)
    del denoiser
    say(f"  AudioLDMPipeline, {steps} steps")
    whole_s, steps_s = timed_render(audioldm(size).to(chosen), seconds, steps)
    return CompareFigures(
        size=name,
        device=str(chosen),
        threads=torch.get_num_threads() if chosen.type == "cpu" else 0,
        seconds=seconds,
        unet_parameters=parameters,
        guided_step_s=step_s,
        pipeline_steps=steps,
        pipeline_s=whole_s,
        pipeline_steps_s=steps_s,
        real_time_factor=whole_s / seconds,
        peak_bytes=peak_memory(),
    )


def latent_shape(size: Size, seconds: float) -> tuple[int, int, int]:
    """(z, t', m') of a clip of that length, t' in whole strides of the UNet as the engine renders it."""
    patch = size.vae.fold * 2 ** (len(size.vae.block_channels) - 1)
    stride = 2 ** (len(size.unet.block_channels) - 1)
    frames = seconds * size.mel.sample_rate / size.mel.hop_samples / patch
    return size.unet.latent_channels, math.ceil(frames / stride) * stride, size.mel.n_mels // patch


@torch.inference_mode()
def guided_steps(
    denoiser: Denoiser, shape: tuple[int, int, int], device: torch.device, repeats: int
) -> dict[str, float]:
    """Seconds of one guided step, a batch of two, in float32 and in what the device does better, by name."""
    generator = torch.Generator().manual_seed(0)
    denoiser.to(device).to(memory_format=torch.channels_last)
    latents = torch.randn(2, *shape, generator=generator).to(device, memory_format=torch.channels_last)
    vectors = torch.randn(2, denoiser.config.condition_dim, generator=generator).to(device)
    moment = torch.full((2,), 500.0, device=device)
    better = choose_precision(device)
    found = {}
    for dtype in dict.fromkeys((torch.float32, better)):
        wanted = dtype != torch.float32
        times_s = []
        with torch.autocast(device.type, dtype=dtype if wanted else torch.bfloat16, enabled=wanted):
            for _ in range(repeats + 1):
                began_s = time.perf_counter()
                denoiser(latents, moment, vectors)
                _settle(device)
                times_s.append(time.perf_counter() - began_s)
        found[str(dtype).removeprefix("torch.")] = statistics.median(times_s[1:])
    return found


def audioldm(size: Size, seed: int = 0) -> Any:
    """diffusers' pipeline with the networks of `size` and random weights, in float32.

    The tokenizer is left out and the text tower is a stub, since the prompt is handed over as a vector: the
    pipeline asks the tower only for its dtype. Raises ValueError for a size that AudioLDM cannot have, and
    EngineError where diffusers has dropped the pipeline, which it calls deprecated.
    """
    if not isinstance(size.vocoder, HifiGanConfig) or size.vae.fold != 1 or size.mel.channels != 1:
        raise ValueError("AudioLDMPipeline wants a mono mel that is not folded, and a HiFi-GAN")
    pipeline_class = getattr(diffusers, "AudioLDMPipeline", None)
    if pipeline_class is None:
        raise EngineError(
            "The installed diffusers has no AudioLDMPipeline to compare with: leave the comparison out with "
            "--no-compare."
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        pipeline = pipeline_class(
            vae=Autoencoder(size.vae).kl.eval(),
            text_encoder=ClapTextModelWithProjection(
                ClapTextConfig(
                    vocab_size=8,
                    hidden_size=8,
                    intermediate_size=8,
                    num_hidden_layers=1,
                    num_attention_heads=1,
                    projection_dim=8,
                )
            ),
            tokenizer=None,
            unet=Denoiser(replace(size.unet, condition_dim=CLAP_WIDTH)).unet.eval(),
            scheduler=DDIMScheduler(
                beta_start=0.0015,
                beta_end=0.0195,
                beta_schedule="scaled_linear",
                clip_sample=False,
                set_alpha_to_one=False,
                steps_offset=1,
            ),
            vocoder=HifiGan(size.vocoder).generator.eval(),
        )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def timed_render(pipeline: Any, seconds: float, steps: int) -> tuple[float, float]:
    """Seconds of the second of two renders, the first a single step that prepares; and of its steps alone."""
    _render(pipeline, seconds, 1)
    began_s = time.perf_counter()
    ends_s = _render(pipeline, seconds, steps)
    return time.perf_counter() - began_s, ends_s[-1] - began_s


def _render(pipeline: Any, seconds: float, steps: int) -> list[float]:
    """Render a clip and drop it; the clock at the end of each step."""
    generator = torch.Generator().manual_seed(1)
    prompt, avoid = torch.nn.functional.normalize(torch.randn(2, CLAP_WIDTH, generator=generator)).split(1)
    ends_s: list[float] = []

    def note(step: int, timestep: int, latents: Tensor) -> None:
        _settle(latents.device)
        ends_s.append(time.perf_counter())

    pipeline(
        audio_length_in_s=seconds,
        num_inference_steps=steps,
        guidance_scale=GUIDANCE,
        generator=generator,
        prompt_embeds=prompt,
        negative_prompt_embeds=avoid,
        callback=note,
    )
    return ends_s


def _settle(device: torch.device) -> None:
    """Wait for what the device has been asked to do, so that the clock tells of it."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)
