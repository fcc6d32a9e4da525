"""The pool of encoded segments: made once, made anew when anything behind it changes, whole or not there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import EngineError
from engine.models import store
from engine.models.sizes import TINY
from engine.models.store import Model
from engine.training import pool as pools
from engine.training.material import Material, gather
from engine.training.pool import PoolConfig, build
from tests.recordings import RATE, run_of, write_recordings

CPU = torch.device("cpu")
TRAIN = PoolConfig("train", 6, seed=0, seconds=1.0)


@pytest.fixture(scope="module")
def model() -> Model:
    return store.create("tiny", 0)


@pytest.fixture
def material(tmp_path: Path) -> Material:
    return gather(run_of("ldm", write_recordings(tmp_path, 1.2), {}), RATE, 2)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_row_is_a_segment_with_the_vectors_of_its_sound_and_its_captions(
    material: Material, model: Model, tmp_path: Path
) -> None:
    pool = build(tmp_path / "pool", TRAIN, material.train, model, CPU)
    rows = np.array([4, 1])
    segments = material.train.draw(0, 0, 6)
    wave = torch.from_numpy(segments.wave)[rows]
    with torch.no_grad():
        latents = model.vae.encode(model.mel(wave)[:, :, :120])
        audio = model.audio_encoder(wave.mean(1))
        text, other = (model.text_encoder.encode(told)[rows] for told in (segments.captions, segments.others))
    assert (len(pool), pool.width) == (6, 32)
    stored_vectors = (pool.latents(rows), pool.audio(rows), pool.text(rows), pool.other(rows))
    for stored, exact in zip(stored_vectors, (latents, audio, text, other), strict=True):
        assert stored.dtype == torch.float32
        assert stored.shape == exact.shape
        assert (stored - exact).abs().mean() < 0.03 * exact.abs().mean()  # computed in bfloat16


def test_latents_are_whole_strides_of_the_denoiser(material: Material, model: Model, tmp_path: Path) -> None:
    pool = build(tmp_path / "pool", TRAIN, material.train, model, CPU)
    assert pool.latents(np.array([0])).shape == (1, 4, 30, 4)  # 125 frames are 31 latents and a bit


def test_the_test_split_takes_the_fixed_segments(material: Material, model: Model, tmp_path: Path) -> None:
    pool = build(tmp_path / "pool", replace(TRAIN, split="test", segments=20), material.test, model, CPU)
    captions = material.test.fixed(20).captions
    with torch.no_grad():
        text = model.text_encoder.encode(captions)
    assert len(pool) == 20
    assert (pool.text(np.arange(20)) - text).abs().mean() < 0.03 * text.abs().mean()


def test_it_is_made_once(material: Material, model: Model, tmp_path: Path) -> None:
    folder = tmp_path / "pool"
    build(folder, TRAIN, material.train, model, CPU)
    (only,) = folder.iterdir()
    written = {path: path.stat().st_mtime_ns for path in only.iterdir()}
    build(folder, TRAIN, material.train, model, CPU)
    assert names(folder) == {only.name}
    assert {path: path.stat().st_mtime_ns for path in only.iterdir()} == written


def test_it_is_made_anew_when_draw_captions_or_weights_change(
    material: Material, model: Model, tmp_path: Path
) -> None:
    folder, source = tmp_path / "pool", material.train
    for config in (TRAIN, replace(TRAIN, seed=1), replace(TRAIN, segments=5), replace(TRAIN, split="test")):
        build(folder, config, source, model, CPU)
    assert len(names(folder)) == 4
    renamed = tuple(replace(r, captions=("something else",)) for r in source.recordings)
    told = gather(run_of("ldm", tmp_path / "manifest.csv", {}), RATE, 2).train
    told.recordings = renamed
    assert pools._fingerprint(TRAIN, told, model) != pools._fingerprint(TRAIN, source, model)
    elsewhere = tuple(replace(r, path=Path("elsewhere") / r.path.name) for r in source.recordings)
    told.recordings = elsewhere
    assert pools._fingerprint(TRAIN, told, model) == pools._fingerprint(TRAIN, source, model)
    assert pools._fingerprint(TRAIN, source, store.create("tiny", 1)) != pools._fingerprint(
        TRAIN, source, model
    )


def test_a_tower_with_another_rate_hears_the_same_pitch() -> None:
    size = replace(TINY, audio_encoder=replace(TINY.audio_encoder, sample_rate=16_000, window_seconds=0.45))
    model = store.assemble(size, 0, "tiny")
    time = torch.arange(RATE) / RATE
    heard = pools.heard(torch.sin(2 * torch.pi * 500 * time).expand(1, 2, -1), model)
    assert heard.shape == (1, 16_000)
    assert torch.fft.rfft(heard[0]).abs().argmax() == 500


def test_half_a_pool_is_never_seen_and_a_faster_process_is_no_error(tmp_path: Path) -> None:
    place, rows = tmp_path / "train-1", {"latents": np.zeros((2, 3), np.float16)}
    pools._write(place, rows)
    pools._write(place, {"latents": np.ones((2, 3), np.float16)})
    assert names(tmp_path) == {"train-1"}
    assert not np.load(place / "latents.npy").any()


def test_a_folder_that_cannot_be_written_is_told(material: Material, model: Model, tmp_path: Path) -> None:
    (tmp_path / "pool").write_text("a file in the way")
    with pytest.raises(EngineError, match=r"cannot be kept in .*pool .*choose another data\.cache"):
        build(tmp_path / "pool", TRAIN, material.train, model, CPU)
