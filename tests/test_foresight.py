"""What is known of a denoiser without asking it: its outset at pure noise, what its answers leave open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.denoising import Origin
from engine.diffusion.guidance import known_at_noise
from engine.diffusion.schedule import Process, ProcessConfig
from engine.models import store
from engine.models.denoiser import Denoiser
from engine.models.outset import Outset
from engine.models.sizes import TINY
from engine.pipeline import Pipeline
from engine.reports import never, silent
from engine.training.foresight import DRAWN, SCATTER, TIMES, note_outset, note_residual
from engine.training.ldm import LdmStage
from tests.recordings import run_of, write_recordings
from tests.test_pipeline import SCENE, opened

PROCESS = Process(ProcessConfig())
STEPS = 3


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def noted(outset: float = 0.3, residual: float = 0.0) -> Pipeline:
    """A tiny model that expects the same of every sound, and leaves as much of all of them open."""
    engine = opened()
    unet = engine.model.unet
    unet.set_outset(Outset(4, 4, 1, 32))
    assert unet.outset is not None
    unet.outset.mean.fill_(outset)
    unet.set_residual(torch.full((4, 4), residual))
    return engine


def asked_of(engine: Pipeline) -> list[float]:
    times: list[float] = []
    engine.model.unet.register_forward_pre_hook(lambda _, given: times.append(float(given[1][0])))
    return times


class Answering(nn.Module):
    """In the place of the network: says x0 = map(condition) + error, whatever it hears."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer, self.device = answer, torch.device("cpu")

    def forward(self, x: Tensor, t: Tensor, class_labels: Tensor, **_: Any) -> Any:
        time = (t / 999)[:, None, None, None]
        return type("Answer", (), {"sample": (x - self.answer(x, time, class_labels)) / time})


def learnt(answer: Any, conditions: Tensor) -> Outset:
    unet = Denoiser(TINY.unet)
    unet.unet = Answering(answer)  # type: ignore[assignment]
    note_outset(unet, PROCESS, conditions, (24, 4), seed=0)
    assert unet.outset is not None
    assert (unet.config.outset_bands, unet.config.outset_centres) == (4, len(unet.outset.centres))
    return unet.outset


def test_what_the_denoiser_makes_of_a_condition_at_pure_noise_is_learnt() -> None:
    first, second = random(32, 16), random(16, 16, seed=1)

    def expected(labels: Tensor) -> Tensor:
        return (torch.tanh(labels @ first / 8) @ second).unflatten(-1, (4, 1, 4))

    outset = learnt(lambda x, time, labels: expected(labels) + 0.1 * x, random(1_500, 32, seed=2))
    other = random(200, 32, seed=3)
    truth = expected(torch.nn.functional.normalize(other, dim=-1) * 32**0.5)
    still = torch.zeros(200, 16)
    assert (outset(other, still) - truth).square().mean() < 0.15 * truth.var()
    assert torch.allclose(outset(other, still), outset(9 * other, still), atol=1e-4), "only directions count"


def test_clips_scatter_about_the_outset_as_the_answers_do() -> None:
    one_for_all = torch.linspace(0.1, 0.4, 16).reshape(1, 4, 1, 4)

    def scattered(x: Tensor, time: Tensor, labels: Tensor) -> Tensor:
        return one_for_all * 24**0.5 * x.mean((2,), keepdim=True)[:, :1, :, :1] + 0 * x

    outset = learnt(scattered, random(1_500, 32, seed=2))
    clips = outset(random(1, 32, seed=3).expand(4_000, -1), random(4_000, 16, seed=4))
    assert torch.allclose(clips.std(0), SCATTER * one_for_all[0], rtol=0.1)
    assert abs(float(torch.corrcoef(clips.flatten(1).T)[0, 1])) > 0.95, "they move together as they did"


def test_a_process_that_does_not_begin_at_pure_noise_has_no_outset() -> None:
    unet = Denoiser(TINY.unet)
    note_outset(unet, Process(ProcessConfig("epsilon", "scaled_linear")), random(4, 32), (8, 4), seed=0)
    assert unet.config.outset_bands == 0


def test_the_white_part_of_what_is_left_open_is_measured_and_the_rest_is_not() -> None:
    unet, latents = Denoiser(TINY.unet), random(6, 4, 200, 4)
    sizes = torch.tensor([0.1, 0.2, 0.3, 0.4])[None, :, None, None]

    def answer(x: Tensor, time: Tensor, labels: Tensor) -> Tensor:
        return latents + time * sizes * random(*latents.shape, seed=3) + 0.5  # and always too high

    unet.unet = Answering(answer)  # type: ignore[assignment]
    note_residual(unet, PROCESS, latents, random(6, 32), seed=0)
    assert unet.config.residuals == TIMES
    for time in (0.0, 0.25, 0.3, 1.0):
        assert torch.allclose(unet.residual(time), DRAWN * time * sizes, rtol=0.03, atol=1e-6)


def test_between_the_noted_times_a_residual_goes_straight() -> None:
    unet = Denoiser(TINY.unet)
    assert not unet.residual(0.5).any()
    unet.set_residual(torch.tensor([[1.0] * 4, [3.0] * 4]))
    assert [float(unet.residual(time)[0, 0]) for time in (0.0, 0.25, 0.5, 0.75, 1.0)] == [0, 0.5, 1, 2, 3]


