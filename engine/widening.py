"""Width: how much side a stereo sound has beside its mid, from none to as much.

The mid is never touched, so the sum to mono is the same at any width, and at full width, where left and right
are not correlated, it is 3 dB below the sides together. It knows samples, and no scene.
"""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from engine.filters import convolved, smearing
from engine.spool import Spool

Samples = NDArray[np.float32]

WIDEST = math.sqrt(10**0.3 - 1) * (1 - 1e-6)
"""RMS of the side against that of the mid at width 1: the sum to mono loses 3 dB and no more."""
LARGEST_SIDE_GAIN = 4.0
"""A side that wants more than 12 dB is made of the mid's own sound, smeared, instead of its noise."""


def says_mono(text: str) -> bool:
    """Whether a caption or prompt speaks of mono."""
    return "mono" in re.findall(r"\w+", text.lower())


def widened(blocks: Iterable[Samples], rate: int, width: float, loop: bool = False) -> Iterator[Samples]:
    """(samples, 2) in blocks -> the same sound with `width` from 0, mono, to 1, decorrelated.

    The side's RMS becomes width x WIDEST of the mid's. All of `blocks` is taken, and kept in a nameless file,
    before the first block comes out.
    """
    with tempfile.TemporaryFile(prefix="roomtone-") as file:
        spool = Spool(file, rate, blocks, math.inf)
        mid_rms, side_rms = (_rms(_track(spool, sign)) for sign in (1, -1))
        wanted = width * WIDEST * mid_rms
        gain = min(LARGEST_SIDE_GAIN, wanted / max(side_rms, 1e-9))
        missing = math.sqrt(max(0.0, wanted**2 - (gain * side_rms) ** 2)) / max(mid_rms, 1e-9)
        if missing < 1e-3:
            missing = 0.0
        scale = wanted / max(_rms(_sides(spool, gain, missing, loop)), 1e-9)
        for block, side in zip(spool.blocks(), _sides(spool, gain * scale, missing * scale, loop)):
            mid = block.mean(axis=1, dtype=np.float32)
            yield np.stack([mid + side, mid - side], axis=1)


def _sides(spool: Spool, gain: float, missing: float, loop: bool) -> Iterator[Samples]:
    """The side of each block, (n,): its own raised by `gain`, and so much of the smeared mid."""
    own = _track(spool, -1)
    if not missing:
        for side in own:
            yield np.float32(gain) * side
        return
    response = smearing(spool.rate)
    for side, smeared in zip(own, convolved(spool, response, 0, loop)):
        yield np.float32(gain) * side + np.float32(missing) * smeared.mean(axis=1, dtype=np.float32)


def _track(spool: Spool, sign: int) -> Iterator[Samples]:
    """Mid (sign 1) or side (-1) of each block, (n,)."""
    for block in spool.blocks():
        track: Samples = (block[:, 0] + np.float32(sign) * block[:, 1]) * np.float32(0.5)
        yield track


def _rms(tracks: Iterable[Samples]) -> float:
    energy, count = 0.0, 0
    for track in tracks:
        energy += float(np.square(track, dtype=np.float64).sum())
        count += len(track)
    return math.sqrt(energy / max(1, count))
