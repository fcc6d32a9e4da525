"""Where a sound in blocks begins and ends: faded, cut to a length, or heard from a place on.

Blocks are (samples, channels) float32. It measures nothing and knows no file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FADE_SECONDS = 0.005


def faded(blocks: Iterable[NDArray[np.float32]], samples: int, rate: int) -> Iterator[NDArray[np.float32]]:
    """Blocks that make `samples` altogether, with raised-cosine ends of 5 ms; first and last sample are 0."""
    length = min(round(FADE_SECONDS * rate), samples // 2)
    start = 0
    for block in blocks:
        # How far each sample is from the nearer end of the clip.
        place = np.arange(start, start + len(block))
        near = np.minimum(place, samples - 1 - place)
        start += len(block)
        if near.min(initial=length) >= length:
            yield block
        else:
            gain = 0.5 - 0.5 * np.cos(np.pi * np.minimum(near / length, 1.0))
            yield block * gain.astype(np.float32)[:, None]


def exactly(blocks: Iterable[NDArray[np.float32]], samples: int) -> Iterator[NDArray[np.float32]]:
    """Blocks of so many samples altogether: what is more is cut off, what is missing is silence."""
    left = samples
    for block in blocks:
        if len(block) and left:
            yield block[:left]
            left -= min(left, len(block))
            channels = block.shape[1]
    if left:
        yield np.zeros((left, channels), np.float32)


def after(blocks: Iterable[NDArray[np.float32]], skipped: int) -> Iterator[NDArray[np.float32]]:
    """Blocks without the first `skipped` samples."""
    for block in blocks:
        yield block[skipped:]
        skipped = max(0, skipped - len(block))
