"""The pipeline on tiny models with random weights, and on the shipped one: exact, repeatable, seamless."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine import synthesis
from engine.catalogue import find_model
from engine.denoising import Whole
from engine.diffusion.schedule import ProcessConfig
from engine.errors import Cancelled, EngineError, UsageError
from engine.models import store
from engine.models.mel import MelConfig
from engine.models.sizes import TINY, Size
from engine.models.vocoder import HifiGanConfig, IstftHifiGan
from engine.pipeline import Pipeline, load_pipeline
from engine.reports import never, silent
from engine.scene import Scene

RATE = 8000
SCENE = Scene("rain on a roof", seconds=2.0, seed=7, steps=3, guidance=2.5, sampler="dpmpp_2m", model="tiny")
MONO_MEL = MelConfig(
    sample_rate=RATE, n_fft=256, hop_samples=64, n_mels=16, f_min_hz=0.0, f_max_hz=4000.0, stereo="mono"
)
AS_PUBLISHED = replace(
    TINY,
    mel=MONO_MEL,
    vae=replace(TINY.vae, mel_channels=1, fold=1, mid_attention=True, linear_shortcut=False),
    unet=replace(TINY.unet, film=False, concat_condition=True, unit_condition=False),
    vocoder=HifiGanConfig(
        n_mels=16,
        sample_rate=RATE,
        channels=16,
        upsample_rates=(4, 4, 4),
        upsample_kernels=(8, 7, 8),
        resblock_kernels=(3, 5),
    ),
    scheduler=ProcessConfig(parametrisation="epsilon", schedule="scaled_linear"),
    default_sampler="ddim",
)
"""The full size in small: one image, HiFi-GAN, epsilon on the discrete schedule."""


def opened(size: Size = TINY, precision: torch.dtype = torch.float32, seed: int = 0) -> Pipeline:
    model = store.assemble(size, seed, "tiny")
    if isinstance(model.vocoder, IstftHifiGan):  # as if it had learnt something
        torch.nn.init.normal_(model.vocoder.head.weight, std=0.02, generator=torch.Generator().manual_seed(1))
    return Pipeline(model, torch.device("cpu"), precision)


@pytest.fixture(scope="module")
def engine() -> Pipeline:
    return opened()


def sound(engine: Pipeline, **changes: Any) -> NDArray[np.float32]:
    blocks = list(engine.render(replace(SCENE, **changes), silent, never))
    return np.concatenate(blocks)


@pytest.mark.parametrize("seconds", [0.5, 0.50012, 1.999, 2.0, 2.001, 3.3333])
def test_a_clip_has_exactly_the_samples_asked_for(engine: Pipeline, seconds: float) -> None:
    wave = sound(engine, seconds=seconds, steps=1)
    assert wave.shape == (round(seconds * RATE), 2)
    assert wave.dtype == np.float32
    assert np.isfinite(wave).all()
    assert wave.std() > 0


def test_a_scene_sounds_the_same_each_time_whatever_was_rendered_before(engine: Pipeline) -> None:
    first = sound(engine)
    torch.manual_seed(99)
    sound(engine, prompt="a train", seconds=3.1, seed=8, sampler="heun")
    assert np.array_equal(sound(engine), first)
    assert np.array_equal(sound(opened()), first)


def test_rendering_leaves_the_callers_random_numbers_alone(engine: Pipeline) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    sound(engine, steps=1)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 8},
        {"prompt": "a train"},
        {"avoid": "wind"},
        {"guidance": 4.0},
        {"guidance_rescale": 0.7},
        {"steps": 4},
        {"sampler": "heun"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_setting_is_heard(engine: Pipeline, change: dict[str, Any]) -> None:
    assert not np.allclose(sound(engine, **change), sound(engine), atol=1e-5)


def test_without_guidance_what_to_avoid_does_not_matter(engine: Pipeline) -> None:
    assert np.array_equal(sound(engine, guidance=1.0), sound(engine, guidance=1.0, avoid="hum"))


def test_a_clip_longer_than_the_window_never_shows_the_network_more_than_the_window() -> None:
    engine = load_pipeline(find_model("mini").folder, "cpu", "float32")
    rate, lengths = engine.model.index.sample_rate, list[int]()
    engine.model.unet.register_forward_pre_hook(lambda _, given: lengths.append(given[0].shape[2]))
    wave = sound(engine, seconds=25.3)
    window = engine.latent_frames(10 * rate)
    assert wave.shape == (round(25.3 * rate), 2)
    assert set(lengths) == {window}
    quarters = [float(np.median(np.abs(part))) for part in np.array_split(wave, 4)]
    assert max(quarters) < 1.5 * min(quarters)


def test_the_precisions_agree_on_the_sound() -> None:
    exact, rough = sound(opened()), sound(opened(precision=torch.bfloat16))
    assert rough.dtype == np.float32
    assert not np.array_equal(exact, rough)
    assert np.abs(exact - rough).mean() < 0.2 * np.abs(exact).mean()


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_the_full_size_in_small_renders_in_mono_and_in_full_resolution(precision: torch.dtype) -> None:
    wave = sound(opened(AS_PUBLISHED, precision), seconds=2.6, sampler="ddim")
    assert wave.shape == (round(2.6 * RATE), 1)
    assert np.isfinite(wave).all()
    as_bfloat16 = torch.from_numpy(wave).bfloat16().float().numpy()
    assert not np.array_equal(wave, as_bfloat16)


def test_an_open_scene_is_a_bug_of_the_caller(engine: Pipeline) -> None:
    for name, value in (("seed", None), ("steps", None), ("guidance", None), ("sampler", "")):
        with pytest.raises(ValueError, match="not resolved"):
            sound(engine, **{name: value})


# Cancelling and telling.


def test_cancelling_is_felt_before_the_network_is_asked_again() -> None:
    engine = opened()
    calls: list[int] = []
    engine.model.unet.register_forward_pre_hook(lambda _, given: calls.append(1))
    with pytest.raises(Cancelled):
        list(engine.render(replace(SCENE, steps=50, seconds=6.0), silent, lambda: len(calls) >= 5))
    assert len(calls) == 5


def test_cancelling_between_two_chunks_ends_the_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthesis, "DECODED_S", 0.5)
    heard: list[int] = []
    blocks = opened().render(SCENE, silent, lambda: bool(heard))
    heard.append(len(next(blocks)))
    with pytest.raises(Cancelled):
        next(blocks)


def test_every_step_and_every_chunk_is_told(engine: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthesis, "DECODED_S", 0.7)
    told: list[tuple[str, float]] = []
    list(engine.render(SCENE, lambda stage, fraction: told.append((stage, fraction)), never))
    assert [stage for stage, _ in told[:4]] == ["reading the prompt", *["denoising"] * 3]
    decoding = [fraction for stage, fraction in told if stage == "decoding"]
    assert len(decoding) == 5
    assert decoding[0] == 0.0
    assert decoding == sorted(decoding)
    assert decoding[-1] == 1.0


# Decoding in chunks.


def random_latents(engine: Pipeline, frames: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.randn(1, engine.model.unet.config.latent_channels, frames, 4, generator=generator)


def decoded(engine: Pipeline, latents: torch.Tensor, samples: int) -> list[NDArray[np.float32]]:
    return list(engine.decoded(Whole(latents), 5, samples, silent))


def test_blocks_are_bounded_and_none_is_empty(engine: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthesis, "DECODED_S", 0.4)
    most = round(0.4 * RATE / 256)
    for frames in range(1, 4 * most):
        borders = engine._borders(frames)
        lengths = np.diff(borders)
        assert (borders[0], borders[-1]) == (0, frames)
        assert lengths.max() <= most
        assert np.ptp(lengths[1:] if len(lengths) > 1 else lengths) <= 1
        assert len(borders) == 2 or lengths.min() >= synthesis.CROSSFADE_LATENTS
    sizes = [len(block) for block in engine.render(replace(SCENE, seconds=5.0, steps=1), silent, never)]
    assert sum(sizes) == 5 * RATE
    assert 0 < min(sizes) <= max(sizes) <= most * 256


@pytest.mark.parametrize("beyond", [-257, -256, -255, -1, 0, 1, 255, 256, 257, 1023, 1024, 1025])
def test_clips_about_as_long_as_a_chunk_are_whole(
    engine: Pipeline, monkeypatch: pytest.MonkeyPatch, beyond: int
) -> None:
    monkeypatch.setattr(synthesis, "DECODED_S", 16 * 256 / RATE)
    for chunks in (1, 2):
        samples = chunks * 16 * 256 + beyond
        blocks = decoded(engine, random_latents(engine, engine.latent_frames(samples)), samples)
        assert sum(len(block) for block in blocks) == samples
        assert all(len(block) for block in blocks)
        whole, first = 16 * 256, 8 * 256
        assert len(blocks) == (1 if samples <= whole else 1 + math.ceil((samples - first) / whole))


def without_norms(engine: Pipeline) -> Pipeline:
    """Group norms hear all of a chunk: without them cutting must be exact."""
    for module in list(engine.model.vae.modules()):
        for name, child in module.named_children():
            if isinstance(child, torch.nn.GroupNorm):
                setattr(module, name, torch.nn.Identity())
    for weight in engine.model.vae.parameters():
        weight.detach().mul_(0.5)
    return engine


@pytest.mark.parametrize("size", [TINY, replace(AS_PUBLISHED, vae=replace(TINY.vae, mel_channels=1, fold=1))])
def test_chunks_meet_exactly_where_no_norm_hears_the_whole(
    monkeypatch: pytest.MonkeyPatch, size: Size
) -> None:
    engine = without_norms(opened(size))
    latents = random_latents(engine, 96)
    if isinstance(size.vocoder, HifiGanConfig):
        latents = torch.cat([latents] * 2, dim=3)
    samples = engine.samples_in(96) - 3
    (whole,) = decoded(engine, latents, samples)
    monkeypatch.setattr(synthesis, "DECODED_S", engine.samples_in(20) / RATE)
    cut = decoded(engine, latents, samples)
    assert len(cut) == 6
    assert np.abs(np.concatenate(cut) - whole).max() < 1e-5 * np.abs(whole).max()


def test_with_norms_chunks_differ_by_a_trifle(engine: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    latents = random_latents(engine, 96)
    (whole,) = decoded(engine, latents, 96 * 256)
    monkeypatch.setattr(synthesis, "DECODED_S", 1.0)
    cut = np.concatenate(decoded(engine, latents, 96 * 256))
    assert 0 < (cut - whole).std() < 0.5 * whole.std()  # random weights: far more than learnt ones


def test_noise_is_the_same_however_the_clip_is_cut(engine: Pipeline) -> None:
    blocks = 2 * synthesis.NOISE_BLOCK
    whole = engine._white(11, 0, blocks + 100)
    for start, end in ((0, 10), (65_530, 65_550), (65_536, 65_537), (blocks - 1, blocks + 100)):
        assert torch.equal(engine._white(11, start, end), whole[:, :, start:end])
    assert abs(float(whole.std()) - 1) < 0.01
    assert not torch.equal(engine._white(12, 0, 10), whole[:, :, :10])
    assert abs(float((whole[0, 0] * whole[0, 1]).mean())) < 0.02


def test_the_end_of_a_clip_does_not_depend_on_the_surplus_of_its_last_stride(engine: Pipeline) -> None:
    latents = random_latents(engine, 40)
    short = decoded(engine, latents[:, :, :36], 30 * 256)
    assert sum(len(block) for block in short) == 30 * 256


# Opening.


def test_a_saved_folder_renders_as_the_model_in_memory_does(tmp_path: Path) -> None:
    engine = opened()
    for weight in (w for network in engine.model.networks().values() for w in network.parameters()):
        weight.data = weight.data.half().float()
    store.save(engine.model, tmp_path / "tiny")
    again = load_pipeline(tmp_path / "tiny", "cpu", "float32")
    assert again.device == torch.device("cpu")
    assert again.precision == torch.float32
    assert np.array_equal(sound(again), sound(engine))
    assert not hasattr(again.model, "audio_encoder")


def test_a_wrong_word_or_folder_is_told_in_a_sentence(tmp_path: Path) -> None:
    opening: list[tuple[type[EngineError], Callable[[], object]]] = [
        (UsageError, lambda: load_pipeline(tmp_path, "gpu", "auto")),
        (UsageError, lambda: load_pipeline(tmp_path, "cpu", "half")),
        (EngineError, lambda: load_pipeline(tmp_path, "cpu", "auto")),
    ]
    for kind, attempt in opening:
        with pytest.raises(kind, match=r"^[A-Z/].*\.$"):
            attempt()
