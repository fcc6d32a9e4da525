"""From a resolved Scene and noise to latents: conditions, windows, and clips that the sound starts from.

It asks the model's denoiser and knows nothing of mels and waves.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.diffusion.blending import along
from engine.diffusion.guidance import denoiser
from engine.diffusion.samplers import SAMPLERS, Denoise
from engine.diffusion.windows import windowed, windowed_by_place
from engine.models.circular import circular_time
from engine.models.store import Model
from engine.reports import CancelledCheck, Report, stop_if
from engine.scene import Scene

OVERLAP_SHARE = 0.25
"""Of the model's window, between neighbours in a clip longer than the window."""
MORPH_OVERLAP_SHARE = 0.625
"""In a morph every window has a condition of its own: the more overlap, the smaller the steps."""
SMALLEST_MORPH_STRIDES = 4
"""A window that morphs has at least as many strides of the denoiser (1.5 s of mini)."""


@dataclass(frozen=True)
class Origin:
    """Latents (1, z, t', m') that the sound starts from.

    strength: how far from them, 1 being afresh. known: (t',) bool, frames that stay as they are; None: none.
    """

    latents: Tensor
    strength: float = 1.0
    known: Tensor | None = None


@torch.inference_mode()
def denoised(
    model: Model,
    scene: Scene,
    noise: Tensor,
    window: int,
    autocast: Callable[[], torch.autocast],
    tell: Report,
    cancelled: CancelledCheck,
    origin: Origin | None = None,
) -> Tensor:
    """Noise (1, z, t', m') of variance 1 -> normalised latents of the scene, of the same shape.

    window: latent frames that the denoiser hears at once. Raises Cancelled one call after `cancelled()`.
    """
    times = model.scheduler.times(scene.steps or 1)
    if origin is not None and origin.known is None:
        if origin.strength == 0:
            return origin.latents
        times = [time * origin.strength for time in times]
        alpha, sigma = model.scheduler.levels(times[0])
        noise = alpha * origin.latents + sigma * noise
    denoise = _denoise(model, scene, times, noise.shape[2], window, autocast, cancelled)
    if origin is not None and origin.known is not None:
        denoise = _keeping(denoise, origin.latents, origin.known)
    tell("denoising", 0.0)
    whole_turn = scene.loop and noise.shape[2] <= window
    with circular_time(model.unet) if whole_turn else contextlib.nullcontext():
        return SAMPLERS[scene.sampler](denoise, noise, model.scheduler, times, tell)


def _denoise(
    model: Model,
    scene: Scene,
    times: list[float],
    frames: int,
    window: int,
    autocast: Callable[[], torch.autocast],
    cancelled: CancelledCheck,
) -> Denoise:
    with autocast():
        *points, away = model.text_encoder.conditions([scene.prompt, *scene.morph, scene.avoid]).split(1)

    def predict(x: Tensor, timestep: Tensor, vectors: Tensor) -> Tensor:
        stop_if(cancelled)  # a step of a long clip is many calls
        with autocast():
            prediction: Tensor = model.unet(
                x.contiguous(memory_format=torch.channels_last), timestep, vectors
            )
        return prediction.float()

    def denoise_towards(condition: Tensor) -> Denoise:
        guidance, rescale = scene.guidance or 0.0, scene.guidance_rescale
        return denoiser(model.scheduler, predict, condition, away, guidance, rescale)

    if scene.morph and scene.blend is None:
        window, overlap = _morph_window(len(points), frames, window, model.unet.stride)
        way = torch.cat(points + points[:1] if scene.loop else points)
        return windowed_by_place(
            lambda place: denoise_towards(along(way, place)), times, window, overlap, scene.loop
        )
    condition = along(torch.cat(points), scene.blend or 0.0)
    denoise = denoise_towards(condition)
    if frames > window:
        denoise = windowed(denoise, times, window, int(window * OVERLAP_SHARE), scene.loop)
    return denoise


def _morph_window(points: int, frames: int, window: int, stride: int) -> tuple[int, int]:
    """Window and overlap, in frames, that give every prompt of a morph a window of its own."""
    share = frames // points // stride * stride
    window = min(window, max(SMALLEST_MORPH_STRIDES * stride, share))
    return window, int(window * MORPH_OVERLAP_SHARE)


def _keeping(denoise: Denoise, latents: Tensor, known: Tensor) -> Denoise:
    """The same, but knowing some frames: there x stays on the way from its noise to these latents."""
    there = known.to(latents.device)[None, None, :, None]

    def denoise_rest(x: Tensor, t: float) -> Tensor:
        return torch.where(there, latents.to(x.dtype), denoise(x, t))

    return denoise_rest
