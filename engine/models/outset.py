"""What a denoiser would say at pure noise, without asking it. Knows vectors; refuses to know networks.

There x says nothing of x0, and of a sound that stands still no frame differs from another: what is left is a
function of the condition, small enough to be learnt from the network's answers once and for all.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTH = 2.0
"""Of the kernel, in squared distances between directions: it reaches from any to any other."""


class Outset(nn.Module):
    """Kernel regression on the directions of conditions, and how the network's answers scatter about it.

    centres: (k, d) of length 1. weights: (k, z m'). mean: (z m'). scatter: (z m', z m'), a root of the
    covariance. latent_channels: z.
    """

    centres: Tensor
    weights: Tensor
    mean: Tensor
    scatter: Tensor

    def __init__(self, latent_channels: int, bands: int, centres: int, condition_dim: int) -> None:
        super().__init__()
        self.latent_channels, self.size = latent_channels, latent_channels * bands
        self.register_buffer("centres", torch.zeros(centres, condition_dim))
        self.register_buffer("weights", torch.zeros(centres, self.size))
        self.register_buffer("mean", torch.zeros(self.size))
        self.register_buffer("scatter", torch.zeros(self.size, self.size))

    def forward(self, condition: Tensor, chance: Tensor) -> Tensor:
        """Conditions (b, d) of any lengths, normal numbers (b, z m') -> (b, z, 1, m'), x0 at any frame."""
        near = kernel(F.normalize(condition.float(), dim=-1), self.centres)
        expected: Tensor = self.mean + near @ self.weights + chance @ self.scatter.T
        frame: Tensor = expected.unflatten(-1, (self.latent_channels, 1, -1))
        return frame


def kernel(first: Tensor, second: Tensor) -> Tensor:
    """(n, d), (k, d) of length 1 -> (n, k), the Gaussian kernel: 1 where they are the same."""
    return ((first @ second.T - 1) / WIDTH).exp()
