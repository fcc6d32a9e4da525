"""The vocoder stage on a tiny model: it starts from the shaped noise and learns, its model renders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.models import store
from engine.models.store import Model
from engine.pipeline import load_pipeline
from engine.reports import never, silent
from engine.scene import Scene
from engine.training.seeds import torch_generator
from engine.training.vocoder import VocoderStage
from tests.recordings import run_of, train, write_recordings
from tests.test_pipeline import AS_PUBLISHED

SCENE = Scene("rain", seconds=0.6, seed=1, steps=1, guidance=2.0, sampler="euler")
FEW = {"validation_segments": 4, "latent_share": 0.0}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return write_recordings(tmp_path)


def stage_of(manifest: Path, model: Model | None = None, **table: Any) -> VocoderStage:
    return VocoderStage(
        run_of("vocoder", manifest, FEW | table), model or store.create("tiny", 0), torch.device("cpu")
    )


def test_it_learns_and_hands_out_a_model_that_renders(manifest: Path) -> None:
    model = store.create("tiny", 0)
    torch.nn.init.constant_(model.vocoder.head.bias, 1.0)  # everything twice as loud, and buzzing
    trained = train(run_of("vocoder", manifest, FEW, steps=30, lr=2e-2, ema=0.0), model)
    assert trained.fall() < 0.7
    with torch.no_grad():
        figures = trained.stage.validate(torch_generator(0))
    assert set(figures) == {"mel_true", "mel_latent", "mel_noise"}
    assert figures["mel_true"] < 1.6 * figures["mel_noise"]  # from 2.1 times
    assert sum(map(len, load_pipeline(trained.folder, "cpu", "float32").render(SCENE, silent, never))) == 4800


def test_before_its_first_step_it_is_the_shaped_noise(manifest: Path) -> None:
    stage = stage_of(manifest)
    share = stage.batch(0, 0, 0)
    with torch.no_grad():
        spoken, noise = stage._spoken(share, torch_generator(0)), stage._only_noise(share, torch_generator(0))
    assert torch.allclose(spoken, noise, atol=1e-5)


def test_some_mels_have_been_through_the_vae(manifest: Path) -> None:
    plain, mixed = (stage_of(manifest, latent_share=share).batch(0, 0, 0) for share in (0.0, 0.5))
    assert torch.equal(plain.wave, mixed.wave)
    same = [torch.equal(one, other) for one, other in zip(plain.mel, mixed.mel)]
    assert same == [False, False, True, True]
    assert plain.mel.shape == (4, 2, 124, 16)
    assert plain.wave.shape == (4, 2, 124 * 64)


def test_repulsion_takes_off_half_the_distance_between_two_takes(manifest: Path) -> None:
    stage = stage_of(manifest, repulsion=1.0)
    share = stage.batch(0, 0, 0)
    noise = torch_generator(0)
    with torch.no_grad():
        loss, figures = stage.loss("vocoder", share, torch_generator(0))
        one, other = stage._spoken(share, noise), stage._spoken(share, noise)
    to_real = [float(stage._distance(take, share.wave)) for take in (one, other)]
    apart = float(stage._distance(one, other))
    assert figures["apart"] == pytest.approx(apart)
    assert float(loss) == pytest.approx(0.5 * (sum(to_real) - apart), rel=1e-4)
    assert 0 < float(loss) < min(to_real)


def test_critics_join_when_they_are_asked_to(manifest: Path) -> None:
    run = run_of("vocoder", manifest, FEW | {"adversarial_from": 2}, steps=4)
    stage = VocoderStage(run, store.create("tiny", 0), torch.device("cpu"))
    assert [(turn.name, turn.starts_at, turn.ema) for turn in stage.turns] == [
        ("critics", 2, False),
        ("vocoder", 0, True),
    ]
    for step, joined in ((1, False), (2, True)):
        _, figures = stage.loss("vocoder", stage.batch(step, 0, 0), torch_generator(0))
        assert ("matching" in figures) is joined
    assert len(train(run).losses) == 4


def test_the_published_vocoder_learns_too(manifest: Path) -> None:
    model = store.assemble(AS_PUBLISHED, 0, "tiny")
    trained = train(run_of("vocoder", manifest, FEW, steps=15, lr=1e-2), model)
    assert trained.fall() < 0.8
    pipeline = load_pipeline(trained.folder, "cpu", "float32")
    assert sum(map(len, pipeline.render(replace(SCENE, sampler="ddim"), silent, never))) == 4800


def test_a_batch_is_a_function_of_its_address(manifest: Path) -> None:
    stage = stage_of(manifest)
    first, again, later, other = (
        stage.batch(*address) for address in ((3, 0, 0), (3, 0, 0), (4, 0, 0), (3, 1, 0))
    )
    assert torch.equal(first.mel, again.mel)
    assert not torch.equal(first.mel, later.mel)
    assert not torch.equal(first.mel, other.mel)
