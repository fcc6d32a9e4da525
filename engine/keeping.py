"""What is kept of another clip, put back sample for sample into a sound that was made around it.

It knows files and samples, and nothing of how the new part was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from engine.audio import read_blocks, resampled, sound_info

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.edits import Kept


def kept_in(blocks: Iterable[NDArray[np.float32]], keep: Kept, rate: int) -> Iterator[NDArray[np.float32]]:
    """Blocks (samples, channels) at `rate` Hz, their old part exchanged for the samples of the clip's file.

    At the clip's own rate these are its samples bit for bit, else it is resampled as a whole. Raises
    EngineError when the file cannot be read.
    """
    info = sound_info(keep.path)
    old = _Stream(resampled(read_blocks(keep.path), info.rate, rate))
    first, last = round(keep.first_seconds * rate), round(keep.last_seconds * rate)
    begins, start = round(keep.at_seconds * rate), 0
    for block in blocks:
        offset = min(len(block), max(0, begins - start))
        clip = conformed(old.take(len(block) - offset), block.shape[1])
        place = np.arange(start + offset, start + offset + len(clip))
        stays = (place < first) | (place >= last)
        whole = block.copy()
        whole[offset : offset + len(clip)][stays] = clip[stays]
        yield whole
        start += len(block)


def conformed(samples: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    """(n, any) -> (n, channels): one channel becomes two alike, two become one, further ones are left out."""
    if channels == 1:
        mono: NDArray[np.float32] = samples[:, :2].mean(axis=1, keepdims=True, dtype=np.float32)
        return mono
    return np.repeat(samples[:, :1], channels, axis=1) if samples.shape[1] == 1 else samples[:, :channels]


class _Stream:
    """Blocks of any lengths, taken in the lengths that are asked for."""

    def __init__(self, blocks: Iterator[NDArray[np.float32]]) -> None:
        self._blocks = blocks
        self._rest: NDArray[np.float32] | None = None

    def take(self, count: int) -> NDArray[np.float32]:
        """The next samples, fewer at the end."""
        parts = [] if self._rest is None else [self._rest]
        have = sum(map(len, parts))
        while have < count or not parts:
            block = next(self._blocks, None)
            if block is None:
                break
            parts.append(block)
            have += len(block)
        whole = np.concatenate(parts)
        self._rest = whole[count:]
        return whole[:count]
