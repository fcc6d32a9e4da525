"""TOML on disk: whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

import engine.textfiles
from engine.errors import EngineError, UsageError
from engine.tomlfiles import read_toml, write_toml


def test_what_is_written_is_read_back_without_the_settings_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.toml"
    write_toml(path, {"a": 'quo"te\\', "b": None, "c": {"d": [1, 2], "e": None}}, "first\nsecond")
    assert read_toml(path) == {"a": 'quo"te\\', "c": {"d": [1, 2]}}
    assert path.read_text(encoding="utf-8").startswith("# first\n# second\n")


def test_a_mark_at_the_beginning_as_windows_writes_it_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes("a = 'ü'".encode("utf-8-sig"))
    assert read_toml(path) == {"a": "ü"}


@pytest.mark.parametrize(("content", "words"), [(b"a = ", "not valid TOML"), (b"\xff\xfe\x00", "UTF-8")])
def test_a_file_that_is_not_toml_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=words) as refusal:
        read_toml(path)
    assert str(path) in str(refusal.value)


def test_a_file_that_is_not_there_and_one_that_is_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not exist"):
        read_toml(tmp_path / "a.toml")
    with pytest.raises(EngineError, match="cannot be read"):
        read_toml(tmp_path)


def test_a_file_far_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(EngineError, match="too large"):
        read_toml(path)


def test_a_failure_in_the_middle_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.toml"
    write_toml(path, {"a": 1})

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(engine.textfiles.os, "fsync", full_disk)
    with pytest.raises(EngineError, match="no space left on device"):
        write_toml(path, {"a": 2})
    assert read_toml(path) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match="cannot be written"):
        write_toml(tmp_path / "file" / "a.toml", {})
