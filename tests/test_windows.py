"""Windows: long latents through a short network, without blur, seams or memory of earlier calls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from engine.diffusion.samplers import SAMPLERS, Denoise, heun
from engine.diffusion.schedule import Process, ProcessConfig
from engine.diffusion.windows import frame_sources, window_starts, windowed

PROCESS = Process(ProcessConfig())
TIMES = PROCESS.times(6)


def latents(frames: int, number: int = 0) -> Tensor:
    return torch.randn(2, 3, frames, 4, generator=torch.Generator().manual_seed(number))


def everywhere(denoise: Denoise) -> Callable[[float], Denoise]:
    """The same at every place."""
    return lambda _place: denoise


def pointwise(x: Tensor, t: float) -> Tensor:
    return torch.tanh(x) * (1 - t / 2)


class Recorder:
    """A network of one window: its estimate says which call it comes from."""

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def __call__(self, x: Tensor, t: float) -> Tensor:
        self.lengths.append(x.shape[2])
        return torch.full_like(x, len(self.lengths))


@pytest.mark.parametrize("loop", [False, True])
@pytest.mark.parametrize("frames", [1, 2, 7, 8])
def test_a_clip_within_the_window_is_left_to_the_network(frames: int, loop: bool) -> None:
    recorder = Recorder()
    estimate = windowed(everywhere(recorder), TIMES, window=8, overlap=3, loop=loop)(latents(frames), 0.5)
    assert recorder.lengths == [frames]
    assert torch.equal(estimate, torch.ones(2, 3, frames, 4))


@pytest.mark.parametrize("loop", [False, True])
@pytest.mark.parametrize(("window", "overlap"), [(8, 0), (8, 1), (8, 4), (8, 7), (2, 1), (1, 0)])
def test_windows_cover_every_frame_with_the_overlap_asked_for(window: int, overlap: int, loop: bool) -> None:
    for frames in range(window + 1, 60):
        starts = window_starts(frames, window, overlap, loop)
        covering = [0] * frames
        for start in starts:
            assert 0 <= start < frames
            assert loop or start + window <= frames
            for frame in range(start, start + window):
                covering[frame % frames] += 1
        assert min(covering) >= 1
        following = [*starts[1:], starts[0] + frames] if loop else starts[1:]
        assert all(start + window - later >= overlap for start, later in zip(starts, following))
        for step in (0, 1, 5):
            sources = frame_sources(frames, starts, window, step, loop).tolist()
            assert all((frame - starts[source]) % frames < window for frame, source in enumerate(sources))


@pytest.mark.parametrize("loop", [False, True])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_pointwise_network_does_not_notice_the_windows(sampler: str, loop: bool) -> None:
    for frames in [*range(1, 20), 50]:
        x = latents(frames)
        whole = SAMPLERS[sampler](pointwise, x, PROCESS, TIMES)
        parts = windowed(everywhere(pointwise), TIMES, window=8, overlap=3, loop=loop)
        assert torch.equal(SAMPLERS[sampler](parts, x, PROCESS, TIMES), whole)


def test_the_network_sees_one_window_at_a_time_however_long_the_clip() -> None:
    recorder = Recorder()
    windowed(everywhere(recorder), TIMES, window=8, overlap=4)(latents(200), 0.5)
    assert recorder.lengths == [8] * 49


def test_every_frame_comes_whole_from_one_window_and_none_is_averaged() -> None:
    estimate = windowed(everywhere(Recorder()), TIMES, window=8, overlap=4)(latents(20), 0.5)
    assert bool((estimate == estimate[:1, :1, :, :1]).all())
    assert set(estimate.unique().tolist()) == {1.0, 2.0, 3.0, 4.0}
    assert estimate[0, 0, 0, 0] == 1
    assert estimate[0, 0, -1, 0] == 4


def test_windows_alternate_along_time_and_along_steps() -> None:
    now, next_one = (frame_sources(48, [0, 16], 32, step) for step in (0, 1))
    middle = slice(23, 25)
    assert bool((now[middle].diff() != 0).all())
    assert bool((now[middle] != next_one[middle]).all())
    assert bool((now[:16] == 0).all())
    assert bool((now[32:] == 1).all())


def test_a_window_has_the_fewer_turns_the_nearer_its_edge_is() -> None:
    second = torch.stack([frame_sources(48, [0, 16], 32, step) for step in range(16)]).double().mean(dim=0)
    assert bool((second.diff() >= 0).all())
    assert float(second[16]) < 0.1
    assert float(second[23:25].mean()) == pytest.approx(0.5)


def test_the_estimate_does_not_depend_on_earlier_calls() -> None:
    def leaning(x: Tensor, t: float) -> Tensor:
        return x.cumsum(dim=2)

    denoise = windowed(everywhere(leaning), TIMES, window=8, overlap=4)
    first = heun(denoise, latents(30), PROCESS, TIMES)
    denoise(latents(30, 1), 0.3)
    assert torch.equal(heun(denoise, latents(30), PROCESS, TIMES), first)


def test_looped_windows_wrap_around() -> None:
    seen: list[list[float]] = []

    def listening(x: Tensor, t: float) -> Tensor:
        seen.append(x[0, 0, :, 0].tolist())
        return x

    frames = torch.arange(20.0).reshape(1, 1, 20, 1)
    windowed(everywhere(listening), TIMES, window=8, overlap=3, loop=True)(frames, 0.5)
    assert [15, 16, 17, 18, 19, 0, 1, 2] in seen


@pytest.mark.parametrize(("window", "overlap"), [(8, 8), (8, -1), (0, 0)])
def test_an_overlap_that_leaves_no_way_forward_is_refused(window: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="cannot overlap"):
        windowed(everywhere(pointwise), TIMES, window, overlap)


# A Gaussian process with a slow, a fast and a white part, denoised exactly within the window. Sampling is
# linear in the noise, so that one run on the unit vectors gives the covariance of all samples.


def covariance(frames: int) -> Tensor:
    distance = (torch.arange(frames)[:, None] - torch.arange(frames)).abs().double()
    return 0.5 * torch.exp(-distance / 30) + 0.3 * torch.exp(-distance / 3) + 0.2 * (distance == 0)


def process_denoise(x: Tensor, t: float) -> Tensor:
    alpha, sigma = PROCESS.levels(t)
    data = covariance(x.shape[2])
    noisy = alpha**2 * data + sigma**2 * torch.eye(len(data), dtype=torch.float64)
    return torch.einsum("ij,bzjm->bzim", alpha * data @ torch.linalg.inv(noisy), x)


def neighbour_steps(denoise: Denoise, sampler: str) -> Tensor:
    """Variance of the step from each of 112 frames to the next, and from the last to the first."""
    unit = torch.eye(112, dtype=torch.float64).reshape(112, 1, 112, 1)
    response = SAMPLERS[sampler](denoise, unit, PROCESS, PROCESS.times(8))[:, 0, :, 0]
    return (response - response.roll(-1, dims=1)).square().sum(dim=0)


@pytest.mark.parametrize("overlap", [8, 20])
@pytest.mark.parametrize("sampler", ["euler", "heun", "dpmpp_2m"])
def test_seams_are_as_smooth_as_the_rest(sampler: str, overlap: int) -> None:
    whole = neighbour_steps(process_denoise, sampler)[:-1]
    parts = neighbour_steps(windowed(everywhere(process_denoise), PROCESS.times(8), 40, overlap), sampler)[
        :-1
    ]
    assert float((parts / whole - 1).abs().max()) < 0.01


def test_only_a_loop_has_no_seam_between_its_end_and_its_beginning() -> None:
    open_end, looped = (
        neighbour_steps(windowed(everywhere(process_denoise), PROCESS.times(8), 40, 16, loop), "heun")
        for loop in (False, True)
    )
    assert float(open_end[-1] / open_end[:-1].mean()) > 2
    assert float(looped[-1] / looped[:-1].mean()) == pytest.approx(1, abs=0.01)
