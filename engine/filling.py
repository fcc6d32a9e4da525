"""Filling in: a part of a clip, or what lies before its beginning or after its end, made by the model.

In every step the latents of what is known take the place of the model's estimate, so that what is new grows
out of them. Outside the new part the samples are the clip's own. It knows how
one sound is made, and an edited Scene.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from engine.denoising import Origin, Whole
from engine.edits import kept
from engine.reports import CancelledCheck, Report
from engine.scene import Scene
from engine.sources import encoded, level_gain, read_source, stretch_of
from engine.spool import Spool
from engine.synthesis import Synthesis

Samples = NDArray[np.float32]

HIGHEST_PEAK = 10 ** (-2 / 20)
"""Of the new part, unless the clip is louder itself: -2 dBFS leaves room for what lies between samples."""
CONTEXT_WINDOWS = 0.5
"""How much of the clip the model hears on each side of the new part, in windows of the model."""


def filled(synthesis: Synthesis, scene: Scene, tell: Report, cancelled: CancelledCheck) -> Iterator[Samples]:
    """Blocks of a resolved scene whose change is "extend" or "inpaint", at the model's rate and clip's level.

    Raises EngineError when the clip cannot be read, Cancelled like `Pipeline.render`.
    """
    index, keep = synthesis.model.index, kept(scene)
    assert keep is not None
    rate = index.sample_rate
    samples = round(scene.seconds * rate)
    clip = read_source(keep.path, rate, synthesis.model.mel.config.channels)
    first, last = round(keep.first_seconds * rate), min(samples, round(keep.last_seconds * rate))
    context = round(CONTEXT_WINDOWS * index.window_seconds * rate)
    begin, end = max(0, first - context), min(samples, last + context)
    # One canvas for the clip and what is made up: beyond its ends the clip is mirrored, for the VAE to hear.
    at = round(keep.at_seconds * rate)
    canvas = stretch_of(clip, -at, samples - at, loop=False)
    fade, place = round(keep.fade_seconds * rate), begin
    made = _made(synthesis, scene, canvas[begin:end], (first - begin, last - begin), tell, cancelled)
    yield from _pieces(canvas[:begin])
    for block in tamed(made, rate, max(HIGHEST_PEAK, float(np.abs(clip).max()))):
        share = new_share(np.arange(place, place + len(block)), first, last, fade, samples)
        old = canvas[place : place + len(block)]
        yield np.where(share == 0, old, np.cos(share * np.pi / 2) * old + np.sin(share * np.pi / 2) * block)
        place += len(block)
    yield from _pieces(canvas[place:])


def tamed(blocks: Iterable[Samples], rate: int, peak: float) -> Iterator[Samples]:
    """The sound of `blocks` without DC, and so much softer that no sample is above `peak`.

    What is kept of a clip keeps its level, so that nothing later can make room for what is new.
    """
    with tempfile.TemporaryFile(prefix="roomtone-") as file:
        spool = Spool(file, rate, blocks, math.inf)
        loudest = max(float(np.abs(block).max()) for block in spool.blocks())
        factor = np.float32(min(1.0, peak / max(loudest, 1e-9)))
        for block in spool.blocks():
            yield factor * block


def new_share(place: NDArray[np.int_], first: int, last: int, fade: int, samples: int) -> Samples:
    """(n,) places -> (n, 1) from 0, the clip's own, to 1, new; between them within the new part's `fade`.

    Where the new part reaches an end of the sound there is nothing to fade from.
    """
    rising = (place - first) / max(1, fade) if first > 0 else np.ones(len(place))
    falling = (last - place) / max(1, fade) if last < samples else np.ones(len(place))
    share = np.clip(np.minimum(rising, falling), 0, 1)
    share[(place < first) | (place >= last)] = 0
    return share.astype(np.float32)[:, None]


def _made(
    synthesis: Synthesis,
    scene: Scene,
    canvas: Samples,
    part: tuple[int, int],
    tell: Report,
    cancelled: CancelledCheck,
) -> Iterator[Samples]:
    """The canvas (samples, channels), part[0] to part[1] of it made anew and the rest as the VAE has it."""
    frames, per_latent = synthesis.latent_frames(len(canvas)), synthesis.samples_in(1)
    gain = level_gain(canvas)
    latents = encoded(synthesis.model, gain * canvas, frames, False, synthesis.autocast)
    place = torch.arange(frames) * per_latent
    after = place >= part[1] if part[1] < len(canvas) else torch.zeros(frames, dtype=torch.bool)
    known = (place + per_latent <= part[0]) | after
    made = synthesis.denoised(scene, frames, tell, cancelled, origin=Origin(latents, known=known))
    for block in synthesis.decoded(Whole(made), scene.seed or 0, len(canvas), tell):
        yield block / np.float32(gain)


def _pieces(samples: Samples, length: int = 65_536) -> Iterator[Samples]:
    for start in range(0, len(samples), length):
        yield samples[start : start + length]
