"""The ways of a scene lead from the mean of its recordings to each of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.models import store
from engine.training.ldm import LdmStage
from engine.training.ways import MOST, _farthest
from tests.recordings import run_of, write_recordings

FEW = {"pool_segments": 16, "validation_segments": 4}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Four scenes of two recordings to learn from."""
    manifest = write_recordings(tmp_path)
    manifest.write_text(manifest.read_text().replace(",test", ",train"))
    return manifest


def test_the_text_tower_knows_the_ways_of_every_scene_that_has_some(manifest: Path) -> None:
    model = store.create("tiny", 0)
    LdmStage(run_of("ldm", manifest, FEW), model, torch.device("cpu"))
    tower = model.text_encoder
    assert tower.config.ways == 8
    assert tower.way_landmarks.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    for pair in tower.ways.split(2):
        assert torch.allclose(pair[0], -pair[1], atol=1e-4)
        assert pair.norm() > 1e-3
    said = ["rain"]
    with torch.no_grad():
        clips = {tuple(tower.conditions(said, seed)[0].tolist()) for seed in range(8)}
    assert len(clips) == 8


def test_a_scene_of_one_recording_has_none(tmp_path: Path) -> None:
    model = store.create("tiny", 0)
    LdmStage(run_of("ldm", write_recordings(tmp_path), FEW), model, torch.device("cpu"))
    assert model.text_encoder.config.ways == 0


def test_of_many_the_farthest_are_kept() -> None:
    corners = 3 * torch.eye(MOST)
    crowd = 0.01 * torch.randn(20, MOST, generator=torch.Generator().manual_seed(0))
    kept = _farthest(torch.cat([crowd, corners]))
    assert len(kept) == MOST
    assert torch.equal(kept.sum(0), corners.sum(0))
    assert len(_farthest(corners[:2])) == 2
