"""How long a model takes for a clip as it renders unasked: its default steps, guidance and sampler.

Counts what the denoiser is asked and reads a clock; refuses to know what is heard.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from engine.evaluation.bars import Bar, bar
from engine.evaluation.renders import Renders

PROMPT = "steady rain on a canvas tent, distant thunder"
REPEATS = 3


def speed(renders: Renders) -> Bar:
    """The median of some renders, after one that prepares the kernels.

    A guided step, which asks for two answers at once, is one call of the network.
    """
    with _counted(renders.renderings.pipeline.model.unet) as calls:
        renders.wave(PROMPT, 0)
    times_s = []
    for _ in range(REPEATS):
        began_s = time.perf_counter()
        renders.wave(PROMPT, 0)
        times_s.append(time.perf_counter() - began_s)
    median_s = statistics.median(times_s)
    details = {"seconds": median_s, "network calls": float(len(calls))}
    return bar("speed", median_s / renders.renderings.seconds, REPEATS, details)


@contextmanager
def _counted(network: nn.Module) -> Iterator[list[None]]:
    """As many as the network has been asked for answers."""
    calls: list[None] = []
    hook = network.register_forward_hook(lambda *_: calls.append(None))
    try:
        yield calls
    finally:
        hook.remove()
