"""What the two CLAP towers share: the projection into the common space, similarity, and the contrastive loss.

It knows neither text nor audio, only vectors.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class Projection(nn.Module):
    """CLAP 2023 (Elizalde et al., arXiv 2309.05767; microsoft/CLAP, clap.py): e1 = linear1(x), y =
    LayerNorm(e1 + dropout(linear2(gelu(e1)))). (b, width_in) -> (b, width_out), not of length 1.
    """

    def __init__(self, width_in: int, width_out: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.linear1 = nn.Linear(width_in, width_out, bias=False)
        self.linear2 = nn.Linear(width_out, width_out, bias=False)
        self.layer_norm = nn.LayerNorm(width_out)
        self.drop = nn.Dropout(dropout)

    def forward(self, pooled: Tensor) -> Tensor:
        first = self.linear1(pooled)
        second = self.drop(self.linear2(functional.gelu(first)))
        joined: Tensor = self.layer_norm(first + second)
        return joined


class Temperature(nn.Module):
    """The learnt scale of the similarities, exp(log_scale), from 1/0.07, held between 1 and 100 (CLIP, arXiv
    2103.00020).
    """

    def __init__(self, start: float = 1 / 0.07) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(math.log(start)))

    def forward(self, similarities: Tensor) -> Tensor:
        return similarities * self.log_scale.float().clamp(0.0, math.log(100.0)).exp()


def similarity(first: Tensor, second: Tensor) -> Tensor:
    """Cosines of all pairs: (a, d), (b, d) -> (a, b) in float32."""
    return functional.normalize(first.float(), dim=-1) @ functional.normalize(second.float(), dim=-1).T


def contrastive_loss(scores: Tensor, affinity: Tensor) -> Tensor:
    """Symmetric cross-entropy of (n, n) scores, rows audio and columns text, against soft targets.

    `affinity` (n, n) >= 0 says how much a text fits an audio: 1 on the diagonal, and above 0 where two clips
    are of the same kind, which are no negatives of each other. With the identity it is the InfoNCE of CLAP
    (arXiv 2206.04769, eq. 4).
    """
    rows = affinity / affinity.sum(1, keepdim=True)
    columns = affinity / affinity.sum(0, keepdim=True)
    by_audio = -(rows * scores.log_softmax(1)).sum(1).mean()
    by_text = -(columns * scores.log_softmax(0)).sum(0).mean()
    return (by_audio + by_text) / 2
