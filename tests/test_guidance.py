"""Guidance: the formula, what the network is asked, and the estimate that comes out."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.diffusion.guidance import at_time, combined, denoiser, guided
from engine.diffusion.schedule import Process, ProcessConfig

X = torch.randn(2, 3, 7, 4, generator=torch.Generator().manual_seed(0))
TOWARDS, AWAY = torch.tensor([[1.0, 2.0]]), torch.tensor([[-1.0, 0.5]])
TIMESTEP = torch.tensor([400.0, 400.0])


def network(x: Tensor, timestep: Tensor, condition: Tensor) -> Tensor:
    """A network that can be followed by hand: every example has its own offset."""
    assert len(x) == len(timestep) == len(condition)
    return (
        x * condition[:, :1, None, None] + condition[:, 1:, None, None] * timestep[:, None, None, None] / 1000
    )


def both(condition: Tensor) -> Tensor:
    return condition.expand(2, -1)


def test_guidance_goes_from_the_negative_through_the_positive() -> None:
    positive, negative = (network(X, TIMESTEP, both(condition)) for condition in (TOWARDS, AWAY))
    answer = guided(network, 3.5)(X, TIMESTEP, both(TOWARDS), both(AWAY))
    torch.testing.assert_close(answer, negative + 3.5 * (positive - negative))
    torch.testing.assert_close(guided(network, 0.0)(X, TIMESTEP, both(TOWARDS), both(AWAY)), negative)


def test_guidance_may_rise_from_1_at_pure_noise() -> None:
    assert [at_time(4.0, t, 1.0) for t in (1.0, 0.5, 0.0)] == [1.0, 2.5, 4.0]
    assert {at_time(4.0, t, 0.0) for t in (1.0, 0.5, 0.0)} == {4.0}
    rising = Process(ProcessConfig(guidance_rise=1.0))
    answer = denoiser(rising, network, TOWARDS, AWAY, 3.0)(X, 0.5)
    middle = denoiser(Process(ProcessConfig()), network, TOWARDS, AWAY, 2.0)(X, 0.5)
    torch.testing.assert_close(answer, middle)


def test_guidance_1_asks_the_network_once_without_the_negative() -> None:
    asked: list[int] = []

    def counting(x: Tensor, timestep: Tensor, condition: Tensor) -> Tensor:
        asked.append(len(x))
        return network(x, timestep, condition)

    answer = guided(counting, 1.0, rescale=0.7)(X, TIMESTEP, both(TOWARDS), both(AWAY))
    assert torch.equal(answer, network(X, TIMESTEP, both(TOWARDS)))
    guided(counting, 2.0)(X, TIMESTEP, both(TOWARDS), both(AWAY))
    assert asked == [2, 4]


def test_full_rescale_gives_every_example_the_spread_of_its_positive_prediction() -> None:
    positive = (
        torch.randn(3, 2, 50, generator=torch.Generator().manual_seed(1))
        * torch.tensor([1.0, 2, 5])[:, None, None]
    )
    negative = torch.randn(3, 2, 50, generator=torch.Generator().manual_seed(2))
    pushed, whole, half = (combined(positive, negative, 4.0, rescale) for rescale in (0.0, 1.0, 0.5))
    torch.testing.assert_close(whole.std(dim=(1, 2)), positive.std(dim=(1, 2)))
    torch.testing.assert_close(half, (pushed + whole) / 2)
    assert bool((pushed.std(dim=(1, 2)) > positive.std(dim=(1, 2))).all())


def test_silence_survives_the_rescale() -> None:
    silence = torch.zeros(1, 2, 5)
    assert torch.equal(combined(silence, silence, 4.0, 0.7), silence)


@pytest.mark.parametrize("parametrisation", ["epsilon", "v", "flow"])
def test_the_denoiser_turns_right_predictions_into_the_signal(parametrisation: str) -> None:
    process = Process(ProcessConfig(parametrisation, "scaled_linear"))
    t = torch.full((2,), 0.4, dtype=torch.float64)
    x0, noise = torch.randn(2, *X.shape, generator=torch.Generator().manual_seed(3))
    fed: list[Tensor] = []

    def knowing(x: Tensor, timestep: Tensor, condition: Tensor) -> Tensor:
        fed.append(timestep)
        return process.target(x0, noise, t).repeat(len(x) // 2, 1, 1, 1)

    estimate = denoiser(process, knowing, TOWARDS, AWAY, guidance=3.0)(process.add_noise(x0, noise, t), 0.4)
    torch.testing.assert_close(estimate, x0, rtol=1e-4, atol=1e-4)
    assert torch.equal(fed[0], torch.full((4,), 399.0))
