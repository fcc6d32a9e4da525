"""The process between data and noise: known levels, and every prediction leads back to its signal."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from diffusers import DDPMScheduler
from torch import Tensor

from engine.diffusion.schedule import (
    PARAMETRISATIONS,
    SCHEDULES,
    SPACINGS,
    Process,
    ProcessConfig,
    draw_times,
)
from engine.errors import UsageError

EVERY_PROCESS = [
    (parametrisation, schedule) for parametrisation in PARAMETRISATIONS for schedule in SCHEDULES
]
GRID = torch.arange(1, 1001, dtype=torch.float64) / 1000


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def signal_and_noise(count: int) -> tuple[Tensor, Tensor]:
    x0, noise = torch.randn(2, count, 3, 5, generator=seeded(), dtype=torch.float64)
    return x0, noise


@pytest.mark.parametrize("beta_end", [0.0195, 0.012])
def test_the_discrete_schedule_meets_the_reference_at_every_grid_point(beta_end: float) -> None:
    reference = DDPMScheduler(beta_start=0.0015, beta_end=beta_end, beta_schedule="scaled_linear")
    process = Process(ProcessConfig("epsilon", "scaled_linear", 0.0015, beta_end))
    assert torch.equal((process.alpha(GRID) ** 2).float(), reference.alphas_cumprod)
    assert torch.equal(process.timestep(GRID), torch.arange(1000, dtype=torch.float64))


def test_between_grid_points_log_snr_is_linear() -> None:
    process = Process(ProcessConfig("epsilon", "scaled_linear"))
    log_snr = 2 * torch.log(process.alpha(GRID) / process.sigma(GRID))
    middle = (GRID[1:] + GRID[:-1]) / 2
    torch.testing.assert_close(
        2 * torch.log(process.alpha(middle) / process.sigma(middle)), (log_snr[1:] + log_snr[:-1]) / 2
    )


@pytest.mark.parametrize(("parametrisation", "schedule"), EVERY_PROCESS)
def test_noise_only_grows_from_an_exactly_clean_start(parametrisation: str, schedule: str) -> None:
    process = Process(ProcessConfig(parametrisation, schedule))
    t = torch.linspace(0, 1, 2001, dtype=torch.float64)
    alpha, sigma = process.alpha(t), process.sigma(t)
    assert (float(alpha[0]), float(sigma[0])) == (1.0, 0.0)
    assert float(sigma[-1]) > 0.999
    assert bool((sigma.diff() > 0).all())
    assert bool((alpha.diff() < 0).all())
    assert process.levels(0.25) == (float(process.alpha(t[500])), float(process.sigma(t[500])))


@pytest.mark.parametrize("schedule", ["cosine", "scaled_linear"])
def test_variance_preserving_paths_keep_the_variance(schedule: str) -> None:
    process = Process(ProcessConfig("v", schedule))
    t = torch.rand(200, generator=seeded(), dtype=torch.float64)
    torch.testing.assert_close(process.alpha(t) ** 2 + process.sigma(t) ** 2, torch.ones_like(t))


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_time_of_rho_undoes_the_levels(schedule: str) -> None:
    process = Process(ProcessConfig("v", schedule))
    t = torch.linspace(0, 1, 3001, dtype=torch.float64)
    rho = process.sigma(t) / (process.alpha(t) + process.sigma(t))
    torch.testing.assert_close(process.time_of_rho(rho), t, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("parametrisation", "schedule"), EVERY_PROCESS)
def test_a_right_prediction_leads_back_to_signal_and_noise(parametrisation: str, schedule: str) -> None:
    process = Process(ProcessConfig(parametrisation, schedule))
    t = torch.tensor([0.0, 1e-4, 0.3, 0.5, 0.77, process.first_time], dtype=torch.float64)
    x0, noise = signal_and_noise(len(t))
    x, target = process.add_noise(x0, noise, t), process.target(x0, noise, t)
    torch.testing.assert_close(process.denoised(target, x, t), x0, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(process.noise_of(target, x, t), noise, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(process.denoised(target[2:3], x[2:3], t[2]), x0[2:3])


def test_the_targets_are_those_of_the_papers() -> None:
    x0, noise = signal_and_noise(4)
    t = torch.full((4,), 0.4, dtype=torch.float64)
    assert torch.equal(Process(ProcessConfig("epsilon", "cosine")).target(x0, noise, t), noise)
    assert torch.equal(Process(ProcessConfig("flow", "linear_flow")).target(x0, noise, t), noise - x0)
    reference = DDPMScheduler(beta_start=0.0015, beta_end=0.0195, beta_schedule="scaled_linear")
    steps = torch.tensor([0, 17, 500, 999])
    process = Process(ProcessConfig("v", "scaled_linear"))
    torch.testing.assert_close(
        process.target(x0, noise, GRID[steps]), reference.get_velocity(x0, noise, steps), rtol=1e-6, atol=1e-6
    )


def test_training_in_half_precision_keeps_the_precision_of_the_latents() -> None:
    process = Process(ProcessConfig())
    x0 = torch.ones(3, 4, 5, 2, dtype=torch.bfloat16)
    t = draw_times(3, seeded())
    assert process.add_noise(x0, x0, t).dtype == torch.bfloat16
    assert process.timestep(t).dtype == torch.float32


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_network_is_fed_numbers_from_0_to_999(schedule: str) -> None:
    fed = Process(ProcessConfig("v", schedule)).timestep(torch.linspace(0, 1, 5001))
    assert float(fed.min()) == 0
    assert float(fed.max()) == 999
    assert bool((fed.diff() >= 0).all())


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize(("parametrisation", "schedule"), EVERY_PROCESS)
@pytest.mark.parametrize("shift", [1.0, 3.0])
def test_times_fall_from_the_first_time_to_exactly_0(
    spacing: str, parametrisation: str, schedule: str, shift: float
) -> None:
    process = Process(ProcessConfig(parametrisation, schedule))
    for n in (1, 2, 7, 100):
        times = process.times(n, spacing, shift)
        assert len(times) == n + 1
        assert times[0] == pytest.approx(process.first_time, abs=1e-12)
        assert times[-1] == 0
        assert all(later < earlier for earlier, later in pairwise(times))


def test_only_epsilon_shuns_the_time_without_signal() -> None:
    for parametrisation, schedule in EVERY_PROCESS:
        process = Process(ProcessConfig(parametrisation, schedule))
        if parametrisation == "epsilon" and schedule != "scaled_linear":
            assert 0.99 < process.first_time < 1
            assert process.levels(process.first_time)[0] > 0.005
        else:
            assert process.first_time == 1


def test_the_spacings_have_known_answers() -> None:
    discrete = Process(ProcessConfig("epsilon", "scaled_linear"))
    assert discrete.times(4, "trailing") == [1.0, 0.75, 0.5, 0.25, 0.0]
    assert discrete.times(4, "linspace") == pytest.approx([1.0, 0.667, 0.334, 0.001, 0.0])
    levels = [discrete.levels(t) for t in discrete.times(4)]
    rhos = [sigma / (alpha + sigma) for alpha, sigma in levels]
    assert [rho / rhos[0] for rho in rhos] == pytest.approx([1, 0.75, 0.5, 0.25, 0])
    flow = Process(ProcessConfig())
    assert flow.times(4) == pytest.approx(flow.times(4, "trailing"))
    assert flow.times(2, shift=3.0) == pytest.approx([1.0, 0.75, 0.0])


def test_times_for_training_follow_their_law_and_their_seed() -> None:
    even, middle = (draw_times(20000, seeded(), law) for law in ("uniform", "logit_normal"))
    for times in (even, middle):
        assert bool(((times >= 0) & (times <= 1)).all())
        assert float(times.mean()) == pytest.approx(0.5, abs=0.01)
    assert float(even.std()) == pytest.approx(12**-0.5, abs=0.01)
    assert float(torch.logit(middle.double()).std()) == pytest.approx(1, abs=0.03)
    noisy = draw_times(20000, seeded(), "noisy")
    assert float((noisy > 2 / 3).float().mean()) == pytest.approx(0.5, abs=0.01)
    assert bool(((noisy >= even) & (noisy <= 1)).all())
    assert torch.equal(even, draw_times(20000, seeded(), "uniform"))
    assert not torch.equal(even, draw_times(20000, seeded(1), "uniform"))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"parametrisation": "velocity"}, "velocity"),
        ({"schedule": "linear"}, "scaled_linear"),
        ({"guidance_rise": -1.0}, "guidance_rise"),
        ({"beta_start": 0.5, "beta_end": 0.1}, "beta_start"),
        ({"train_steps": 1}, "train_steps"),
    ],
)
def test_a_wrong_config_is_refused_in_words(wrong: dict[str, str], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        ProcessConfig(**wrong)  # type: ignore[arg-type]


def test_wrong_requests_for_times_are_refused() -> None:
    process = Process(ProcessConfig())
    with pytest.raises(UsageError, match="at least 1 step"):
        process.times(0)
    with pytest.raises(UsageError, match="trailing"):
        process.times(4, "leading")
    with pytest.raises(UsageError, match="shift"):
        process.times(4, shift=0)
    with pytest.raises(UsageError, match="logit_normal"):
        draw_times(4, seeded(), "normal")
