"""The library moves: every file arrives whole, none is lost, replaced or deleted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.errors import Cancelled, EngineError, UsageError
from engine.relocation import Copied, copy_library


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    for name, content in (("a.wav", b"a" * 3_000_000), ("2026/b ü.wav", b"b"), (".trash/c.wav", b"")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_every_file_arrives_and_the_old_ones_stay(library: Path, tmp_path: Path) -> None:
    before = files(library)
    assert copy_library(library, tmp_path / "new") == Copied(3, 0, 3_000_001)
    assert files(tmp_path / "new") == before == files(library)


def test_what_is_there_already_is_not_copied_twice(library: Path, tmp_path: Path) -> None:
    copy_library(library, tmp_path / "new")
    (library / "d.wav").write_bytes(b"since then")
    assert copy_library(library, tmp_path / "new") == Copied(1, 3, 10)


def test_another_file_of_the_same_name_is_never_replaced(library: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    (new / "a.wav").write_bytes(b"precious")
    with pytest.raises(UsageError, match="another file"):
        copy_library(library, new)
    assert files(new) == {"a.wav": b"precious"}


def test_cancelling_leaves_whole_files_only(library: Path, tmp_path: Path) -> None:
    told: list[float] = []
    with pytest.raises(Cancelled):
        copy_library(
            library, tmp_path / "new", lambda stage, fraction: told.append(fraction), lambda: len(told) > 1
        )
    assert files(tmp_path / "new").items() <= files(library).items()


@pytest.mark.parametrize("where", ["old", "old/below", "."])
def test_a_folder_within_the_library_or_around_it_is_refused(library: Path, where: str) -> None:
    with pytest.raises(UsageError):
        copy_library(library, library.parent / where)
    assert len(files(library)) == 3


def test_a_disk_that_is_too_small_is_told_before_anything_is_copied(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage)
    with pytest.raises(EngineError, match="choose another disk"):
        copy_library(library, tmp_path / "new")
    assert not (tmp_path / "new").exists()
