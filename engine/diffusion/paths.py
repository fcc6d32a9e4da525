"""The noise schedules as pairs of functions: t -> (alpha, sigma) and back from rho = sigma / (alpha + sigma).

They know nothing of what a network predicts; see schedule.py for that. t and rho are float64 tensors in [0,
1] of any shape (float32 where the device has no float64), alpha and sigma have the same shape.
"""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Tensor


class Path(Protocol):
    """x_t = alpha(t) x0 + sigma(t) noise with sigma(0) = 0 and sigma / alpha growing with t."""

    def levels(self, t: Tensor) -> tuple[Tensor, Tensor]: ...

    def time_of_rho(self, rho: Tensor) -> Tensor: ...

    def network_time(self, t: Tensor, steps: int) -> Tensor: ...


class LinearFlow:
    """alpha = 1 - t, sigma = t: rho is the time itself."""

    def levels(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return 1 - t, t

    def time_of_rho(self, rho: Tensor) -> Tensor:
        return rho

    def network_time(self, t: Tensor, steps: int) -> Tensor:
        return t * (steps - 1)


class Cosine:
    """alpha = cos(pi t / 2), sigma = sin(pi t / 2), without the clipping of Nichol and Dhariwal 2021."""

    def levels(self, t: Tensor) -> tuple[Tensor, Tensor]:
        # sin((1 - t) pi / 2) is exactly 0 at t = 1, cos(pi / 2) is not.
        return torch.sin((1 - t) * (math.pi / 2)), torch.sin(t * (math.pi / 2))

    def time_of_rho(self, rho: Tensor) -> Tensor:
        return torch.atan2(rho, 1 - rho) / (math.pi / 2)

    def network_time(self, t: Tensor, steps: int) -> Tensor:
        return t * (steps - 1)


class ScaledLinear:
    """The discrete schedule of latent diffusion made continuous: step k lies at t = (k + 1) / steps.

    Between grid points log(alpha^2 / sigma^2) is linear; below the first one sigma^2 / alpha^2 falls linearly
    to 0 at t = 0, as it does for a constant beta. The table is made in float32 as diffusers makes it, so that
    the grid points agree bit for bit.
    """

    def __init__(self, beta_start: float, beta_end: float, steps: int) -> None:
        betas = torch.linspace(beta_start**0.5, beta_end**0.5, steps, dtype=torch.float32) ** 2
        self.steps = steps
        self.log_snr = torch.logit(torch.cumprod(1 - betas, dim=0).double())

    def levels(self, t: Tensor) -> tuple[Tensor, Tensor]:
        table = self.log_snr.to(t.device, t.dtype)
        position = (t * self.steps - 1).clamp(max=self.steps - 1)
        # A position within rounding of a grid point is that grid point.
        position = torch.where((position - position.round()).abs() < 1e-9, position.round(), position)
        below = position.floor().clamp(0, self.steps - 2)
        left, right = table[below.long()], table[below.long() + 1]
        log_snr = left + (position - below) * (right - left)
        log_snr = torch.where(position < 0, table[0] - torch.log(position + 1), log_snr)
        return torch.sigmoid(log_snr).sqrt(), torch.sigmoid(-log_snr).sqrt()

    def time_of_rho(self, rho: Tensor) -> Tensor:
        table = self.log_snr.to(rho.device, rho.dtype)
        log_snr = -2 * torch.logit(rho)
        below = torch.searchsorted(-table, -log_snr, right=True).sub(1).clamp(0, self.steps - 2)
        left, right = table[below], table[below + 1]
        position = (below + (log_snr - left) / (right - left)).clamp(max=self.steps - 1)
        position = torch.where(log_snr > table[0], torch.exp(table[0] - log_snr) - 1, position)
        return (position + 1) / self.steps

    def network_time(self, t: Tensor, steps: int) -> Tensor:
        return (t * steps - 1).clamp(0, steps - 1)
