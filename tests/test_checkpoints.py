"""Checkpoints on disk: whole or not at all, found by number, read without running code."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.errors import EngineError
from engine.training import checkpoints
from tests.training_fakes import same

STATE: dict[str, Any] = {
    "step": 7,
    "turns": {
        "line": {"weight": torch.arange(3.0), "betas": (0.9, 0.99), "none": None, "list": [torch.ones(2, 2)]}
    },
}


def save_model(folder: Path) -> None:
    folder.mkdir()
    (folder / "weights").write_text("these")


def written(out: Path, *steps: int, keep: int = 3) -> list[int]:
    for step in steps:
        checkpoints.write(out, step, save_model, lambda: STATE, keep)
    return checkpoints.steps(out)


def test_what_is_written_is_read_again_bit_for_bit(tmp_path: Path) -> None:
    folder = checkpoints.write(tmp_path, 123, save_model, lambda: STATE, keep=3)
    assert folder == tmp_path / "checkpoints/step-000123"
    assert same(checkpoints.read(folder), STATE)
    assert (folder / "model/weights").read_text() == "these"


def test_the_latest_is_found_by_number_not_by_name_or_date(tmp_path: Path) -> None:
    written(tmp_path, 1_000_000, 999_999, keep=5)
    assert checkpoints.latest(tmp_path) == tmp_path / "checkpoints/step-1000000"
    assert checkpoints.latest(tmp_path / "elsewhere") is None


def test_only_the_last_ones_are_kept(tmp_path: Path) -> None:
    assert written(tmp_path, 1, 2, 3, 4, keep=2) == [3, 4]
    assert written(tmp_path, 5, keep=1) == [5]


def test_a_step_may_be_written_again(tmp_path: Path) -> None:
    assert written(tmp_path, 4, 4) == [4]
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-000004"]


def test_a_model_that_cannot_be_saved_leaves_nothing_and_the_old_ones_in_place(tmp_path: Path) -> None:
    def full(folder: Path) -> None:
        save_model(folder)
        raise OSError(28, "No space left on device")

    written(tmp_path, 1)
    with pytest.raises(EngineError, match=r"step-000002.*No space left on device.*make room"):
        checkpoints.write(tmp_path, 2, full, lambda: STATE, keep=1)
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-000001"]


def test_a_half_written_checkpoint_is_never_found_and_swept_away(tmp_path: Path) -> None:
    written(tmp_path, 1)
    left = tmp_path / "checkpoints/.step-000002.99.part"
    (left / "model").mkdir(parents=True)
    unnamed = tmp_path / "checkpoints/step-000003"
    unnamed.mkdir()
    assert checkpoints.steps(tmp_path) == [1]
    checkpoints.sweep(tmp_path)
    assert not left.exists()


def test_a_damaged_checkpoint_is_named_with_the_way_out(tmp_path: Path) -> None:
    folder = checkpoints.write(tmp_path, 1, save_model, lambda: STATE, keep=1)
    whole = (folder / "trainer.pt").read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"nonsense"):
        (folder / "trainer.pt").write_bytes(damaged)
        with pytest.raises(EngineError, match=r"step-000001.*cannot be read.*remove its folder"):
            checkpoints.read(folder)


def test_a_checkpoint_cannot_run_code(tmp_path: Path) -> None:
    class Spiteful:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return os.mkdir, (str(tmp_path / "ran"),)

    folder = checkpoints.write(tmp_path, 1, save_model, lambda: STATE, keep=1)
    torch.save({"step": Spiteful()}, folder / "trainer.pt", pickle_module=pickle)
    with pytest.raises(EngineError, match="cannot be read"):
        checkpoints.read(folder)
    assert not (tmp_path / "ran").exists()


def test_the_finished_model_lies_beside_the_checkpoints_and_may_be_handed_out_again(tmp_path: Path) -> None:
    folder = checkpoints.write(tmp_path, 1, save_model, lambda: STATE, keep=1)
    for _ in range(2):
        assert (checkpoints.hand_out(tmp_path, folder) / "weights").read_text() == "these"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoints", "model"]
