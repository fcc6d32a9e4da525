"""Long clips made from their beginning on: the same to the last bit, and the beginning is there soon."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import Tensor

from engine.diffusion.samplers import SAMPLERS, Denoise, calls
from engine.diffusion.schedule import Process, ProcessConfig
from engine.diffusion.unrolling import Unrolled
from engine.diffusion.windows import Layout, windowed
from engine.reports import silent

PROCESS = Process(ProcessConfig())
WINDOW, OVERLAP, FRAMES = 16, 4, 150


class Network:
    """Hears its whole window, so that one wrong frame anywhere in it is seen in all of them."""

    def __init__(self) -> None:
        self.asked = 0

    def at(self, place: float) -> Denoise:
        def denoise(x: Tensor, t: float) -> Tensor:
            self.asked += 1
            assert x.shape[2] == WINDOW
            return torch.tanh(x + x.mean(dim=2, keepdim=True) + place - t)

        return denoise


def noise() -> Tensor:
    return torch.randn(1, 2, FRAMES, 3, generator=torch.Generator().manual_seed(4))


def unrolled(network: Network, sampler: str, steps: int) -> Unrolled:
    layout = Layout(FRAMES, WINDOW, OVERLAP)
    return Unrolled(network.at, noise(), layout, sampler, PROCESS, PROCESS.times(steps), silent)


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("steps", [1, 2, 4])
@pytest.mark.parametrize("borders", [(0, FRAMES), (0, 3, 7, 40, 41, 110, FRAMES)])
def test_stretches_are_those_of_the_clip_made_at_once(
    sampler: str, steps: int, borders: tuple[int, ...]
) -> None:
    times, at_once, bit_by_bit = PROCESS.times(steps), Network(), Network()
    whole = SAMPLERS[sampler](windowed(at_once.at, times, WINDOW, OVERLAP), noise(), PROCESS, times)
    clip = unrolled(bit_by_bit, sampler, steps)
    stretches = [clip.between(first, last) for first, last in pairwise(borders)]
    assert torch.equal(torch.cat(stretches, dim=2), whole)
    assert bit_by_bit.asked == at_once.asked


def test_a_stretch_may_be_asked_for_again_with_what_lies_around_it() -> None:
    clip, whole = unrolled(Network(), "euler", 3), unrolled(Network(), "euler", 3).between(0, FRAMES)
    for first, last in [(0, 30), (20, 60), (50, 90), (80, FRAMES)]:
        assert torch.equal(clip.between(first, last), whole[:, :, first:last])


def test_the_beginning_needs_few_windows_however_long_the_clip_is() -> None:
    network = Network()
    unrolled(network, "euler", 4).between(0, WINDOW - OVERLAP)
    assert network.asked == 4 + 3 + 2 + 1


def test_what_is_done_is_told_up_to_the_whole() -> None:
    told: list[float] = []
    layout, times = Layout(FRAMES, WINDOW, OVERLAP), PROCESS.times(3)
    clip = Unrolled(
        Network().at, noise(), layout, "heun", PROCESS, times, lambda stage, done: told.append(done)
    )
    for first in range(0, FRAMES, 10):
        clip.between(first, first + 10)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_heun_asks_twice_in_all_steps_but_the_last() -> None:
    first, second, third, _ = times = PROCESS.times(3)
    assert calls("heun", PROCESS, times) == [first, second, second, third, third]
    assert calls("euler", PROCESS, times) == [first, second, third]
