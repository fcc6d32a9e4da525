"""Guidance: push a prediction away from what is to be avoided, and make of it what samplers ask for.

It sees a network only as `predict(x, timestep, condition)` and knows nothing of what a condition means.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from engine.diffusion.samplers import Denoise
from engine.diffusion.schedule import Process

# (x (b, ...), timestep (b,) as Process.timestep gives it, condition (b, d)) -> prediction, shape of x
Predict = Callable[[Tensor, Tensor, Tensor], Tensor]

# The same with a negative condition (b, d) after the condition.
GuidedPredict = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


def guided(predict: Predict, guidance: float, rescale: float = 0.0) -> GuidedPredict:
    """Classifier-free guidance: negative + guidance * (positive - negative) (Ho and Salimans 2022).

    Both are predicted in one call on a doubled batch, negative first; guidance = 1 asks for the positive one
    alone. rescale: see `combined`.
    """

    def predict_guided(x: Tensor, timestep: Tensor, condition: Tensor, negative: Tensor) -> Tensor:
        if guidance == 1:
            return predict(x, timestep, condition)
        both = torch.cat([negative, condition])
        away, towards = predict(torch.cat([x, x]), torch.cat([timestep, timestep]), both).chunk(2)
        return combined(towards, away, guidance, rescale)

    return predict_guided


def at_time(guidance: float, t: float, rise: float) -> float:
    """What `guidance` amounts to at time t: 1 at pure noise, all of it at the end, by the power of `rise`.

    With a rise of 0 it is the same at all times. Levels and colour are settled first, and there what guidance
    multiplies is largest (after Wang et al. 2024, "Analysis of classifier-free guidance weight schedulers").
    """
    return 1.0 + (guidance - 1.0) * math.pow(1.0 - t, rise)


def combined(positive: Tensor, negative: Tensor, guidance: float, rescale: float = 0.0) -> Tensor:
    """negative + guidance * (positive - negative), all of shape (b, ...).

    rescale from 0 to 1 brings its spread back: 1 gives every example the standard deviation of its positive
    prediction, 0 leaves it alone (Lin et al. 2023, eq. 15 and 16).
    """
    pushed = negative + guidance * (positive - negative)
    if rescale == 0:
        return pushed
    ratio = _spread(positive) / _spread(pushed).clamp(min=torch.finfo(pushed.dtype).tiny)
    return pushed * (rescale * ratio + (1 - rescale))


def denoiser(
    process: Process,
    predict: Predict,
    condition: Tensor,
    negative: Tensor,
    guidance: float,
    rescale: float = 0.0,
) -> Denoise:
    """denoise(x, t) -> estimate of x0, as samplers want it; condition and negative are (b, d) or (1, d)."""

    def denoise(x: Tensor, t: float) -> Tensor:
        predict_guided = guided(predict, at_time(guidance, t, process.config.guidance_rise), rescale)
        # Times are float64 on the CPU: exact, whatever the precision of x, and no device is waited for.
        times = torch.full((len(x),), t, dtype=torch.float64)
        timestep = process.timestep(times).to(x.device, torch.float32)
        to_batch = (len(x), -1)
        prediction = predict_guided(x, timestep, condition.expand(to_batch), negative.expand(to_batch))
        return process.denoised(prediction.to(x.dtype), x, times)

    return denoise


def known_at_noise(
    denoise: Denoise, process: Process, towards: Tensor, away: Tensor, guidance: float, rescale: float = 0.0
) -> Denoise:
    """The same denoise, but at pure noise, where x says nothing of x0, no network is asked: there it gives
    what is expected, towards (b, z, 1, m') under the condition and away under the negative one, as guided.
    """
    share = at_time(guidance, 1.0, process.config.guidance_rise)
    expected = towards if share == 1 else combined(towards, away, share, rescale)

    def denoise_or_expect(x: Tensor, t: float) -> Tensor:
        return denoise(x, t) if process.levels(t)[0] > 0 else expected.to(x.dtype).expand_as(x)

    return denoise_or_expect


def _spread(prediction: Tensor) -> Tensor:
    return prediction.std(dim=tuple(range(1, prediction.dim())), keepdim=True)
