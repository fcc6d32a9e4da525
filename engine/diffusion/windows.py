"""Long clips: denoise latents longer than the network's window, window by window.

Overlapping windows are evaluated one after another, so the network's memory does not grow with the clip.
Where two windows overlap, every frame is taken whole from one of them: frames alternate between the windows,
and the pattern turns over with every step, so that each window's neighbours soon carry the other's content
(self-loop latent swap, Dai et al. 2025, arXiv 2502.05130). Averaging the two would blur what is fine in them,
which in sound is audible.

It knows latents as (b, z, T, m) with T frames of time, and nothing of networks or seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from engine.diffusion.samplers import Denoise


def windowed(
    denoise: Denoise, times: Sequence[float], window: int, overlap: int, loop: bool = False
) -> Denoise:
    """denoise for latents of any length T, made of calls to `denoise` on exactly `window` frames.

    times: those given to the sampler; the pattern of swapping follows from t and them alone, so that the
        result does not depend on what was denoised before.
    window, overlap: frames; neighbours share at least `overlap` of them, 0 <= overlap < window (ValueError).
    loop: the clip's end meets its beginning, and windows wrap around.
    T <= window is left to `denoise` as it is.
    """
    if not 0 <= overlap < window:
        raise ValueError(f"Windows of {window} frames cannot overlap by {overlap}.")

    def denoise_windows(x: Tensor, t: float) -> Tensor:
        frames = x.shape[2]
        if frames <= window:
            return denoise(x, t)
        starts = window_starts(frames, window, overlap, loop)
        sources = frame_sources(frames, starts, window, step=sum(earlier > t for earlier in times))
        estimate = torch.empty_like(x)
        for number, start in enumerate(starts):
            seen = torch.arange(start, start + window) % frames
            kept = (sources[seen] == number).nonzero().flatten()
            part = denoise(x[:, :, seen.to(x.device)], t)
            estimate[:, :, seen[kept].to(x.device)] = part[:, :, kept.to(x.device)]
        return estimate

    return denoise_windows


def window_starts(frames: int, window: int, overlap: int, loop: bool = False) -> list[int]:
    """First frames of the windows that cover `frames` > window frames: as few as can be, evenly spread.

    A looped clip's windows wrap: window k holds the frames (start + 0 ... window - 1) mod frames.
    """
    stride = window - overlap
    if loop:
        count = math.ceil(frames / stride)
        return [k * frames // count for k in range(count)]
    count = math.ceil((frames - overlap) / stride)
    return [k * (frames - window) // (count - 1) for k in range(count)]


def frame_sources(frames: int, starts: Sequence[int], window: int, step: int) -> Tensor:
    """The number of the window that each frame is taken from at one sampler step, (frames,) int64.

    A frame that several windows cover goes to each in turn, along time and along steps.
    """
    covered = (torch.arange(frames)[:, None] - torch.tensor(starts)) % frames < window
    turn = (torch.arange(frames) + step) % covered.sum(dim=1)
    return (covered.cumsum(dim=1) == turn[:, None] + 1).int().argmax(dim=1)
