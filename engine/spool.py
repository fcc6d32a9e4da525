"""The model's sound on disk while it is finished: raw float32 in, the same blocks out as often as wanted.

It takes the mean (DC) out, because that is known only when all has come. It knows no file format.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING

import numpy as np

from engine.audio import BLOCK_SAMPLES
from engine.errors import EngineError

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Spool:
    """All of `blocks`, (samples, channels) float32 at `rate` Hz, written to `file` at once.

    used_seconds: the part that will be heard, over which the mean is taken; inf for all of it, 0 leaves the
    mean where it is. Raises EngineError when a block has infinities, ValueError when there is no block.
    """

    def __init__(
        self, file: IO[bytes], rate: int, blocks: Iterable[NDArray[np.float32]], used_seconds: float
    ) -> None:
        self.rate = rate
        self.channels = 0
        self.samples = 0
        self._file = file
        used = math.inf if math.isinf(used_seconds) else math.ceil(used_seconds * rate)
        total: NDArray[np.float64] = np.zeros(1)
        for block in blocks:
            self._append(block)
            first = self.samples - len(block)
            total = total + block[: int(min(len(block), max(0, used - first)))].sum(axis=0, dtype=np.float64)
        if not self.samples:
            raise ValueError("the model delivered no sound")
        self._mean = (total / max(1, min(self.samples, used))).astype(np.float32)

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """The sound without its mean, from the beginning, in blocks."""
        yield from self.around(0, self.samples)

    def around(self, first: int, last: int) -> Iterator[NDArray[np.float32]]:
        """Samples `first` to `last` of the sound as if it turned for ever; both may lie outside of it."""
        while first < last:
            start = first % self.samples
            count = min(BLOCK_SAMPLES, last - first, self.samples - start)
            self._file.seek(start * self.channels * 4)
            raw = np.frombuffer(self._file.read(count * self.channels * 4), np.float32)
            yield raw.reshape(count, self.channels) - self._mean
            first += count

    def _append(self, block: NDArray[np.float32]) -> None:
        self.channels = self.channels or block.shape[1]
        if block.ndim != 2 or block.shape[1] != self.channels:
            raise ValueError(f"a block of shape {block.shape} came where {self.channels} channels are")
        if not np.isfinite(block).all():
            raise EngineError(
                "The model made numbers that are no sound (infinite or undefined): "
                "render with the precision float32, or choose another model."
            )
        self._file.write(np.ascontiguousarray(block, dtype=np.float32).tobytes())
        self.samples += len(block)
