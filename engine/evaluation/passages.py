"""Whether a passage of one sound is a passage of another: correlation of log-mel patches of two seconds.

What sounds of a kind share is taken out first: the spectrum, the common rise and fall of all bands, and all
that is slow. What is left is when each band steps up or down, which only a copy repeats. Mathematics on
samples; refuses to know scenes.
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

FRAME_S, PATCH_STEPS = 0.1, 19
_BANDS, _LOW_HZ = 40, 50.0
_DEPTH = 2.0
"""Nepers under a band's median where its level ends: a cut to silence is no likeness."""
_LEAST = PATCH_STEPS * _BANDS * 0.05**2
"""What a patch that does next to nothing is taken for, so that its trifles are not blown up."""
_TRIFLE = 1e-6


class Passages:
    """Of one sound; of less than a patch there are none."""

    @torch.inference_mode()
    def __init__(self, wave: Samples, rate: int) -> None:
        """wave: (samples, channels) at `rate` Hz."""
        mono = np.ascontiguousarray(resample(wave.mean(axis=1, keepdims=True), rate, RATE)[:, 0])
        frames = int(len(mono) / RATE / FRAME_S)
        self._steps = _steps(mono) if frames > PATCH_STEPS else torch.empty(0, _BANDS)

    @torch.inference_mode()
    def likeness(self, other: Passages) -> float:
        """The largest correlation, -1 to 1, of a patch of this sound with any of the other; 0 without any.

        The patches of this sound lie side by side; in the other they begin anywhere.
        """
        if not len(self._steps) or not len(other._steps):
            return 0.0
        patches = _centred(self._steps.unfold(0, PATCH_STEPS, PATCH_STEPS))
        products = functional.conv1d(other._steps.T[None], patches)[0]
        sizes = (patches.square().sum(dim=(1, 2)) + _LEAST).sqrt()[:, None] * other._sizes
        return float((products / sizes).max())

    @functools.cached_property
    def _sizes(self) -> Tensor:
        """Of every patch, wherever it begins, (patches,)."""
        patches = _centred(self._steps.unfold(0, PATCH_STEPS, 1))
        return (patches.square().sum(dim=(1, 2)) + _LEAST).sqrt()


def _steps(mono: Samples) -> Tensor:
    """(frames - 1, bands) in nepers from frame to frame, without a band's share of the common rise."""
    mel = _front()(torch.from_numpy(mono)[None, None])[0, 0]
    levels = torch.maximum(mel, mel.median(dim=0).values - _DEPTH)
    levels = levels - levels.mean(dim=0)
    common = levels.mean(dim=1, keepdim=True)
    own = levels - common * (common * levels).sum(dim=0) / (common.square().sum() + _TRIFLE)
    return own.diff(dim=0)


def _centred(patches: Tensor) -> Tensor:
    """(patches, bands, steps) without their mean."""
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
