"""What a render is heard as before it is finished: at about its final level, which its beginning tells.

It hears blocks one by one, keeps none, and knows no file and no device.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.loudness import LoudnessMeter, TruePeakMeter
from engine.mastering import PEAK_CEILING_DB, chosen_gain
from engine.scene import Output

Samples = NDArray[np.float32]

FALL_SECONDS = 0.01
"""How long the gain takes to fall before a block that would be too loud."""


class Preview:
    """Brings blocks of about the same sound to the output's loudness. rate: of the blocks, in Hz.

    The gain is chosen with the first block and only ever falls, so that no peak is above the ceiling.
    kept: a part of another clip stays in this one as it is, and gives all of it its level.
    """

    def __init__(self, rate: int, output: Output, kept: bool = False) -> None:
        self._rate, self._output = rate, output
        self._gain: float | None = 1.0 if kept else None

    def heard(self, block: Samples) -> Samples:
        """The next block, (samples, channels), as it is to be heard."""
        if self._gain is None:
            self._gain = self._first_gain(block)
        before = self._gain
        highest = 10 ** (PEAK_CEILING_DB / 20)
        self._gain = min(before, highest / max(float(np.abs(block).max(initial=0.0)), 1e-9))
        fall = np.full(len(block), self._gain, np.float32)
        count = min(len(block), round(FALL_SECONDS * self._rate))
        fall[:count] = np.linspace(before, self._gain, count)
        heard: Samples = np.clip(block * fall[:, None], -1, 1)
        return heard

    def _first_gain(self, block: Samples) -> float:
        if self._output.gain_db is not None:
            return float(10 ** (self._output.gain_db / 20))
        loudness, peak = LoudnessMeter(self._rate, block.shape[1]), TruePeakMeter(self._rate, block.shape[1])
        loudness.add(block)
        peak.add(block)
        return float(10 ** (chosen_gain(loudness, peak.result(), self._output.lufs)[0] / 20))
