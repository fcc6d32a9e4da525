"""The diffusion stage on a tiny model: it learns under the conditions it is meant to, its model renders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.diffusion.schedule import ProcessConfig
from engine.models import store
from engine.models.sizes import TINY
from engine.models.store import Model
from engine.pipeline import load_pipeline
from engine.reports import never, silent
from engine.scene import Scene
from engine.training.ldm import LdmStage, _reworded
from engine.training.seeds import torch_generator
from tests.recordings import CAPTIONS, run_of, train, write_recordings

SCENE = Scene("rain", seconds=0.6, seed=1, steps=2, guidance=2.0, sampler="euler")
FEW = {"pool_segments": 16, "validation_segments": 4}
MARKS = ("landmarks", "nuances", "ways", "way_landmarks")


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return write_recordings(tmp_path)


def stage_of(manifest: Path, model: Model | None = None, **table: Any) -> LdmStage:
    return LdmStage(
        run_of("ldm", manifest, FEW | table), model or store.create("tiny", 0), torch.device("cpu")
    )


def test_it_learns_and_hands_out_a_model_that_renders(manifest: Path) -> None:
    trained = train(run_of("ldm", manifest, FEW, steps=40, lr=3e-3))
    assert trained.fall(10) < 0.8
    assert sum(map(len, load_pipeline(trained.folder, "cpu", "float32").render(SCENE, silent, never))) == 4800


def test_it_learns_noise_on_the_discrete_schedule_too(manifest: Path) -> None:
    size = replace(
        TINY,
        unet=replace(TINY.unet, film=False, concat_condition=True, unit_condition=False),
        scheduler=ProcessConfig(parametrisation="epsilon", schedule="scaled_linear"),
    )
    trained = train(run_of("ldm", manifest, FEW, steps=30, lr=3e-3), store.assemble(size, 0, "tiny"))
    assert trained.fall(10) < 0.8


def test_only_the_denoiser_learns(manifest: Path) -> None:
    model = store.create("tiny", 0)
    before = {name: network.state_dict() for name, network in store.create("tiny", 0).networks().items()}
    train(run_of("ldm", manifest, FEW, steps=2), model)
    changed = {
        name
        for name, network in model.networks().items()
        for key, tensor in network.state_dict().items()
        if key not in ("landmarks", "nuances", "ways", "way_landmarks")
        and not torch.equal(tensor, before[name][key])
    }
    assert changed == {"unet"}


def test_the_text_tower_notes_where_the_named_scenes_lie(manifest: Path) -> None:
    tower = stage_of(manifest)._model.text_encoder
    assert tower.config.landmarks == 4
    with torch.no_grad():
        known = torch.nn.functional.normalize(tower.encode(list(CAPTIONS.values())), dim=-1)
    assert torch.cdist(known, tower.landmarks).min(1).values.max() < 1e-2
    assert torch.allclose(tower.nuances @ tower.nuances.T, torch.eye(len(tower.nuances)), atol=1e-4)
    with torch.no_grad():
        plain, many = (
            torch.nn.functional.normalize(
                tower.encode([word + said for word in words for said in CAPTIONS.values()]), dim=-1
            )
            for words in ([""], ["many ", "numerous ", "countless "])
        )
    added = many.unflatten(0, (3, -1)).mean(0).mean(0) - plain.mean(0)
    assert (added @ tower.nuances.T).norm() > 0.99 * added.norm()
    nameless = manifest.with_name("nameless.csv")
    nameless.write_text(manifest.read_text().replace("scene", "source"))
    assert stage_of(nameless)._model.text_encoder.config.landmarks == 0


def test_conditions_are_sounds_captions_and_nulls_in_their_shares(manifest: Path) -> None:
    for table, expected in (
        ({"drop": 1.0}, "null"),
        ({"drop": 0.0, "text_share": 1.0}, "text"),
        ({"drop": 0.0, "text_share": 0.0}, "audio"),
    ):
        stage = stage_of(manifest, condition_noise=0.0, **table)
        pool = stage._pools["train"]
        rows = torch.arange(len(pool)).numpy()
        known = {"null": stage._null[None], "text": pool.text(rows), "audio": pool.audio(rows)}
        for vector in stage.batch(0, 0, 0).condition:
            distances = {name: float((vectors - vector).norm(dim=1).min()) for name, vectors in known.items()}
            assert min(distances, key=distances.__getitem__) == expected
            assert distances[expected] < 1e-4


def test_noise_on_a_condition_is_relative_to_its_length(manifest: Path) -> None:
    plain, noisy = (stage_of(manifest, drop=0.0, condition_noise=noise) for noise in (0.0, 0.2))
    exact, moved = (
        torch.cat([stage.batch(step, 0, 0).condition for step in range(8)]) for stage in (plain, noisy)
    )
    ratio = (moved - exact).norm(dim=1) / exact.norm(dim=1)
    assert abs(float(ratio.mean()) - 0.2) < 0.03
    assert exact.norm(dim=1).min() > 2  # as the towers give them, so as the pipeline does


def test_rewording_moves_captions_as_wording_does(manifest: Path) -> None:
    own, other = torch.randn(2, 400, 32).unbind()
    moved = _reworded(own, other, 1.5, np.random.default_rng(0))
    again = _reworded(own, other, 1.5, np.random.default_rng(0))
    assert torch.equal(moved, again)
    # What is left of each: a place between its two captions, and a share of its neighbour's difference.
    axes = torch.stack([own - other, (own - other).roll(1, 0)], dim=2)
    ways = torch.linalg.lstsq(axes, (moved - other)[:, :, None]).solution[:, :, 0]
    assert torch.allclose(other + (axes @ ways[:, :, None])[:, :, 0], moved, atol=1e-3)
    assert ways.min() > -1e-3
    assert 0.9 < ways[:, 0].max() <= 1.001
    assert 1.4 < ways[:, 1].max() <= 1.501
    stages = [stage_of(manifest, drop=0.0, text_share=1.0, rewording=share) for share in (0.0, 1.5)]
    for stage in stages:  # recordings of one caption have no other words
        stage._pools["train"]._other = np.negative(stage._pools["train"]._text)
    plain, reworded = (stage.batch(0, 0, 0) for stage in stages)
    assert torch.equal(plain.latents, reworded.latents)
    assert not torch.equal(plain.condition, reworded.condition)


def test_segments_come_under_sentences_that_nobody_said_of_them(manifest: Path) -> None:
    few = {
        "paraphrases": 30,
        "combinations": 0,
        "templates": 0,
        "dictionary_words": 0,
        "dictionary_glosses": 0,
    }
    stage = stage_of(
        manifest, drop=0.0, condition_noise=0.0, text_share=1.0, sentence_share=1.0, sentences=few
    )
    assert stage._neighbours is not None
    said = stage._neighbours.vectors
    captions = stage._pools["train"].text(np.arange(16))
    conditions = torch.cat([stage.batch(step, 0, 0).condition for step in range(6)])
    assert torch.cdist(conditions, said).min(1).values.max() < 1e-2
    assert torch.cdist(conditions, captions).min(1).values.max() > 0.1
    assert (torch.cosine_similarity(conditions[:, None], captions[None], dim=2).max(1).values > 0.4).all()


def test_a_batch_is_a_function_of_its_address(manifest: Path) -> None:
    stage = stage_of(manifest)
    first, again, later, other = (
        stage.batch(*address) for address in ((3, 0, 0), (3, 0, 0), (4, 0, 0), (3, 1, 0))
    )
    assert torch.equal(first.latents, again.latents)
    assert torch.equal(first.condition, again.condition)
    assert not torch.equal(first.condition, later.condition)
    assert not torch.equal(first.condition, other.condition)


def test_validation_is_the_same_each_time_and_tells_the_conditions_apart(manifest: Path) -> None:
    stage = stage_of(manifest)
    with torch.no_grad():
        first, again = (stage.validate(torch_generator(0)) for _ in range(2))
    assert first == again
    names = ("audio", "text", "null")
    assert set(first) == {f"{kind}_{name}" for kind in ("error", "weighed") for name in names}
    assert len({first[f"error_{name}"] for name in names}) == 3
    assert first["weighed_text"] == first["error_text"], "without emphasis all channels count alike"


def test_emphasis_weighs_channels_by_what_they_do_to_the_mel(manifest: Path) -> None:
    plain, weighed = stage_of(manifest), stage_of(manifest, emphasis=2.0)
    influence = plain._model.vae.influence(weighed._pools["test"].latents(np.arange(2)))
    assert weighed._weights.flatten().argmax() == influence.argmax()
    assert torch.isclose(weighed._weights.mean(), torch.tensor(1.0))
    batch = plain.batch(0, 0, 0)
    with torch.no_grad():
        (loss, figures), (other, same) = (
            stage.loss("unet", batch, torch_generator(0)) for stage in (plain, weighed)
        )
    assert figures["error"] == same["error"] == float(loss) != float(other)


def test_a_perfect_denoiser_has_no_error(manifest: Path) -> None:
    """Of latents that are nothing but zeros the noise, and so the answer, is known."""
    stage = stage_of(manifest)
    process = stage._model.scheduler

    class Perfect(torch.nn.Module):
        def forward(self, x: torch.Tensor, t: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
            return x / process.sigma(t / 999)[:, None, None, None]

    stage._unet = Perfect()  # type: ignore[assignment]
    batch = stage.batch(0, 0, 0)
    loss, _ = stage.loss("unet", replace(batch, latents=torch.zeros_like(batch.latents)), torch_generator(0))
    assert loss < 1e-8
