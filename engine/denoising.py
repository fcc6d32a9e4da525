"""From a resolved Scene and noise to latents: conditions, windows, and clips that the sound starts from.

It asks the model's denoiser and knows nothing of mels and waves.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeGuard

import torch
from torch import Tensor

from engine.diffusion.blending import along
from engine.diffusion.guidance import denoiser, known_at_noise
from engine.diffusion.samplers import SAMPLERS, Denoise
from engine.diffusion.unrolling import Unrolled
from engine.diffusion.windows import Layout, windowed
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


class Latents(Protocol):
    """Normalised latents that may still be in the making: stretches of them are asked for in their order."""

    @property
    def frames(self) -> int:
        """How many latent frames there are in all."""
        ...

    def between(self, first: int, last: int) -> Tensor:
        """Frames first to last, (1, z, last - first, m')."""
        ...


@dataclass(frozen=True)
class Whole:
    """Latents (1, z, t', m') that are there already."""

    latents: Tensor

    @property
    def frames(self) -> int:
        """As of Latents."""
        return self.latents.shape[2]

    def between(self, first: int, last: int) -> Tensor:
        """As of Latents."""
        return self.latents[:, :, first:last]


@dataclass(frozen=True)
class _Drawn:
    """Latents that may still be in the making, and what is added to them, (1, z, t', m')."""

    latents: Latents
    added: Tensor

    @property
    def frames(self) -> int:
        return self.latents.frames

    def between(self, first: int, last: int) -> Tensor:
        return self.latents.between(first, last) + self.added[:, :, first:last]


class Denoising:
    """A resolved scene on its way from noise to latents.

    window: latent frames that the denoiser hears at once. tell: told of the stage; may raise to stop.
    Everything raises Cancelled one call after `cancelled()`.
    """

    def __init__(
        self,
        model: Model,
        scene: Scene,
        window: int,
        autocast: Callable[[], torch.autocast],
        tell: Report,
        cancelled: CancelledCheck,
    ) -> None:
        self._model, self._scene, self._window, self._autocast = model, scene, window, autocast
        self._tell, self._cancelled = tell, cancelled

    @torch.inference_mode()
    def at_once(self, noise: Tensor, origin: Origin | None = None) -> Tensor:
        """Noise (1, 2 z, t', m') of variance 1 -> normalised latents (1, z, t', m') of the scene.

        Sampling starts from one half of the noise. Of the other half the last step draws what the network
        leaves open, so that its answer is a sample and not a mean (Bao et al. 2022, Analytic-DPM).
        """
        if _unmoved(origin):
            return origin.latents
        model, scene = self._model, self._scene
        hearing = self._hearing(noise)
        times, noise, drawn = self._begun(noise, origin)
        denoise = windowed(hearing.denoise_at, times, hearing.window, hearing.overlap, scene.loop)
        if origin is not None and origin.known is not None:
            denoise = _keeping(denoise, origin.latents, origin.known)
        whole_turn = scene.loop and noise.shape[2] <= self._window
        with circular_time(model.unet) if whole_turn else contextlib.nullcontext():
            return SAMPLERS[scene.sampler](denoise, noise, model.scheduler, times, self._tell) + drawn

    @torch.inference_mode()
    def unrolled(self, noise: Tensor, origin: Origin | None = None) -> Latents:
        """The same, but a long clip is made as it is asked for, so that its beginning is there soon.

        Not for loops, whose beginning hears their end. origin: without known frames.
        """
        if noise.shape[2] <= self._window or _unmoved(origin):
            return Whole(self.at_once(noise, origin))
        hearing = self._hearing(noise)
        times, noise, drawn = self._begun(noise, origin)
        layout = Layout(noise.shape[2], hearing.window, hearing.overlap)
        process, sampler = self._model.scheduler, self._scene.sampler
        unrolled = Unrolled(hearing.denoise_at, noise, layout, sampler, process, times, self._tell)
        return _Drawn(unrolled, drawn)

    def _begun(self, noise: Tensor, origin: Origin | None) -> tuple[list[float], Tensor, Tensor]:
        """The sampler's times; what it starts from, noise alone or upon latents to be varied; and what is
        added to its answer.

        The step from pure noise comes on top of the scene's, where the model has an outset and no network is
        asked for it.
        """
        self._tell("denoising", 0.0)
        process, unet, steps = self._model.scheduler, self._model.unet, self._scene.steps or 1
        first, last = noise.chunk(2, dim=1)
        varied = origin is not None and origin.known is None
        times = process.times(steps if varied else steps + (unet.outset is not None))
        if origin is not None and varied:
            times = [time * origin.strength for time in times]
            alpha, sigma = process.levels(times[0])
            first = alpha * origin.latents + sigma * first
        drawn = unet.residual(times[-2]) * last
        if origin is not None and origin.known is not None:
            drawn = drawn * ~origin.known.to(drawn.device)[None, None, :, None]
        return times, first, drawn

    def _hearing(self, noise: Tensor) -> _Hearing:
        """How the scene's prompts, blended or one after the other, are heard over the frames of the noise."""
        model, scene, window = self._model, self._scene, self._window
        frames = noise.shape[2]
        # Normal numbers of the whole clip, the same however it is rolled or cut: (1, z m').
        chance = noise.chunk(2, dim=1)[1].sum(2).flatten(1) / math.sqrt(frames)
        with self._autocast():
            points = model.text_encoder.conditions([scene.prompt, *scene.morph], scene.seed).split(1)
            away = model.text_encoder.conditions([scene.avoid])

        def denoise_towards(condition: Tensor) -> Denoise:
            process, unet = model.scheduler, model.unet
            guidance = scene.guidance or 0.0, scene.guidance_rescale
            denoise = denoiser(process, self._predict, condition, away, *guidance)
            if unet.outset is None:
                return denoise
            expected = [unet.outset(vector, chance) for vector in (condition, away)]
            return known_at_noise(denoise, process, expected[0], expected[1], *guidance)

        if scene.morph and scene.blend is None:
            window, overlap = _morph_window(len(points), frames, window, model.unet.stride)
            way = torch.cat([*points, *points[:1]] if scene.loop else points)
            return _Hearing(lambda place: denoise_towards(along(way, place)), window, overlap)
        denoise = denoise_towards(along(torch.cat(points), scene.blend or 0.0))
        return _Hearing(lambda place: denoise, window, int(window * OVERLAP_SHARE))

    def _predict(self, x: Tensor, timestep: Tensor, vectors: Tensor) -> Tensor:
        stop_if(self._cancelled)  # a step of a long clip is many calls
        with self._autocast():
            prediction: Tensor = self._model.unet(
                x.contiguous(memory_format=torch.channels_last), timestep, vectors
            )
        return prediction.float()


@dataclass(frozen=True)
class _Hearing:
    """What denoises the window at a place from 0 to 1, and the windows' length and overlap in frames."""

    denoise_at: Callable[[float], Denoise]
    window: int
    overlap: int


def _unmoved(origin: Origin | None) -> TypeGuard[Origin]:
    """Whether the latents are to stay as they are."""
    return origin is not None and origin.known is None and origin.strength == 0


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
