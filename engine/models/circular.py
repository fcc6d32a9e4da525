"""Time as a circle: for a while, convolutions hear past the end of an image what stands at its beginning.

With it a network of convolutions, norms and attention over (b, c, t, m) commutes with rolling the time axis
by its stride, so that what it makes wraps by construction, without training. Knows no network in particular.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn


@contextlib.contextmanager
def circular_time(*networks: nn.Module) -> Iterator[None]:
    """Within the context every Conv2d of the networks pads its time axis, the last but one, by wrapping.

    The last axis (mel bands) keeps its zeros; weights are not touched. Not for two threads at once.
    """
    with contextlib.ExitStack() as undone:
        for convolution in _padded_in_time(networks):
            before: Any = convolution.padding
            undone.callback(setattr, convolution, "padding", before)
            undone.callback(convolution.register_forward_pre_hook(_wrapping(int(before[0]))).remove)
            convolution.padding = (0, before[1])
        yield


def _padded_in_time(networks: tuple[nn.Module, ...]) -> Iterator[nn.Conv2d]:
    for network in networks:
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d) and not isinstance(layer.padding, str) and layer.padding[0]:
                yield layer


def _wrapping(pad: int) -> Any:
    def wrap(_layer: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        x = given[0]
        turns = -(-pad // x.shape[2])
        around = x if turns == 1 else x.repeat(1, 1, turns, 1)
        return (torch.cat([around[:, :, -pad:], x, around[:, :, :pad]], dim=2), *given[1:])

    return wrap
