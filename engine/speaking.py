"""From a mel to a wave that has this mel: the vocoder speaks, is heard, and is brought to what was meant.

A vocoder's noise has fluctuations of its own on top of those that the mel asks for. It knows the parts of a
model; refuses to know latents, chunks and Scenes.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.models.mel import from_mid_side, to_mid_side
from engine.models.store import Model
from engine.models.vocoder import IstftHifiGan


def spoken(model: Model, mel: Tensor, white: Tensor, decoded: bool = True) -> Tensor:
    """Normalised log mel (b, c, t, m), white noise (b, c, t * hop) -> left/right wave (b, c, t * hop).

    decoded: the mel came out of the VAE, t being whole latents: then only what latents can say is corrected,
    for the speckle that they know nothing of is the noise's own. False: it is the mel of a real sound.
    """
    wave: Tensor = model.vocoder(mel, white)
    if not isinstance(model.vocoder, IstftHifiGan):
        return wave
    wave = wave.float()
    with torch.autocast(mel.device.type, enabled=False):
        missing = mel.float() - model.mel(wave)
        if decoded:
            missing = model.vae.visible(missing)
        rows = to_mid_side(wave).flatten(0, 1)
        brought = model.vocoder.noise.brought(rows, missing.flatten(0, 1))
        return from_mid_side(brought.unflatten(0, wave.shape[:2]))


def context_latents(model: Model) -> int:
    """Latent frames on each side of a stretch of mel that can touch its samples."""
    frames = model.vocoder.context_frames
    if isinstance(model.vocoder, IstftHifiGan):
        config = model.mel.config
        # A bin is heard half a window away, and raised half a window away again.
        frames += 2 * math.ceil(config.n_fft / config.hop_samples)
    return math.ceil(frames / model.vae.frames_per_latent) + 1
