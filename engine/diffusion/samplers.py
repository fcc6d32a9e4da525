"""Samplers: from noise to x0 along the probability flow, one function each.

A sampler asks `denoise(x, t)` for an estimate of x0 and knows neither the network behind it nor guidance,
windows or the parametrisation. In y = x / (alpha + sigma) and rho = sigma / (alpha + sigma) every schedule
becomes the same equation dy/drho = noise - x0 = (y - x0) / rho, which is why one Euler serves
variance-preserving and flow paths alike, and why alpha = 0 at the start and sigma = 0 at the end need no
care.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Protocol

import torch
from torch import Tensor

from engine.diffusion.schedule import Process
from engine.reports import Report

STAGE = "denoising"

Denoise = Callable[[Tensor, float], Tensor]

Levels = tuple[float, float]  # (alpha, sigma)


class Sampler(Protocol):
    """x (b, ...) at times[0], falling times that end in 0 -> a sample of x0, shape of x.

    At times[0] x is noise of variance 1. `report(STAGE, fraction)` is called once after each of the
    len(times) - 1 steps and may raise to stop. Every sampler asks for one estimate a step, heun for two in
    all but the last. The last step, to sigma = 0, returns the last estimate of x0 as it is.
    """

    def __call__(
        self,
        denoise: Denoise,
        x: Tensor,
        process: Process,
        times: Sequence[float],
        report: Report | None = None,
    ) -> Tensor: ...


def ddim(
    denoise: Denoise,
    x: Tensor,
    process: Process,
    times: Sequence[float],
    report: Report | None = None,
    eta: float = 0.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """DDIM (Song et al. 2021, eq. 12), first order: `euler` for eta = 0, ancestral sampling for eta = 1.

    With r = sigma / alpha the share of fresh noise in a step from r to r' is eta sqrt(1 - (r' / r)^2) of
    sigma', which is eq. 16 for variance-preserving paths and holds for the others too. eta > 0 needs a
    generator (ValueError).
    """
    if eta > 0 and generator is None:
        raise ValueError("ddim draws fresh noise for eta > 0 and needs a generator for it.")
    for step, (t, t_next) in enumerate(_pairs(times)):
        (alpha, sigma), (alpha_next, sigma_next) = process.levels(t), process.levels(t_next)
        x0 = denoise(x, t)
        noise = (x - alpha * x0) / sigma
        fresh = eta * math.sqrt(1 - (sigma_next * alpha / (alpha_next * sigma)) ** 2)
        x = alpha_next * x0 + sigma_next * math.sqrt(1 - fresh**2) * noise
        if generator is not None and fresh * sigma_next > 0:
            x = x + fresh * sigma_next * _randn_like(x, generator)
        _tell(report, step, times)
    return x


def euler(
    denoise: Denoise, x: Tensor, process: Process, times: Sequence[float], report: Report | None = None
) -> Tensor:
    """Euler's method in (y, rho), first order: for flow the usual one, for variance-preserving paths DDIM."""
    for step, (t, t_next) in enumerate(_pairs(times)):
        x = _first_order(x, denoise(x, t), process.levels(t), process.levels(t_next))
        _tell(report, step, times)
    return x


def heun(
    denoise: Denoise, x: Tensor, process: Process, times: Sequence[float], report: Report | None = None
) -> Tensor:
    """Heun's method in (y, rho), second order, two estimates a step (Karras et al. 2022, algorithm 1).

    The last step is Euler's, as dy/drho is not defined at rho = 0.
    """
    for step, (t, t_next) in enumerate(_pairs(times)):
        levels, levels_next = process.levels(t), process.levels(t_next)
        x0 = denoise(x, t)
        x_next = _first_order(x, x0, levels, levels_next)
        if levels_next[1] > 0:
            y, rho = _y_rho(x, levels)
            y_next, rho_next = _y_rho(x_next, levels_next)
            slope = (y - x0) / rho
            slope_next = (y_next - denoise(x_next, t_next)) / rho_next
            x_next = sum(levels_next) * (y + (rho_next - rho) * (slope + slope_next) / 2)
        x = x_next
        _tell(report, step, times)
    return x


def dpmpp_2m(
    denoise: Denoise, x: Tensor, process: Process, times: Sequence[float], report: Report | None = None
) -> Tensor:
    """DPM-Solver++(2M), second order with one estimate a step (Lu et al. 2022, algorithm 2).

    The estimate is extrapolated to the middle of the step in log(alpha / sigma). First and last step are of
    first order; so is the second one after alpha = 0, whose step in log(alpha / sigma) is infinite.
    """
    x0_before: Tensor | None = None
    width_before = math.inf
    for step, (t, t_next) in enumerate(_pairs(times)):
        levels, levels_next = process.levels(t), process.levels(t_next)
        x0 = denoise(x, t)
        width = _log_ratio(levels_next) - _log_ratio(levels)
        ahead = x0
        if x0_before is not None and levels_next[1] > 0:
            ahead = x0 + width / (2 * width_before) * (x0 - x0_before)
        x = _first_order(x, ahead, levels, levels_next)
        x0_before, width_before = x0, width
        _tell(report, step, times)
    return x


SAMPLERS: dict[str, Sampler] = {"ddim": ddim, "euler": euler, "heun": heun, "dpmpp_2m": dpmpp_2m}


def calls(sampler: str, process: Process, times: Sequence[float]) -> list[float]:
    """The times at which a sampler asks for an estimate, in their order."""
    asked: list[float] = []

    def denoise(x: Tensor, t: float) -> Tensor:
        asked.append(t)
        return x

    SAMPLERS[sampler](denoise, torch.zeros(1), process, times)
    return asked


def _first_order(x: Tensor, x0: Tensor, levels: Levels, levels_next: Levels) -> Tensor:
    """The step that is exact for a constant x0; at sigma' = 0 it gives x0 itself."""
    (alpha, sigma), (alpha_next, sigma_next) = levels, levels_next
    return (sigma_next / sigma) * x + (alpha_next - sigma_next * alpha / sigma) * x0


def _y_rho(x: Tensor, levels: Levels) -> tuple[Tensor, float]:
    return x / sum(levels), levels[1] / sum(levels)


def _log_ratio(levels: Levels) -> float:
    alpha, sigma = levels
    if alpha == 0 or sigma == 0:
        return -math.inf if alpha == 0 else math.inf
    return math.log(alpha / sigma)


def _pairs(times: Sequence[float]) -> list[tuple[float, float]]:
    if len(times) < 2 or times[-1] != 0 or any(t <= t_next for t, t_next in pairwise(times)):
        raise ValueError(f"Sampling needs times that fall and end in 0, not {list(times)}.")
    return list(pairwise(times))


def _tell(report: Report | None, step: int, times: Sequence[float]) -> None:
    if report is not None:
        report(STAGE, (step + 1) / (len(times) - 1))


def _randn_like(x: Tensor, generator: torch.Generator) -> Tensor:
    drawn = torch.randn(x.shape, generator=generator, device=generator.device, dtype=x.dtype)
    return drawn.to(x.device)
