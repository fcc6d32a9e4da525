"""The hash over the samples: what is said about them may change, they may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.digests import samples_digest
from engine.errors import EngineError
from engine.labels import Labels
from engine.library.labelling import write_labels
from engine.recipe import read_recipe_and_sound
from engine.scene import Output
from engine.takes import read_take
from tests.clips import take


@pytest.mark.parametrize("output", [Output(), Output("flac"), Output(bits="32f"), Output(bits="16")])
def test_a_take_knows_the_hash_of_its_samples_whatever_is_said_about_them(
    tmp_path: Path, output: Output
) -> None:
    path = take(tmp_path, output=output).path
    _, figures = read_recipe_and_sound(path)
    assert figures["digest"] == samples_digest(path)
    write_labels(path, Labels(("night",), notes="n" * 9_000))
    assert figures["digest"] == samples_digest(path)
    assert read_take(path).seconds == pytest.approx(0.1)


def test_the_same_samples_have_the_same_hash_and_others_another(tmp_path: Path) -> None:
    first, again, longer = take(tmp_path), take(tmp_path, "wind"), take(tmp_path, seconds=0.2)
    assert samples_digest(first.path) == samples_digest(again.path) != samples_digest(longer.path)


@pytest.mark.parametrize("content", [b"RIFF\x04\0\0\0WAVE", b"fLaC", b"fLaC\x84\xff\xff\xff"])
def test_a_file_without_samples_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(EngineError, match="damaged"):
        samples_digest(path)
