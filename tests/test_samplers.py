"""Samplers: exact answers on Gaussian data, order of convergence, and parity with independent schedulers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, FlowMatchEulerDiscreteScheduler
from torch import Tensor

from engine.diffusion.samplers import SAMPLERS, STAGE, Denoise, ddim, dpmpp_2m, euler
from engine.diffusion.schedule import PARAMETRISATIONS, SCHEDULES, Process, ProcessConfig
from engine.errors import Cancelled

ORDERS = {"ddim": 1, "euler": 1, "heun": 2, "dpmpp_2m": 2}
SPREAD = 0.5  # standard deviation of the Gaussian data
AUDIOLDM: dict[str, Any] = {"beta_start": 0.0015, "beta_end": 0.0195, "beta_schedule": "scaled_linear"}


def noise(count: int = 1, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(count, 2, 3, 4, generator=torch.Generator().manual_seed(0), dtype=dtype)


def gaussian_denoise(process: Process) -> Denoise:
    """The exact estimate for data N(0, SPREAD^2), by way of what the network would predict."""

    def denoise(x: Tensor, t: float) -> Tensor:
        alpha, sigma = process.levels(t)
        variance = (alpha * SPREAD) ** 2 + sigma**2
        x0, expected_noise = alpha * SPREAD**2 * x / variance, sigma * x / variance
        predictions = {
            "epsilon": expected_noise,
            "v": alpha * expected_noise - sigma * x0,
            "flow": expected_noise - x0,
        }
        time = torch.tensor(t, dtype=torch.float64)
        return process.denoised(predictions[process.config.parametrisation], x, time)

    return denoise


def gaussian_error(sampler: str, process: Process, times: Sequence[float]) -> float:
    x = noise()
    alpha, sigma = process.levels(times[0])
    answer = SPREAD * x / math.sqrt((alpha * SPREAD) ** 2 + sigma**2)
    return float((SAMPLERS[sampler](gaussian_denoise(process), x, process, times) - answer).abs().max())


def order(sampler: str, process: Process, coarse: Sequence[float], fine: Sequence[float]) -> float:
    return math.log2(gaussian_error(sampler, process, coarse) / gaussian_error(sampler, process, fine))


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("parametrisation", PARAMETRISATIONS)
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_halving_the_step_divides_the_error_by_2_to_the_order(
    sampler: str, parametrisation: str, schedule: str
) -> None:
    process = Process(ProcessConfig(parametrisation, schedule))
    # Even steps of log(alpha / sigma), small for every sampler; the jump to 0 is 1e-4 long.
    rhos = torch.sigmoid(torch.linspace(1, -9, 161, dtype=torch.float64))
    fine = process.time_of_rho(rhos).tolist()
    assert order(sampler, process, [*fine[::2], 0.0], [*fine, 0.0]) == pytest.approx(
        ORDERS[sampler], abs=0.15
    )
    assert gaussian_error(sampler, process, [*fine, 0.0]) < (3e-2 if ORDERS[sampler] == 1 else 1e-3)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_default_times_keep_the_order_from_pure_noise_on(sampler: str, schedule: str) -> None:
    # The first and last steps of dpmpp_2m in log(alpha / sigma) stay wide: its error is h^2 log(1 / h).
    slack = 0.3 if sampler == "dpmpp_2m" else 0.1
    process = Process(ProcessConfig("v", schedule))
    assert order(sampler, process, process.times(128), process.times(256)) > ORDERS[sampler] - slack


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_last_step_returns_the_last_estimate(sampler: str, schedule: str) -> None:
    process = Process(ProcessConfig("v", schedule))
    estimates: list[Tensor] = []

    def remembering(x: Tensor, t: float) -> Tensor:
        estimates.append(torch.tanh(x) * (1 - t))
        return estimates[-1]

    for n in (1, 2, 5):
        sample = SAMPLERS[sampler](remembering, noise(), process, process.times(n))
        assert torch.equal(sample, estimates[-1])


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_known_signal_is_reached_exactly_from_pure_noise(sampler: str) -> None:
    process = Process(ProcessConfig())
    assert process.levels(1.0) == (0.0, 1.0)
    x0 = noise(dtype=torch.float32).flip(-1)
    sample = SAMPLERS[sampler](lambda x, t: x0, noise(dtype=torch.float32), process, process.times(6))
    assert torch.equal(sample, x0)
    assert sample.dtype == torch.float32


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_report_is_called_once_a_step_and_may_stop_the_sampling(sampler: str) -> None:
    process, told = Process(ProcessConfig()), []
    SAMPLERS[sampler](
        gaussian_denoise(process), noise(), process, process.times(5), lambda *news: told.append(news)
    )
    assert told == [(STAGE, pytest.approx((step + 1) / 5)) for step in range(5)]
    asked: list[float] = []

    def denoise(x: Tensor, t: float) -> Tensor:
        asked.append(t)
        return x

    def stop(stage: str, fraction: float) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        SAMPLERS[sampler](denoise, noise(), process, process.times(5), stop)
    assert len(asked) == (2 if sampler == "heun" else 1)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_same_noise_gives_the_same_sample_and_is_left_untouched(sampler: str) -> None:
    process, x = Process(ProcessConfig()), noise()
    first, second = (
        SAMPLERS[sampler](gaussian_denoise(process), x, process, process.times(7)) for _ in range(2)
    )
    assert torch.equal(first, second)
    assert torch.equal(x, noise())


@pytest.mark.parametrize("times", [[1.0], [1.0, 0.5], [1.0, 0.5, 0.5, 0.0], [0.0, 1.0]])
def test_times_that_do_not_fall_to_0_are_refused(times: list[float]) -> None:
    process = Process(ProcessConfig())
    for sampler in SAMPLERS.values():
        with pytest.raises(ValueError, match="end in 0"):
            sampler(gaussian_denoise(process), noise(), process, times)


def test_euler_is_ddim_without_fresh_noise() -> None:
    for schedule in SCHEDULES:
        process = Process(ProcessConfig("v", schedule))
        denoise, times = gaussian_denoise(process), process.times(9)
        torch.testing.assert_close(
            euler(denoise, noise(), process, times), ddim(denoise, noise(), process, times)
        )


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_fresh_noise_keeps_the_variance_of_the_data(schedule: str) -> None:
    process = Process(ProcessConfig("v", schedule))
    source = torch.Generator().manual_seed(5)
    sample = ddim(
        gaussian_denoise(process), noise(1000), process, process.times(200), eta=1.0, generator=source
    )
    assert float(sample.std()) == pytest.approx(SPREAD, rel=0.03)
    with pytest.raises(ValueError, match="generator"):
        ddim(gaussian_denoise(process), noise(), process, process.times(3), eta=0.5)


# The reference makes a NumPy array of its tensor in a way that NumPy is about to give up.
ITS_OWN_WARNING = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

# Parity: a random linear network with its own opinion at every time, seen by both sides.


def network(x: Tensor, timestep: float) -> Tensor:
    mixing = torch.randn(4, 4, generator=torch.Generator().manual_seed(7), dtype=x.dtype) / 4
    return x @ mixing + math.sin(timestep / 100)


def network_denoise(process: Process) -> Denoise:
    def denoise(x: Tensor, t: float) -> Tensor:
        time = torch.tensor(t, dtype=torch.float64)
        return process.denoised(network(x, float(process.timestep(time))), x, time)

    return denoise


def their_sample(scheduler: Any, x: Tensor, **settings: Any) -> Tensor:
    for timestep in scheduler.timesteps:
        x = scheduler.step(network(x, float(timestep)), timestep, x, **settings).prev_sample
    return x


@pytest.mark.parametrize(("parametrisation", "theirs"), [("epsilon", "epsilon"), ("v", "v_prediction")])
@pytest.mark.parametrize("eta", [0.0, 0.6])
def test_ddim_agrees_with_an_independent_one(parametrisation: str, theirs: str, eta: float) -> None:
    scheduler = DDIMScheduler(
        **AUDIOLDM, prediction_type=theirs, clip_sample=False, timestep_spacing="trailing"
    )
    scheduler.set_timesteps(20)
    process = Process(ProcessConfig(parametrisation, "scaled_linear"))
    x = noise(dtype=torch.float32)
    expected = their_sample(scheduler, x, eta=eta, generator=torch.Generator().manual_seed(3))
    source = torch.Generator().manual_seed(3)
    sample = ddim(
        network_denoise(process), x, process, process.times(20, "trailing"), eta=eta, generator=source
    )
    torch.testing.assert_close(sample, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("parametrisation", "theirs"), [("epsilon", "epsilon"), ("v", "v_prediction")])
@pytest.mark.parametrize("steps", [2, 10, 25])
@ITS_OWN_WARNING
def test_dpmpp_2m_agrees_with_an_independent_one(parametrisation: str, theirs: str, steps: int) -> None:
    scheduler = DPMSolverMultistepScheduler(**AUDIOLDM, prediction_type=theirs, timestep_spacing="trailing")
    scheduler.set_timesteps(steps)
    process = Process(ProcessConfig(parametrisation, "scaled_linear"))
    x = noise(dtype=torch.float32)
    sample = dpmpp_2m(network_denoise(process), x, process, process.times(steps, "trailing"))
    torch.testing.assert_close(sample, their_sample(scheduler, x), rtol=1e-4, atol=1e-4)


@ITS_OWN_WARNING
def test_dpmpp_2m_agrees_on_flow_too() -> None:
    scheduler = DPMSolverMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
    )
    scheduler.set_timesteps(12)
    process = Process(ProcessConfig())
    x = noise(dtype=torch.float32)
    expected = x
    for sigma, timestep in zip(scheduler.sigmas[:-1], scheduler.timesteps):
        expected = scheduler.step(network(expected, float(sigma) * 999), timestep, expected).prev_sample
    sample = dpmpp_2m(network_denoise(process), x, process, scheduler.sigmas.double().tolist())
    torch.testing.assert_close(sample, expected, rtol=1e-4, atol=1e-4)


def test_euler_agrees_with_an_independent_flow_scheduler() -> None:
    process = Process(ProcessConfig())
    scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0)
    scheduler.set_timesteps(sigmas=process.times(12)[:-1])
    times = process.times(12, shift=3.0)
    torch.testing.assert_close(scheduler.sigmas, torch.tensor(times))
    x = noise(dtype=torch.float32)
    expected = x
    for t, timestep in zip(times, scheduler.timesteps):
        expected = scheduler.step(network(expected, t * 999), timestep, expected).prev_sample
    sample = euler(network_denoise(process), x, process, times)
    torch.testing.assert_close(sample, expected, rtol=1e-4, atol=1e-4)
