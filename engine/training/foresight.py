"""What a trained denoiser's answers come to where they need not be asked for again, noted beside it.

At pure noise an answer says only what its condition says; after any step it leaves the same part of the truth
open. Plain latents and conditions; refuses to know sounds and words.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.devices import autocast, choose_training_precision
from engine.diffusion.guidance import denoiser
from engine.diffusion.schedule import Process
from engine.models.denoiser import Denoiser
from engine.models.outset import Outset, kernel

TIMES = 8
"""For which a residual is noted, evenly spread."""
CENTRES = 1_024
RIDGE = 0.1
"""Of the outset, whose kernel is 1 at most."""
SCATTER = 1.5
"""Of an outset, times that of the answers: clips of one prompt differed less than recordings do."""
DRAWN = 0.6
"""Of what is white of a residual: with all of it clips were more alike, and fewer in their family."""
ASKED_AT_ONCE = 16


@torch.no_grad()
def note_outset(
    unet: Denoiser, process: Process, conditions: Tensor, shape: tuple[int, int], seed: int
) -> None:
    """Learn the outset from what the denoiser says at pure noise of latents of this shape (t', m'), in the
    mean of the frames, under conditions (n, d). A process that begins elsewhere has none.

    Kernel ridge regression on some of the conditions as centres (Nystroem); the scatter is SCATTER times that
    of the answers about what the others would have let expect (leave one out).
    """
    if process.levels(process.first_time)[0] > 0:
        return
    generator, found = torch.Generator().manual_seed(seed), []
    for some in conditions.split(ASKED_AT_ONCE):
        noise = torch.randn(len(some), unet.config.latent_channels, *shape, generator=generator)
        found.append(_estimate(unet, process, noise, process.first_time, some).mean(2).flatten(1))
    answers, directions = torch.cat(found).cpu().double(), F.normalize(conditions.cpu().double(), dim=-1)
    count = min(CENTRES, len(conditions))
    outset = Outset(unet.config.latent_channels, shape[1], count, conditions.shape[1])
    centres = directions[torch.arange(count) * len(conditions) // count]
    near, mean = kernel(directions, centres), answers.mean(0)
    squares = near.T @ near + RIDGE * kernel(centres, centres)
    squares.diagonal().add_(1e-9 * squares.diagonal().mean())  # two centres may be the same
    weights = torch.linalg.solve(squares, near.T @ (answers - mean))
    leverage = (near * torch.linalg.solve(squares, near.T).T).sum(1, keepdim=True)
    left = (answers - mean - near @ weights) / (1 - leverage)
    values, axes = torch.linalg.eigh(left.T @ left / len(left))
    scatter = SCATTER * axes * values.clamp(min=0).sqrt()
    for buffer, value in zip(outset.buffers(), (centres, weights, mean, scatter), strict=True):
        buffer.copy_(value)
    unet.set_outset(outset)


@torch.no_grad()
def note_residual(unet: Denoiser, process: Process, latents: Tensor, conditions: Tensor, seed: int) -> None:
    """Measure what the denoiser's answers leave open of latents (n, z, t', m') under conditions (n, d).

    What is white of it, half of the mean square of its steps from frame to frame; and DRAWN of that is noted.
    """
    generator = torch.Generator().manual_seed(seed)
    table = []
    for place in range(1, TIMES + 1):
        time = process.first_time * place / TIMES
        squares = []
        for some, condition in zip(latents.split(ASKED_AT_ONCE), conditions.split(ASKED_AT_ONCE)):
            noise = torch.randn(some.shape, generator=generator).to(some.device)
            noisy = process.add_noise(some, noise, torch.tensor(time, dtype=torch.float64))
            open_ = _estimate(unet, process, noisy, time, condition) - some
            squares.append(open_.diff(dim=2).square().mean((2, 3)) / 2)
        table.append(DRAWN * torch.cat(squares).mean(0).sqrt())
    unet.set_residual(torch.stack(table))


def _estimate(unet: Denoiser, process: Process, x: Tensor, t: float, conditions: Tensor) -> Tensor:
    """The estimate of x0, shape of x (b, z, t', m'), on the conditions' device, without guidance."""
    device = conditions.device

    def predict(x: Tensor, timestep: Tensor, condition: Tensor) -> Tensor:
        with autocast(device, choose_training_precision(device)):
            prediction: Tensor = unet(x.contiguous(memory_format=torch.channels_last), timestep, condition)
        return prediction.float()

    return denoiser(process, predict, conditions, conditions, guidance=1.0)(x.to(device), t)
