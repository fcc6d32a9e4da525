"""Between two vectors: the way from one condition to the next, for sounds that are half one, half another.

It knows vectors, and nothing of what they stand for.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def slerp(first: Tensor, second: Tensor, share: float) -> Tensor:
    """The vector (1, d) so far on the way from first to second, both (1, d); share from 0 to 1.

    The direction turns evenly on the sphere (Shoemake 1985), the length changes evenly. Where the way is not
    known, from a vector to its opposite, it goes straight.
    """
    if share in (0.0, 1.0):
        return second if share else first
    from_, to = F.normalize(first, dim=-1), F.normalize(second, dim=-1)
    length = torch.lerp(first.norm(dim=-1, keepdim=True), second.norm(dim=-1, keepdim=True), share)
    angle = torch.acos((from_ * to).sum(-1, keepdim=True).clamp(-1, 1))
    if float(angle.sin()) < 1e-4:
        return torch.lerp(first, second, share)
    turned = (torch.sin((1 - share) * angle) * from_ + torch.sin(share * angle) * to) / angle.sin()
    return turned * length


def along(points: Tensor, place: float) -> Tensor:
    """The vector (1, d) at a place, 0 to 1, on the way through all points (n, d), evenly spaced."""
    position = min(max(place, 0.0), 1.0) * (len(points) - 1)
    before = min(int(position), max(0, len(points) - 2))
    after = min(before + 1, len(points) - 1)
    return slerp(points[before : before + 1], points[after : after + 1], position - before)
