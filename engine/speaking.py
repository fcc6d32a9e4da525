"""From a mel to a wave that has this mel: the vocoder speaks, is heard, and is brought to what was meant.

A vocoder's noise has fluctuations of its own on top of those that the mel asks for. It knows the parts of a
model; refuses to know latents, chunks and Scenes.
"""

from __future__ import annotations

import math

from torch import Tensor

from engine.models.mel import from_mid_side, to_mid_side
from engine.models.shaped_noise import ShapedNoise
from engine.models.store import Model
from engine.models.vocoder import IstftHifiGan

STEPS = 4
"""Towards a decoded mel: what latents can say is there by then, and more smooth out what they cannot say."""
EXACT_STEPS = 24
"""Towards the mel of a real sound, of which every band of every frame counts."""
MOMENTUM = 0.9


def spoken(model: Model, mel: Tensor, white: Tensor, decoded: bool = True) -> Tensor:
    """Normalised log mel (b, c, t, m), white noise (b, c, t * hop) -> left/right wave (b, c, t * hop).

    decoded: the mel came out of the VAE, t being whole latents: then only what latents can say is corrected,
    for the speckle that they know nothing of is the noise's own. False: it is the mel of a real sound.
    """
    wave: Tensor = model.vocoder(mel, white)
    if not isinstance(model.vocoder, IstftHifiGan):
        return wave
    return _brought(model, model.vocoder.noise, wave.float(), mel.float(), decoded)


def _brought(model: Model, noise: ShapedNoise, wave: Tensor, mel: Tensor, decoded: bool) -> Tensor:
    """The wave on its way to the mel; each step goes on in the direction of the one before (the fast
    Griffin-Lim algorithm, Perraudin et al. 2013).
    """

    def heard(missing: Tensor) -> Tensor:
        if not decoded:
            return missing
        seen: Tensor = model.vae.visible(missing.unflatten(0, mel.shape[:2])).flatten(0, 1)
        return seen

    wanted, rows = mel.flatten(0, 1), to_mid_side(wave).flatten(0, 1)
    before = rows
    for _ in range(STEPS if decoded else EXACT_STEPS):
        ahead = rows + MOMENTUM * (rows - before)
        before, rows = rows, noise.brought(ahead, wanted, heard)
    return from_mid_side(rows.unflatten(0, wave.shape[:2]))


def context_latents(model: Model) -> int:
    """Latent frames on each side of a stretch of a decoded mel that can touch its samples."""
    frames = model.vocoder.context_frames
    if isinstance(model.vocoder, IstftHifiGan):
        config = model.mel.config
        # In each step a bin is heard half a window away, and raised half a window away again.
        frames += STEPS * 2 * math.ceil(config.n_fft / config.hop_samples)
    return math.ceil(frames / model.vae.frames_per_latent) + 1
