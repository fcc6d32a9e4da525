"""How data turns into noise: x_t = alpha(t) * x0 + sigma(t) * noise, for t from 0 (data) to 1 (noise).

One `Process` serves training (`draw_times`, `add_noise`, `target`) and sampling (`times`, `timestep`,
`denoised`). It knows nothing of networks, conditions or sound: tensors in, tensors out.

Time is continuous. Step k = 0 ... 999 of a discrete schedule lies at t = (k + 1) / 1000, so t = 0 is the
clean signal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from engine.diffusion.paths import Cosine, LinearFlow, Path, ScaledLinear
from engine.errors import UsageError

# Epsilon says nothing about x0 where alpha = 0 (cosine and linear flow at t = 1): there sampling starts at
# this log(alpha / sigma) instead. AudioLDM's discrete schedule ends at -4.4 and is left alone.
EPSILON_FIRST_LOG_RATIO = -5.0

NOISY_SHIFT = 2.0
"""Of the training times "noisy"."""

Time = TypeVar("Time", float, Tensor)

PARAMETRISATIONS = ("epsilon", "v", "flow")


@dataclass(frozen=True)
class ProcessConfig:
    """What the network predicts and along which path; the defaults are the small model's.

    parametrisation: "epsilon" the noise (Ho et al. 2020), "v" alpha * noise - sigma * x0 (Salimans and Ho
        2022), "flow" noise - x0 (Lipman et al. 2023, Liu et al. 2023).
    schedule: "linear_flow" alpha = 1 - t, sigma = t; "cosine" alpha = cos(pi t / 2), sigma = sin(pi t / 2);
        "scaled_linear" the square roots of beta run linearly from beta_start to beta_end (latent diffusion,
        AudioLDM).
    guidance_rise: what sampling does with guidance, see engine.diffusion.guidance.at_time.
    """

    parametrisation: str = "flow"
    schedule: str = "linear_flow"
    beta_start: float = 0.0015
    beta_end: float = 0.0195
    train_steps: int = 1000
    guidance_rise: float = 0.0

    def __post_init__(self) -> None:
        _one_of(self.parametrisation, PARAMETRISATIONS, "The parametrisation")
        _one_of(self.schedule, SCHEDULES, "The noise schedule")
        if not 0.0 < self.beta_start <= self.beta_end < 1.0:
            raise UsageError(
                f"The noise schedule needs 0 < beta_start <= beta_end < 1, "
                f"not beta_start = {self.beta_start} and beta_end = {self.beta_end}."
            )
        if self.guidance_rise < 0:
            raise UsageError(f"The guidance_rise must not be negative, but is {self.guidance_rise}.")
        if self.train_steps < 2:
            raise UsageError(f"The noise schedule needs at least 2 train_steps, not {self.train_steps}.")


class Process:
    """The path between data and noise, and what the network has to say about it.

    Every method takes t as a tensor of times in [0, 1], one number or (b,) for x of shape (b, ...). The
    arithmetic on times is float64 where the device has it; results have the dtype of t, or of x where there
    is an x.
    """

    def __init__(self, config: ProcessConfig) -> None:
        self.config = config
        self._path = SCHEDULES[config.schedule](config)

    def alpha(self, t: Tensor) -> Tensor:
        """Share of the data in x_t, shape of t."""
        return self._path.levels(_wide(t))[0].to(t.dtype)

    def sigma(self, t: Tensor) -> Tensor:
        """Share of the noise in x_t, shape of t; exactly 0 at t = 0."""
        return self._path.levels(_wide(t))[1].to(t.dtype)

    def levels(self, t: float) -> tuple[float, float]:
        """(alpha, sigma) at one time, as Python floats of full precision: for samplers."""
        alpha, sigma = self._path.levels(torch.tensor(t, dtype=torch.float64))
        return float(alpha), float(sigma)

    def time_of_rho(self, rho: Tensor) -> Tensor:
        """The time at which sigma / (alpha + sigma) is rho in [0, 1], shape of rho."""
        return self._path.time_of_rho(_wide(rho)).to(rho.dtype)

    def timestep(self, t: Tensor) -> Tensor:
        """What the network is fed: a number in [0, train_steps - 1], shape and dtype of t.

        Grid point k of the discrete schedule gives k, as a network trained on integers expects; the other
        schedules stretch [0, 1] evenly.
        """
        return self._path.network_time(_wide(t), self.config.train_steps).to(t.dtype)

    @property
    def first_time(self) -> float:
        """Where sampling starts: 1, or a little less where the network says nothing about x0 at 1."""
        if self.config.parametrisation != "epsilon":
            return 1.0
        rho = 1 / (1 + math.exp(EPSILON_FIRST_LOG_RATIO))
        return float(self.time_of_rho(torch.tensor(rho, dtype=torch.float64)))

    def times(self, n: int, spacing: str = "rho", shift: float = 1.0) -> list[float]:
        """n + 1 falling times for n sampler steps, from first_time to 0.

        spacing: see SPACINGS. shift > 1 spends more steps on noisy times, t -> shift t / (1 + (shift - 1) t)
            (Esser et al. 2024, eq. 23), and is meant for flow; 1 leaves the times as they are.
        Raises UsageError for n < 1, shift <= 0 or an unknown spacing.
        """
        if n < 1:
            raise UsageError(f"Sampling needs at least 1 step, not {n}.")
        if shift <= 0:
            raise UsageError(f"The time shift must be greater than 0, not {shift}.")
        _one_of(spacing, SPACINGS, "The spacing of times")
        first = self.first_time
        shares = [t / first for t in SPACINGS[spacing](self, n)]
        return [first * _shifted(share, shift) for share in shares]

    def add_noise(self, x0: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        """x_t = alpha x0 + sigma noise; x0 and noise (b, ...)."""
        return _beside(self.alpha(t), x0) * x0 + _beside(self.sigma(t), x0) * noise

    def target(self, x0: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        """What the network must predict from add_noise(x0, noise, t), shape of x0."""
        if self.config.parametrisation == "epsilon":
            return noise
        if self.config.parametrisation == "flow":
            return noise - x0
        return _beside(self.alpha(t), x0) * noise - _beside(self.sigma(t), x0) * x0

    def denoised(self, prediction: Tensor, x: Tensor, t: Tensor) -> Tensor:
        """The x0 that a prediction at x = x_t stands for, shape of x.

        Not finite for epsilon where alpha = 0; `times` stays away from there.
        """
        alpha, sigma = _beside(self.alpha(t), x), _beside(self.sigma(t), x)
        if self.config.parametrisation == "epsilon":
            return (x - sigma * prediction) / alpha
        if self.config.parametrisation == "flow":
            return (x - sigma * prediction) / (alpha + sigma)
        return (alpha * x - sigma * prediction) / (alpha**2 + sigma**2)

    def noise_of(self, prediction: Tensor, x: Tensor, t: Tensor) -> Tensor:
        """The noise that a prediction at x = x_t stands for, shape of x; finite at every time."""
        alpha, sigma = _beside(self.alpha(t), x), _beside(self.sigma(t), x)
        if self.config.parametrisation == "epsilon":
            return prediction
        if self.config.parametrisation == "flow":
            return (x + alpha * prediction) / (alpha + sigma)
        return (sigma * x + alpha * prediction) / (alpha**2 + sigma**2)


def draw_times(n: int, generator: torch.Generator, law: str = "uniform") -> Tensor:
    """n random training times, (n,) float32 in [0, 1] on the generator's device.

    law: "uniform"; "logit_normal", the sigmoid of a standard normal number, which asks more often for the
        middle of the path, where the task is hardest (Esser et al. 2024, section 3.1); "noisy", uniform times
        shifted by NOISY_SHIFT (eq. 23 there): near pure noise, where only the condition is known.
    Raises UsageError for another law.
    """
    _one_of(law, TIME_LAWS, "The law of training times")
    return TIME_LAWS[law](n, generator)


TIME_LAWS: dict[str, Callable[[int, torch.Generator], Tensor]] = {
    "uniform": lambda n, source: torch.rand(n, generator=source, device=source.device),
    "logit_normal": lambda n, source: torch.randn(n, generator=source, device=source.device).sigmoid(),
    "noisy": lambda n, source: _shifted(torch.rand(n, generator=source, device=source.device), NOISY_SHIFT),
}


SCHEDULES: dict[str, Callable[[ProcessConfig], Path]] = {
    "linear_flow": lambda config: LinearFlow(),
    "cosine": lambda config: Cosine(),
    "scaled_linear": lambda config: ScaledLinear(config.beta_start, config.beta_end, config.train_steps),
}


def _even_rho(process: Process, n: int) -> list[float]:
    alpha, sigma = process.levels(process.first_time)
    rhos = torch.linspace(sigma / (alpha + sigma), 0, n + 1, dtype=torch.float64)
    return [process.first_time, *process.time_of_rho(rhos[1:]).tolist()]


def _trailing(process: Process, n: int) -> list[float]:
    return [process.first_time * (n - i) / n for i in range(n + 1)]


def _linspace(process: Process, n: int) -> list[float]:
    first, last = process.first_time, 1 / process.config.train_steps
    return [first - (first - last) * i / max(n - 1, 1) for i in range(n)] + [0.0]


# rho: even steps of sigma / (alpha + sigma), the variable in which the samplers integrate; for linear flow
#     even steps of t. The default: on the discrete schedule, where sigma grows as the square root of t, even
#     steps of t make the last step too long and every sampler first order. Measured on mixtures of Gaussians,
#     16 steps, rho against trailing: dpmpp_2m 0.009-0.021 to 0.04-0.09, ddim 0.04-0.05 to 0.08-0.10.
# trailing: even steps of t from pure noise (Lin et al. 2023, table 2), as most foreign schedulers do.
# linspace: even from the first time to the first grid point of training, then 0 (so does DDIM in diffusers).
SPACINGS: dict[str, Callable[[Process, int], list[float]]] = {
    "rho": _even_rho,
    "trailing": _trailing,
    "linspace": _linspace,
}


def _shifted(time: Time, shift: float) -> Time:
    return shift * time / (1 + (shift - 1) * time)


def _one_of(name: str, allowed: Iterable[str], what: str) -> None:
    if name not in allowed:
        raise UsageError(f"{what} must be one of {', '.join(allowed)}, not {name!r}.")


def _wide(t: Tensor) -> Tensor:
    return t.float() if t.device.type == "mps" else t.double()


def _beside(levels: Tensor, x: Tensor) -> Tensor:
    """Levels of shape () or (b,) made ready to multiply x of shape (b, ...)."""
    shape = (-1,) + (1,) * (x.dim() - 1) if levels.dim() else ()
    return levels.to(x.device, x.dtype).reshape(shape)
