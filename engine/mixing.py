"""Layers to one sound: each is rendered by itself, brought to one loudness, put in its place, and added.

A stem is one of them alone, exactly as it is in the mix: the stems' sum is the mix. It knows how one sound is
made, and a layered Scene, and no file.
"""

from __future__ import annotations

import contextlib
import math
import tempfile
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.filters import DIRECT_TAPS, convolved, distant
from engine.layer import Layer
from engine.loudness import LoudnessMeter
from engine.ranges import RANGES
from engine.reports import CancelledCheck, Report, stop_if
from engine.scene import Scene
from engine.spool import Spool
from engine.synthesis import Synthesis

Samples = NDArray[np.float32]

LAYER_LUFS = -26.0
"""What a layer of 0 dB is brought to, after its distance."""
LARGEST_GAIN_DB = 40.0


def mixed(synthesis: Synthesis, scene: Scene, tell: Report, cancelled: CancelledCheck) -> Iterator[Samples]:
    """Blocks (samples, channels) of a resolved scene with layers: the mix, or the stem that it asks for.

    Raises Cancelled like `Pipeline.render`.
    """
    numbers = [scene.stem - 1] if scene.stem else range(len(scene.layers))
    rate = synthesis.model.index.sample_rate
    with contextlib.ExitStack() as files:
        tracks = []
        for done, number in enumerate(numbers):
            file = files.enter_context(tempfile.TemporaryFile(prefix="roomtone-"))

            def part(stage: str, fraction: float, done: int = done) -> None:
                tell(stage, (done + fraction) / len(numbers))

            blocks = synthesis.whole(layer_scene(scene, number), part, cancelled)
            spool = Spool(file, rate, blocks, math.inf)
            tracks.append(_track(spool, scene.layers[number], scene.loop))
        for parts in zip(*tracks):
            stop_if(cancelled)
            whole = parts[0]
            for other in parts[1:]:
                whole = whole + other
            yield whole


def layer_scene(scene: Scene, number: int) -> Scene:
    """The scene of one layer alone; without a seed of its own it has the scene's, and its number added."""
    layer = scene.layers[number]
    seed = ((scene.seed or 0) + number) % (int(RANGES["seed"].high) + 1) if layer.seed is None else layer.seed
    return replace(scene, prompt=layer.prompt, seed=seed, layers=(), stem=0, width=None)


def panned(block: Samples, pan: float) -> Samples:
    """(n, 2) moved to the left (-1) or right (1) as a whole: what leaves one side is added to the other."""
    if pan == 0 or block.shape[1] != 2:
        return block
    gone, stays = np.float32(math.sin(abs(pan) * math.pi / 2)), np.float32(math.cos(pan * math.pi / 2))
    left, right = block.T
    sides = (left * stays, right + left * gone) if pan > 0 else (left + right * gone, right * stays)
    return np.stack(sides, axis=1)


def _track(spool: Spool, layer: Layer, loop: bool) -> Iterator[Samples]:
    """A layer's blocks as they are in the mix."""
    response = distant(layer.distance, spool.rate, spool.channels)
    meter = LoudnessMeter(spool.rate, spool.channels)
    for block in convolved(spool, response, DIRECT_TAPS // 2, loop):
        meter.add(block)
    lufs = meter.result().integrated_lufs
    raised_db = 0.0 if math.isinf(lufs) else min(LARGEST_GAIN_DB, LAYER_LUFS - lufs)
    gain = np.float32(10 ** ((raised_db + layer.gain_db) / 20))
    for block in convolved(spool, response, DIRECT_TAPS // 2, loop):
        yield panned(gain * block, layer.pan)
