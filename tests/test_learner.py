"""One turn's learning: the rate, the average, what is frozen; and random numbers by address."""

from __future__ import annotations

import pytest
import torch

from engine.training.learner import Learner, Turn, averages_in, learning_rate
from engine.training.runs import OptimConfig
from engine.training.seeds import number, numpy_generator, torch_generator
from tests.training_fakes import alone


def test_the_average_follows_its_formula_and_swaps_back_bit_for_bit() -> None:
    layer = torch.nn.Linear(2, 1, bias=False)
    learner = Learner(
        Turn("only", layer), OptimConfig(lr=0.1, ema=0.999, precision="fp32"), torch.device("cpu")
    )
    average = layer.weight.detach().clone()
    for step in range(3):
        loss = layer(torch.ones(1, 2)).square().sum()
        learner.backward(loss)
        learner.update(step, loss.detach(), alone())
        average = average.lerp(layer.weight.detach(), 1 - (1 + step) / (10 + step))
    live = layer.weight.detach().clone()
    with averages_in([learner]):
        assert torch.allclose(layer.weight, average)
        assert not torch.equal(layer.weight, live)
    assert torch.equal(layer.weight, live)


def test_frozen_weights_stay_and_biases_do_not_decay() -> None:
    layers = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2))
    layers[0].requires_grad_(False)
    learner = Learner(Turn("only", layers), OptimConfig(weight_decay=0.3), torch.device("cpu"))
    assert [len(group["params"]) for group in learner.optimizer.param_groups] == [1, 1]
    assert [group["weight_decay"] for group in learner.optimizer.param_groups] == [0.3, 0.0]


def test_the_learning_rate_warms_up_and_ends_on_its_floor() -> None:
    optim = OptimConfig(lr=1.0, warmup_steps=10, steps=100, lr_floor=0.1)
    assert learning_rate(optim, 0) == pytest.approx(0.1, rel=1e-3)
    assert learning_rate(optim, 50) == pytest.approx(0.55)
    assert learning_rate(optim, 100) == pytest.approx(0.1)
    assert learning_rate(optim, 50, starts_at=50) == pytest.approx(0.055)
    rates = [learning_rate(optim, step) for step in range(10, 101)]
    assert rates == sorted(rates, reverse=True)


def test_every_part_of_an_address_changes_the_random_numbers() -> None:
    addresses = [(0, 1, 2), (1, 0, 2), (0, 2, 1), (0, 1), (0, 1, "vae"), (0, 1, "ldm")]
    assert len({number(*address) for address in addresses}) == len(addresses)
    assert number(0, "vae", 3) == number(0, "vae", 3)
    assert torch.equal(
        torch.rand(2, generator=torch_generator(5, 1)), torch.rand(2, generator=torch_generator(5, 1))
    )
    assert numpy_generator(5, 1).random() == numpy_generator(5, 1).random()
