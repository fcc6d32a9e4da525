"""Small text files are replaced as a whole, or stay as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.textfiles import replace_text


def test_a_text_and_its_folder_are_made_and_the_text_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "state" / "ü.json"
    replace_text(path, "first\n")
    replace_text(path, "zweite\n")
    assert path.read_bytes() == b"zweite\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_text_that_cannot_be_written_leaves_the_old_one_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    replace_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        replace_text(path, "new \udcff")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_the_way_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    with pytest.raises(EngineError, match=r"state.a\.json cannot be written \(.*\): check the folder"):
        replace_text(tmp_path / "state" / "a.json", "text")
