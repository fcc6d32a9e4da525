"""Clips as the model hears them: any sound file becomes samples at the model's rate, and latents.

It knows files and a model's VAE; refuses to know prompts and what is done with the clip.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio import read_audio, resample
from engine.keeping import conformed
from engine.loops import even_borders
from engine.models.store import Model

Samples = NDArray[np.float32]

TRAINED_RMS_DB = -23.0
"""dBFS: the level of the recordings that the embedded model was trained on. A clip is encoded at it."""
LARGEST_GAIN_DB = 40.0
ENCODED_LATENTS = 220
"""Encoded at once, at most (20 s of mini): bounds the memory of a long clip."""


def read_source(path: str | Path, rate: int, channels: int) -> Samples:
    """A sound file as (samples, channels) at `rate` Hz. Raises EngineError when it cannot be read."""
    samples, file_rate = read_audio(path)
    return resample(conformed(samples, channels), file_rate, rate)


def turned(samples: Samples, length: int) -> Samples:
    """A loop (n, channels) made `length` samples long by a change of speed, still a loop."""
    if len(samples) == length:
        return samples
    thrice = resample(np.tile(samples, (3, 1)), len(samples), length)
    return thrice[length : 2 * length]


def level_gain(samples: Samples) -> float:
    """The factor that brings samples to the level that the model knows; 1 for silence."""
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    if rms < 1e-6:
        return 1.0
    gain_db = TRAINED_RMS_DB - 20 * np.log10(rms)
    return float(10 ** (np.clip(gain_db, -LARGEST_GAIN_DB, LARGEST_GAIN_DB) / 20))


def stretch_of(samples: Samples, first: int, last: int, loop: bool) -> Samples:
    """Samples `first` to `last`, which may lie outside: round a loop, else mirrored at the clip's ends."""
    places = np.arange(first, last) % (len(samples) if loop else 2 * len(samples))
    if not loop:
        places = np.minimum(places, 2 * len(samples) - 1 - places)
    return samples[places]


@torch.inference_mode()
def encoded(
    model: Model, samples: Samples, frames: int, loop: bool, autocast: Callable[[], torch.autocast]
) -> Tensor:
    """(n, channels) at the model's rate and level -> normalised latents (1, z, frames, m').

    What lies beyond the clip is its mirror image, or its other end when it is a loop, n being its turn.
    """
    device = model.vae.latent_mean.device
    per_latent = model.vae.frames_per_latent * model.mel.config.hop_samples
    context, parts = model.vae.context_latents, []
    for first, last in pairwise(even_borders(frames, ENCODED_LATENTS)):
        wave = stretch_of(samples, (first - context) * per_latent, (last + context) * per_latent, loop)
        heard = torch.from_numpy(np.ascontiguousarray(wave.T))[None].to(device)
        with autocast():
            latents = model.vae.encode(model.mel(heard))
        parts.append(latents[:, :, context : context + last - first].float())
    return torch.cat(parts, dim=2)
