"""Whether a passage of one sound is a passage of another: correlation of log-mel patches of two seconds.

What all sounds of a kind share is taken out first, the spectrum and the common rise and fall of all bands;
what is left is when each band does what, which only a copy repeats. Mathematics on samples; refuses to know
scenes.
"""

from __future__ import annotations

import functools

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine.audio import resample
from engine.evaluation.texture import RATE
from engine.models.mel import MelConfig, MelFrontEnd

Samples = NDArray[np.float32]

FRAME_S, PATCH_FRAMES = 0.1, 20
_BANDS, _LOW_HZ = 40, 50.0
_DEPTH = 2.0
"""Nepers under a band's median where its level ends: a cut to silence is no likeness."""
_LEAST = PATCH_FRAMES * _BANDS * 0.05**2
"""What a patch that does next to nothing is taken for, so that its trifles are not blown up."""
_TRIFLE = 1e-6


class Passages:
    """Of one sound; of less than a patch there are none."""

    @torch.inference_mode()
    def __init__(self, wave: Samples, rate: int) -> None:
        """wave: (samples, channels) at `rate` Hz."""
        mono = np.ascontiguousarray(resample(wave.mean(axis=1, keepdims=True), rate, RATE)[:, 0])
        frames = int(len(mono) / RATE / FRAME_S)
        self._levels = _levels(mono) if frames >= PATCH_FRAMES else torch.empty(0, _BANDS)

    @torch.inference_mode()
    def likeness(self, other: Passages) -> float:
        """The largest correlation, -1 to 1, of a patch of this sound with any of the other; 0 without any.

        The patches of this sound lie side by side; in the other they begin anywhere.
        """
        if not len(self._levels) or not len(other._levels):
            return 0.0
        patches = _centred(self._levels.unfold(0, PATCH_FRAMES, PATCH_FRAMES))
        products = functional.conv1d(other._levels.T[None], patches)[0]
        sizes = (patches.square().sum(dim=(1, 2)) + _LEAST).sqrt()[:, None] * other._sizes
        return float((products / sizes).max())

    @functools.cached_property
    def _sizes(self) -> Tensor:
        """Of every patch, wherever it begins, (patches,)."""
        patches = _centred(self._levels.unfold(0, PATCH_FRAMES, 1))
        return (patches.square().sum(dim=(1, 2)) + _LEAST).sqrt()


def _levels(mono: Samples) -> Tensor:
    """(frames, bands) in nepers, without what each band has of the common rise and fall."""
    mel = _front()(torch.from_numpy(mono)[None, None])[0, 0]
    levels = torch.maximum(mel, mel.median(dim=0).values - _DEPTH)
    levels = levels - levels.mean(dim=0)
    common = levels.mean(dim=1, keepdim=True)
    return levels - common * (common * levels).sum(dim=0) / (common.square().sum() + _TRIFLE)


def _centred(patches: Tensor) -> Tensor:
    """(patches, bands, frames) without the spectrum of each."""
    return patches - patches.mean(dim=2, keepdim=True)


@functools.cache
def _front() -> MelFrontEnd:
    hop = round(FRAME_S * RATE)
    config = MelConfig(
        sample_rate=RATE,
        n_fft=2 * hop,
        hop_samples=hop,
        n_mels=_BANDS,
        f_min_hz=_LOW_HZ,
        f_max_hz=RATE / 2,
        offset=0.0,
        scale=1.0,
        stereo="mono",
    )
    return MelFrontEnd(config)
