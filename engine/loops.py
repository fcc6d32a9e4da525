"""Loops: latents whose end meets their beginning become a wave that wraps, exactly.

The VAE hears the loop as a circle and its group norms hear all of it; the vocoder's mel and noise go round by
its receptive field on both sides. So rolling the latents by one rolls the wave by as many samples. It knows
the parts of a model; refuses to know Scenes and prompts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.models.circular import circular_time
from engine.models.store import Model
from engine.speaking import context_latents, spoken

Noise = Callable[[int, int], Tensor]
"""(first sample, last sample) -> white noise (1, c, last - first) of a clip."""

WHOLE_LATENTS = 1_300
"""A loop this long (two minutes of mini) is decoded as a whole; a longer one in parts that are faded."""
FADE_LATENTS = 4
"""Group norms see a part as a whole, so that two differ by a trifle where they meet."""


def loop_latents(samples: int, samples_per_latent: int, stride: int) -> int:
    """The whole number of the denoiser's strides, in latent frames, nearest to so many samples."""
    return max(1, round(samples / samples_per_latent / stride)) * stride


def loop_waves(
    model: Model,
    latents: Tensor,
    white: Noise,
    autocast: Callable[[], torch.autocast],
    chunk_latents: int,
    least_side: float = 0.0,
) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """Normalised latents (1, z, t', m') of a loop -> (fraction done, block (samples, c) float32).

    One turn, t' latent frames long. `white` is asked for noise within the turn only, and wrapped here.
    least_side: see MelFrontEnd.with_least_side.
    """
    with autocast():
        mel = model.mel.with_least_side(loop_mel(model, latents, WHOLE_LATENTS), least_side)
    per_latent, hop = model.vae.frames_per_latent, model.mel.config.hop_samples
    # A turn may begin anywhere. Between two latents the spectrum steps a little more than elsewhere: with the
    # seam there, its flux was above the 95th percentile of the inside in 18 of 100 loops of mini, now in 1.
    mel = mel.roll(-loop_lead(model), dims=2)
    # The context makes every stretch begin and end between two latents.
    frames, context = mel.shape[2], context_latents(model) * per_latent + loop_lead(model)
    for first, last in pairwise(even_borders(latents.shape[2], chunk_latents)):
        around = torch.arange(first * per_latent - context, last * per_latent + context) % frames
        noise = _around(
            white, (first * per_latent - context) * hop, (last * per_latent + context) * hop, frames * hop
        )
        with autocast():
            wave = spoken(model, mel[:, :, around.to(mel.device)].contiguous(), noise)
        kept = wave[0, :, context * hop : (context + (last - first) * per_latent) * hop]
        yield last / latents.shape[2], kept.float().cpu().T.contiguous().numpy()


def loop_lead(model: Model) -> int:
    """Mel frames of the first latent that come at the end of the turn instead: half of them."""
    return model.vae.frames_per_latent // 2


def loop_mel(model: Model, latents: Tensor, whole_latents: int) -> Tensor:
    """Latents (1, z, t', m') of a loop -> its mel (1, c, t, m), in parts of at most about `whole_latents`.

    Every part begins FADE_LATENTS early, where it is faded over from the part before, the first one from the
    last: rolling by a part's length is exact still.
    """
    frames, per_latent = latents.shape[2], model.vae.frames_per_latent
    if frames <= whole_latents:
        with circular_time(model.vae):
            return model.vae.decode(latents.contiguous(memory_format=torch.channels_last))
    context, fade = model.vae.context_latents, FADE_LATENTS
    parts, early = [], []
    for first, last in pairwise(even_borders(frames, whole_latents)):
        around = torch.arange(first - fade - context, last + context) % frames
        mel = model.vae.decode(latents[:, :, around.to(latents.device)])
        early.append(mel[:, :, context * per_latent : (context + fade) * per_latent])
        parts.append(mel[:, :, (context + fade) * per_latent : -context * per_latent])
    rising = torch.linspace(0, 1, fade * per_latent, device=latents.device)[:, None]
    for part, following in zip(parts, early[1:] + early[:1]):
        part[:, :, -fade * per_latent :].lerp_(following, rising.to(part.dtype))
    return torch.cat(parts, dim=2)


def even_borders(frames: int, most: int) -> list[int]:
    """Where parts of at most `most` frames begin, and where the last one ends: as few as can be."""
    count = -(-frames // max(1, most))
    return [number * frames // count for number in range(count + 1)]


def _around(white: Noise, first: int, last: int, turn: int) -> Tensor:
    """Noise of the samples first to last of a sound that turns for ever, `turn` samples long."""
    pieces = []
    while first < last:
        start = first % turn
        count = min(last - first, turn - start)
        pieces.append(white(start, start + count))
        first += count
    return torch.cat(pieces, dim=-1)
