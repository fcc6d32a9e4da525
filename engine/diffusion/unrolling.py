"""Long clips from their beginning on: every stretch is denoised as soon as it is asked for.

What a stretch becomes depends on the windows that it is taken from, on those that their frames were taken
from in the step before, and so on: with few steps on a few neighbours only. Nothing else is computed for it,
and what was computed is kept for the next stretch, so that a clip unrolled bit by bit costs as many network
calls as one made at once and is the same to the last bit.

It knows latents as (b, z, T, m) with T frames of time, and nothing of networks or seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from engine.diffusion.samplers import SAMPLERS, Denoise, calls
from engine.diffusion.schedule import Process
from engine.diffusion.windows import Layout, step_at
from engine.reports import Report


class Unrolled:
    """What a sampler makes of `noise` (b, z, T, m) through `windowed`, stretch by stretch.

    denoise_at: of the window at a place from 0 to 1. layout: of no loop. times: of the sampler. report: told
    "denoising" and the share of the network calls that are done, after each; may raise to stop.
    """

    def __init__(
        self,
        denoise_at: Callable[[float], Denoise],
        noise: Tensor,
        layout: Layout,
        sampler: str,
        process: Process,
        times: Sequence[float],
        report: Report,
    ) -> None:
        self.frames = layout.frames
        self._denoise_at, self._noise, self._layout = denoise_at, noise, layout
        self._sampler, self._process, self._times, self._report = sampler, process, times, report
        self._moments = calls(sampler, process, times)
        self._sources = [layout.sources(step_at(t, times)) for t in self._moments]
        self._parts: dict[tuple[int, int], Tensor] = {}
        self._done = 0

    def between(self, first: int, last: int) -> Tensor:
        """Frames first to last, (b, z, last - first, m). What lies before them can then not be had any more,
        but for what their windows hear.
        """
        wanted = torch.arange(first, last)
        needed = self._needed(wanted)
        self._parts = {key: part for key, part in self._parts.items() if key[1] >= min(needed[0])}
        region = torch.cat([self._layout.seen(number) for number in needed[0]]).unique()
        place = torch.empty(self.frames, dtype=torch.int64)
        place[region] = torch.arange(len(region))
        call = -1

        def denoise(x: Tensor, t: float) -> Tensor:
            nonlocal call
            call += 1
            estimate = torch.zeros_like(x)
            for number in needed[call]:
                seen = self._layout.seen(number)
                part = self._part(call, number, x[:, :, place[seen].to(x.device)], t)
                kept = (self._sources[call][seen] == number).nonzero().flatten()
                estimate[:, :, place[seen[kept]].to(x.device)] = part[:, :, kept.to(x.device)]
            return estimate

        noise = self._noise[:, :, region.to(self._noise.device)]
        made = SAMPLERS[self._sampler](denoise, noise, self._process, self._times)
        return made[:, :, place[wanted].to(made.device)]

    def _needed(self, wanted: Tensor) -> list[list[int]]:
        """The windows that the frames come from, call by call."""
        needed: list[list[int]] = []
        frames = wanted
        for sources in reversed(self._sources):
            numbers = sources[frames].unique()
            needed.insert(0, numbers.tolist())
            frames = torch.cat([self._layout.seen(number) for number in numbers.tolist()]).unique()
        return needed

    def _part(self, call: int, number: int, x: Tensor, t: float) -> Tensor:
        """What a window says at one call of the sampler."""
        key = call, number
        if key not in self._parts:
            self._parts[key] = self._denoise_at(self._layout.place(number))(x, t)
            self._done += 1
            self._report("denoising", self._done / len(self._moments) / len(self._layout.starts))
        return self._parts[key]
