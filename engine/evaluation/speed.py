"""How long a model takes for a clip as it renders unasked: its default steps, guidance and sampler.

A long clip is heard from its first block on, while the rest of it is being made.

Counts what the denoiser is asked and reads a clock; refuses to know what is heard.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from torch import nn

from engine.evaluation.bars import Bar, bar
from engine.evaluation.renders import Renders
from engine.reports import never, silent

PROMPT = "steady rain on a canvas tent, distant thunder"
REPEATS = 3
LONG_S = 60.0


def speeds(renders: Renders) -> list[Bar]:
    """Both bars. Of the first sound the loudspeaker's share is left out: a buffer of the sound card."""
    return [speed(renders), first_sound(renders)]


def first_sound(renders: Renders) -> Bar:
    """The median time until the first block of a long clip."""
    renderings = renders.renderings
    scene = replace(renderings.scene(PROMPT, 0), seconds=LONG_S).checked()
    times_s = []
    for _ in range(1 + REPEATS):
        began_s = time.perf_counter()
        next(renderings.pipeline.render(scene, silent, never))
        times_s.append(time.perf_counter() - began_s)
    return bar("first_sound", statistics.median(times_s[1:]), REPEATS, {"seconds of the clip": LONG_S})


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
