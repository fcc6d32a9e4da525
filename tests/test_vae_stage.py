"""The VAE stage on a tiny model: it learns, it measures its latents, its model renders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.errors import UsageError
from engine.models import store
from engine.models.sizes import TINY
from engine.models.store import Model
from engine.pipeline import load_pipeline
from engine.reports import never, silent
from engine.scene import Scene
from engine.training.seeds import torch_generator
from engine.training.vae import VaeStage
from tests.recordings import run_of, train, write_recordings

SCENE = Scene("rain", seconds=0.6, seed=1, steps=1, guidance=2.0, sampler="euler")
FEW = {"validation_segments": 4, "measure_segments": 8}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return write_recordings(tmp_path)


def plain_model() -> Model:
    return store.assemble(replace(TINY, vae=replace(TINY.vae, linear_shortcut=False)), 0, "tiny")


def test_it_learns_and_hands_out_a_model_that_renders(manifest: Path) -> None:
    run = run_of("vae", manifest, FEW, steps=40)
    with torch.no_grad():
        before = VaeStage(run, plain_model(), torch.device("cpu")).validate(torch_generator(0))["l1"]
    trained = train(run, plain_model())
    with torch.no_grad():
        assert trained.stage.validate(torch_generator(0))["l1"] < 0.7 * before
    assert trained.fall(10) < 0.9
    assert sum(map(len, load_pipeline(trained.folder, "cpu", "float32").render(SCENE, silent, never))) == 4800


def test_a_fresh_shortcut_begins_where_the_plain_network_has_yet_to_come(manifest: Path) -> None:
    run = run_of("vae", manifest, FEW, steps=30)
    fitted, plain = (
        VaeStage(run, model, torch.device("cpu")) for model in (store.create("tiny", 0), plain_model())
    )
    with torch.no_grad():
        errors = [stage.validate(torch_generator(0))["l1"] for stage in (fitted, plain)]
    assert errors[0] < 0.8 * errors[1]
    assert train(run).fall() < 0.95


def test_its_model_has_normal_latents(manifest: Path) -> None:
    stage = VaeStage(run_of("vae", manifest, FEW), store.create("tiny", 0), torch.device("cpu"))
    model = stage.model()
    wave = torch.from_numpy(stage._material.train.draw(0, 0, 8).wave)
    with torch.no_grad():
        latents = model.vae.encode(stage._images(wave))
    assert latents.mean((0, 2, 3)).abs().max() < 0.05
    assert (latents.std((0, 2, 3)) - 1).abs().max() < 0.05


def test_a_critic_joins_when_it_is_asked_to(manifest: Path) -> None:
    run = run_of("vae", manifest, FEW | {"adversarial_from": 3}, steps=6)
    stage = VaeStage(run, store.create("tiny", 0), torch.device("cpu"))
    assert [(turn.name, turn.starts_at, turn.ema) for turn in stage.turns] == [
        ("vae", 0, True),
        ("critic", 3, False),
    ]
    for step, joined in ((2, False), (3, True)):
        _, figures = stage.loss("vae", stage.batch(step, 0, 0), torch_generator(0))
        assert ("fooled" in figures) is joined
    trained = train(run)
    assert len(trained.losses) == 6
    assert "critic" not in {path.name for path in trained.folder.iterdir()}


def test_a_batch_is_a_function_of_its_address(manifest: Path) -> None:
    stage = VaeStage(run_of("vae", manifest, FEW), store.create("tiny", 0), torch.device("cpu"))
    first, again, later, other = (
        stage.batch(*address) for address in ((3, 0, 0), (3, 0, 0), (4, 0, 0), (3, 1, 0))
    )
    assert torch.equal(first.mel, again.mel)
    assert not torch.equal(first.mel, later.mel)
    assert not torch.equal(first.mel, other.mel)
    assert first.mel.shape == (4, 2, 124, 16)


def test_the_side_counts_as_much_as_it_is_said_to(manifest: Path) -> None:
    figures = []
    for side in (0.0, 1.0):
        stage = VaeStage(
            run_of("vae", manifest, FEW | {"side": side}), store.create("tiny", 0), torch.device("cpu")
        )
        figures.append(stage.loss("vae", stage.batch(0, 0, 0), torch_generator(0))[1]["l1"])
    assert figures[0] < figures[1]


FINER = replace(
    TINY,
    mel=replace(TINY.mel, n_fft=128, hop_samples=32, n_mels=32),
    vae=replace(TINY.vae, fold=4),
    vocoder=replace(
        TINY.vocoder,
        mel=replace(TINY.mel, n_fft=128, hop_samples=32, n_mels=32),
        upsample_rates=(4, 2),
    ),
)
"""Tiny with a mel of twice the resolution both ways, and latents of the same size."""


def test_with_a_pattern_another_mel_gets_the_latents_that_a_denoiser_knows(
    manifest: Path, tmp_path: Path
) -> None:
    known = train(run_of("vae", manifest, FEW, steps=30)).folder
    table = FEW | {"like": str(known), "likeness": 20.0, "principal_segments": 48}
    run = run_of("vae", manifest, table, steps=60)
    begun = VaeStage(run, store.assemble(FINER, 3, "tiny"), torch.device("cpu"))
    with torch.no_grad():
        before = begun.validate(torch_generator(0))["unlike"]
    assert before < 0.3  # latents have variance 1: linearly most of them is there already
    trained = train(replace(run, out=str(tmp_path / "like")), store.assemble(FINER, 3, "tiny"))
    other = store.load(known)
    with torch.no_grad():
        assert trained.stage.validate(torch_generator(0))["unlike"] < 0.9 * before
    again = store.load(trained.folder)
    assert torch.equal(again.vae.latent_mean, other.vae.latent_mean)
    assert torch.equal(again.vae.latent_std, other.vae.latent_std)


def test_a_pattern_of_another_grid_is_refused(manifest: Path) -> None:
    known = train(run_of("vae", manifest, FEW, steps=1)).folder
    coarse = store.assemble(replace(FINER, vae=TINY.vae), 0, "tiny")
    run = run_of("vae", manifest, FEW | {"like": str(known)})
    with pytest.raises(UsageError, match=r"4 channels of 4 bands every 256 samples .* 4 channels of 8 bands"):
        VaeStage(run, coarse, torch.device("cpu"))
