"""The index of a model folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import EngineError, UsageError
from engine.model_index import INDEX_FILE, ModelIndex, read_index, write_index


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    index = ModelIndex(
        "mine", "full", 16_000, 1, 10.24, 50, 2.5, "ddim", "CC0", False, "Ü", 5.0, {"unet": "Denoiser"}
    )
    write_index(tmp_path, index)
    assert read_index(tmp_path) == index


def test_the_keys_of_diffusers_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / INDEX_FILE).write_text(
        json.dumps({"_class_name": "X", "_diffusers_version": "0", "name": "m"})
    )
    assert read_index(tmp_path) == ModelIndex("m")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "3",
        "{}",
        '{"name": 3}',
        '{"name": "m", "channels": 5}',
        '{"name": "m", "window_seconds": 0}',
        '{"name": "m", "default_steps": 0}',
        '{"name": "m", "default_sampler": "x"}',
        '{"name": "m", "sample_rate": 0}',
        '{"name": "m", "size": "huge"}',
        '{"name": "m", "run": "os.system"}',
        "\x00" * 40,
    ],
)
def test_a_damaged_index_is_named_in_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / INDEX_FILE).write_text(content)
    with pytest.raises(EngineError, match=r"model_index\.json is damaged \([^\n]*\.$") as refusal:
        read_index(tmp_path)
    assert str(tmp_path) in str(refusal.value)


def test_an_index_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be read"):
        read_index(tmp_path)


def test_a_draft_has_the_guidance_that_is_said_of_drafts() -> None:
    index = ModelIndex("mini", default_guidance=3.0, draft_guidance=6.0)
    assert [index.guidance_in(steps) for steps in (1, 2, 3, 50)] == [6.0, 6.0, 3.0, 3.0]
    assert replace(index, draft_guidance=None).guidance_in(2) == 3.0
    with pytest.raises(UsageError, match="guidance"):
        replace(index, draft_guidance=-1.0).checked()
