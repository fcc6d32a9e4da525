"""One sound out of a loaded model: conditions and noise to latents, latents to blocks of samples.

It knows networks and Scenes, and neither layers nor clips of which a part is kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.denoising import Denoising, Latents, Origin
from engine.loops import even_borders, loop_latents, loop_lead, loop_waves
from engine.models.store import Model
from engine.reports import CancelledCheck, Report
from engine.scene import Scene
from engine.sources import encoded, level_gain, read_source, turned
from engine.speaking import context_latents, spoken
from engine.widening import says_mono

Samples = NDArray[np.float32]

DECODED_S = 10.24
"""Decoded at once, at most: bounds the memory of a long clip. A clip of one window is decoded as a whole."""
FIRST_S = 1.28
"""Decoded first of a long clip, and then twice as much each time."""
CROSSFADE_LATENTS = 4
"""Group norms see a chunk as a whole, so that two differ by a trifle where they meet: they are faded."""
LEAST_SIDE = 0.1
"""Of the mid, in every band of a new sound: a denoiser that has learnt that all is wide may miss it still."""
NOISE_BLOCK = 1 << 16
"""Samples of the vocoder's noise that share a generator: a clip has the same noise however it is cut."""


class Synthesis:
    """A loaded model that makes one sound. Not thread-safe: one at a time."""

    def __init__(self, model: Model, device: torch.device, precision: torch.dtype) -> None:
        self.model = model.to(device)
        self.device, self.precision = device, precision
        model.vae.to(memory_format=torch.channels_last)
        model.unet.to(memory_format=torch.channels_last)

    def whole(self, scene: Scene, tell: Report, cancelled: CancelledCheck) -> Iterator[Samples]:
        """The blocks of a scene without layers, all of it new or varied.

        A loop is denoised at once, anything else as its blocks are asked for.
        """
        seed, samples = scene.seed or 0, round(scene.seconds * self.model.index.sample_rate)
        if not scene.loop:
            frames = self.latent_frames(samples)
            denoising = self._denoising(scene, tell, cancelled)
            latents = denoising.unrolled(self._noise(scene, frames), self._origin(scene, frames))
            return self.decoded(latents, seed, samples, tell, _least_side(scene))
        frames = loop_latents(samples, self.samples_in(1), self.model.unet.stride)
        turn = self.denoised(scene, frames, tell, cancelled, origin=self._origin(scene, frames))
        return self._looped(turn, seed, tell, _least_side(scene))

    def _origin(self, scene: Scene, frames: int) -> Origin | None:
        """The latents of the clip that a variation starts from."""
        if not scene.source:
            return None
        clip = read_source(scene.source, self.model.index.sample_rate, self.model.mel.config.channels)
        if scene.loop:
            lead = loop_lead(self.model) * self.model.mel.config.hop_samples
            clip = np.roll(turned(clip, self.samples_in(frames)), lead, axis=0)
        latents = encoded(self.model, level_gain(clip) * clip, frames, scene.loop, self.autocast)
        return Origin(latents, scene.strength)

    def latent_frames(self, samples: int) -> int:
        """The fewest latent frames, in whole strides of the denoiser, that cover the samples."""
        samples_per_latent = self.model.mel.config.hop_samples * self.model.vae.frames_per_latent
        stride = self.model.unet.stride
        return math.ceil(samples / samples_per_latent / stride) * stride

    def denoised(
        self,
        scene: Scene,
        frames: int,
        tell: Report,
        cancelled: CancelledCheck,
        noise: Tensor | None = None,
        origin: Origin | None = None,
    ) -> Tensor:
        """Normalised latents (1, z, frames, m') of the scene; `noise` takes the place of its seed's."""
        noise = self._noise(scene, frames) if noise is None else noise.to(self.device)
        return self._denoising(scene, tell, cancelled).at_once(noise, origin)

    def _denoising(self, scene: Scene, tell: Report, cancelled: CancelledCheck) -> Denoising:
        window = self.latent_frames(round(self.model.index.window_seconds * self.model.index.sample_rate))
        return Denoising(self.model, scene, window, self.autocast, tell, cancelled)

    def _noise(self, scene: Scene, frames: int) -> Tensor:
        """The noise that the scene's seed stands for, (1, 2 z, frames, m')."""
        model = self.model
        bands = model.mel.config.n_mels // model.vae.frames_per_latent
        generator = torch.Generator().manual_seed(scene.seed or 0)
        channels = 2 * model.unet.config.latent_channels
        noise = torch.randn(1, channels, frames, bands, generator=generator)
        return noise.to(self.device)

    @torch.inference_mode()
    def _looped(self, latents: Tensor, seed: int, tell: Report, least_side: float) -> Iterator[Samples]:
        """One turn of a loop, in blocks."""
        tell("decoding", 0.0)
        most = round(DECODED_S * self.model.index.sample_rate / self.samples_in(1))

        def white(start: int, end: int) -> Tensor:
            return self._white(seed, start, end)

        for fraction, block in loop_waves(self.model, latents, white, self.autocast, most, least_side):
            tell("decoding", fraction)
            yield block

    @torch.inference_mode()
    def decoded(
        self, latents: Latents, seed: int, samples: int, tell: Report, least_side: float = 0.0
    ) -> Iterator[Samples]:
        """Waves of the latents, chunk after chunk, each faded over into the next.

        least_side: see MelFrontEnd.with_least_side.
        """
        fade = self.samples_in(CROSSFADE_LATENTS)
        rising = torch.linspace(0, 1, fade)
        borders = self._borders(math.ceil(samples / self.samples_in(1)))
        tail, done = torch.empty(0), 0
        for start, stop in pairwise(borders):
            tell("decoding", start / borders[-1])
            end = min(stop + CROSSFADE_LATENTS, borders[-1])
            wave = self._wave(latents, start, end, seed, least_side)
            if start:
                wave[:, :fade] = torch.lerp(tail, wave[:, :fade], rising)
            length = min(self.samples_in(stop - start), samples - done)
            tail = wave[:, length:]
            done += length
            yield wave[:, :length].T.contiguous().numpy()
        tell("decoding", 1.0)

    def _borders(self, frames: int) -> list[int]:
        """Latent frames at which chunks begin and the last one ends: as few as can be, of about one length.

        A short last one would have group norms all of its own. Of several the first are shorter: somebody may
        be waiting to hear them, and each is heard while the next, twice as long, is being decoded.
        """
        latents_a_second = self.model.index.sample_rate / self.samples_in(1)
        most = max(round(DECODED_S * latents_a_second), 2 * CROSSFADE_LATENTS)
        if frames <= most:
            return [0, frames]
        length = min(max(round(FIRST_S * latents_a_second), CROSSFADE_LATENTS), most // 2)
        borders = [0, length]
        while 4 * length <= most < frames - borders[-1]:
            length *= 2
            borders.append(borders[-1] + length)
        return borders[:-1] + [borders[-1] + border for border in even_borders(frames - borders[-1], most)]

    def _wave(self, latents: Latents, start: int, end: int, seed: int, least_side: float) -> Tensor:
        """Latent frames start to end -> wave (c, samples) float32 on the CPU."""
        model, per_latent = self.model, self.model.vae.frames_per_latent
        context = model.vae.context_latents
        first, last = max(0, start - context), min(latents.frames, end + context)
        white = self._white(seed, self.samples_in(first), self.samples_in(last))
        with self.autocast():
            stretch = latents.between(first, last)
            mel = model.vae.decode(stretch.contiguous(memory_format=torch.channels_last))
            lead = min(start - first, context_latents(model))
            trail = min(last - end, context_latents(model))
            frames = slice((start - first - lead) * per_latent, (end - first + trail) * per_latent)
            hop = model.mel.config.hop_samples
            heard = model.mel.with_least_side(mel[:, :, frames], least_side).contiguous()
            wave = spoken(model, heard, white[:, :, frames.start * hop : frames.stop * hop])
        return wave[0, :, self.samples_in(lead) :][:, : self.samples_in(end - start)].float().cpu()

    def _white(self, seed: int, start: int, end: int) -> Tensor:
        """White noise (1, c, end - start) of the clip's samples start to end, the same however it is cut."""
        channels = self.model.mel.config.channels
        blocks = [
            np.random.default_rng([seed, block]).standard_normal((channels, NOISE_BLOCK), dtype=np.float32)
            for block in range(start // NOISE_BLOCK, -(-end // NOISE_BLOCK))
        ]
        offset = start // NOISE_BLOCK * NOISE_BLOCK
        white = np.concatenate(blocks, axis=1)[None, :, start - offset : end - offset]
        return torch.from_numpy(white).to(self.device)

    def samples_in(self, latent_frames: int) -> int:
        """Samples that so many latent frames become."""
        return latent_frames * self.model.vae.frames_per_latent * self.model.mel.config.hop_samples

    def autocast(self) -> torch.autocast:
        """The context in which networks compute, of the chosen precision."""
        wanted = self.precision != torch.float32
        return torch.autocast(
            self.device.type, dtype=self.precision if wanted else torch.bfloat16, enabled=wanted
        )


def _least_side(scene: Scene) -> float:
    """A new sound is wide, unless its prompt speaks of mono; a variation the more, the newer it is."""
    if says_mono(scene.prompt):
        return 0.0
    return LEAST_SIDE * scene.strength if scene.source else LEAST_SIDE