def test_what_is_noted_is_kept_in_the_models_folder(tmp_path: Path) -> None:
    engine = noted(0.3, 0.2)
    store.save(engine.model, tmp_path / "model")
    unet = store.load(tmp_path / "model", ("unet",)).unet
    assert unet.outset is not None
    assert torch.equal(unet.outset(random(2, 32), random(2, 16)), torch.full((2, 4, 1, 4), 0.3))
    assert torch.equal(unet.residual(0.5), torch.full((1, 4, 1, 1), 0.2))


@pytest.mark.parametrize(("guidance", "rise", "expected"), [(3.0, 1.0, 1.0), (3.0, 0.0, 7.0)])
def test_at_pure_noise_the_outset_is_guided_and_no_network_is_asked(
    guidance: float, rise: float, expected: float
) -> None:
    process = Process(ProcessConfig(guidance_rise=rise))

    def never_asked(x: Tensor, t: float) -> Tensor:
        assert t < 1
        return x

    towards, away = torch.full((1, 4, 1, 4), 1.0), torch.full((1, 4, 1, 4), -2.0)
    denoise = known_at_noise(never_asked, process, towards, away, guidance)
    x = random(1, 4, 9, 4)
    assert torch.equal(denoise(x, 1.0), torch.full_like(x, expected))
    assert torch.equal(denoise(x, 0.99), x)


def test_every_step_is_a_call_and_the_outset_comes_on_top() -> None:
    engine = noted()
    times = asked_of(engine)
    engine.denoised(replace(SCENE, steps=STEPS), 24, silent, never)
    assert times == pytest.approx([999 * time for time in (0.75, 0.5, 0.25)], abs=0.01)


def test_a_variation_begins_at_its_clip_and_asks_as_often() -> None:
    engine = noted()
    times = asked_of(engine)
    origin = Origin(random(1, 4, 24, 4), strength=0.6)
    engine.denoised(replace(SCENE, steps=STEPS), 24, silent, never, origin=origin)
    assert times == pytest.approx([999 * time for time in (0.6, 0.4, 0.2)], abs=0.01)


def test_the_last_step_draws_what_is_left_open_from_the_seed() -> None:
    plain, open_ = (noted(residual=residual) for residual in (0.0, 0.2))
    scene = replace(SCENE, steps=STEPS)
    means, samples = ([engine.denoised(scene, 800, silent, never) for _ in "ab"] for engine in (plain, open_))
    assert torch.equal(samples[0], samples[1])
    drawn = samples[0] - means[0]
    assert drawn.std() == pytest.approx(0.2, rel=0.03)
    start, rest = plain._noise(scene, 800).chunk(2, dim=1)
    assert torch.allclose(drawn, 0.2 * rest, atol=1e-5)
    assert abs(float((drawn * start).mean())) < 0.01
    long = open_._denoising(scene, silent, never).unrolled(open_._noise(scene, 800))
    assert torch.equal(torch.cat([long.between(0, 100), long.between(100, 800)], dim=2), samples[0])


def test_a_long_clip_and_a_rolled_one_have_one_outset() -> None:
    """What is drawn for the whole clip follows from all of its noise, wherever that begins."""
    engine = noted()
    assert engine.model.unet.outset is not None
    engine.model.unet.outset.scatter.copy_(torch.eye(16))
    engine.model.unet.register_forward_hook(lambda _, given, answer: torch.zeros_like(answer))
    noise = engine._noise(SCENE, 120)
    whole = engine.denoised(SCENE, 120, silent, never)
    rolled = engine.denoised(SCENE, 120, silent, never, noise.roll(8, dims=2))
    assert torch.allclose(rolled, whole.roll(8, dims=2), atol=1e-4)
    drawn = noise[:, 4:].sum(2, keepdim=True) / 120**0.5
    assert drawn.std() == pytest.approx(1.0, abs=0.5)
    long = engine._denoising(SCENE, silent, never).unrolled(noise)
    assert torch.equal(long.between(0, 120), whole)


def test_what_is_known_is_not_drawn_over() -> None:
    latents, known = random(1, 4, 24, 4), torch.arange(24) < 10
    made = noted(residual=0.2).denoised(SCENE, 24, silent, never, origin=Origin(latents, known=known))
    assert torch.equal(made[:, :, :10], latents[:, :, :10])


def test_training_notes_both_beside_the_weights_that_it_hands_out(tmp_path: Path) -> None:
    few = {"pool_segments": 16, "validation_segments": 4}
    stage = LdmStage(
        run_of("ldm", write_recordings(tmp_path), few), store.create("tiny", 0), torch.device("cpu")
    )
    unet = stage.model().unet
    assert (unet.config.outset_bands, unet.config.residuals) == (4, TIMES)
    assert float(unet.residual(1.0).min()) > 0
    assert unet.outset is not None
    again = stage.model().unet.outset
    assert again is not None
    assert torch.equal(unet.outset.weights, again.weights)
    assert stage.turns[0].module.config == TINY.unet, "what learns is as it was, and can be resumed"
