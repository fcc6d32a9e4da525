"""Convolutions over time that keep their channels last in memory: on a CPU faster in bfloat16.

Weights and names are those of torch's own, and so are the results but for rounding. Where gradients are
taken, which is slower this way, torch's own layers compute.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Conv1d(nn.Conv1d):
    """nn.Conv1d with zeros as padding, computed over an image of height 1."""

    def forward(self, x: Tensor) -> Tensor:
        """x (b, c, t) -> (b, c', t')."""
        if torch.is_grad_enabled():
            return super().forward(x)
        pad, stride, dilation = int(self.padding[0]), self.stride[0], self.dilation[0]
        weight = _image(self.weight)
        return F.conv2d(_image(x), weight, self.bias, (1, stride), (0, pad), (1, dilation), self.groups)[
            :, :, 0
        ]


class ConvTranspose1d(nn.ConvTranspose1d):
    """nn.ConvTranspose1d without dilation or output padding, computed over an image of height 1."""

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        """x (b, c, t) -> (b, c', t')."""
        if torch.is_grad_enabled():
            return super().forward(x, output_size)
        pad, stride = int(self.padding[0]), self.stride[0]
        weight = _image(self.weight)
        return F.conv_transpose2d(_image(x), weight, self.bias, (1, stride), (0, pad), 0, self.groups)[
            :, :, 0
        ]


def _image(x: Tensor) -> Tensor:
    return x[:, :, None].contiguous(memory_format=torch.channels_last)
