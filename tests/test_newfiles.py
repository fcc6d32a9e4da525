"""New files: whole or not there, and never over another."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.newfiles import made_folder, publish, remove_leftovers, told, unfinished


def made(folder: Path, text: str, *names: str) -> Path:
    with unfinished(folder) as part:
        part.write_text(text)
        return publish(part, [folder / name for name in names])


def test_a_published_file_has_its_content_and_nothing_else_stays(tmp_path: Path) -> None:
    assert made(tmp_path, "one", "a.wav") == tmp_path / "a.wav"
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]
    assert (tmp_path / "a.wav").read_text() == "one"


def test_a_name_that_is_taken_is_left_alone_and_the_next_one_used(tmp_path: Path) -> None:
    made(tmp_path, "one", "a.wav")
    assert made(tmp_path, "two", "a.wav", "b.wav") == tmp_path / "b.wav"
    assert (tmp_path / "a.wav").read_text() == "one"
    with pytest.raises(FileExistsError):
        made(tmp_path, "three", "a.wav", "b.wav")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "b.wav"]


def test_a_link_that_leads_nowhere_is_a_taken_name(tmp_path: Path) -> None:
    (tmp_path / "a.wav").symlink_to(tmp_path / "elsewhere")
    assert made(tmp_path, "one", "a.wav", "b.wav").name == "b.wav"
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, errno.EMLINK])
def test_a_disk_without_hard_links_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", no_links)
    made(tmp_path, "one", "a.wav")
    assert made(tmp_path, "two", "a.wav", "b.wav").name == "b.wav"
    assert (tmp_path / "a.wav").read_text() == "one"
    assert (tmp_path / "b.wav").read_text() == "two"
    assert len(list(tmp_path.iterdir())) == 2


def test_an_interrupted_file_is_gone(tmp_path: Path) -> None:
    def interrupted() -> None:
        with unfinished(tmp_path) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    path = made(tmp_path, "one", "a.wav")
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_folders_made_for_a_file_that_failed_go_again(tmp_path: Path) -> None:
    def interrupted() -> None:
        with made_folder(tmp_path / "one" / "two"):
            assert (tmp_path / "one" / "two").is_dir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_which_something_lies_by_now_stays(tmp_path: Path) -> None:
    def interrupted() -> None:
        with made_folder(tmp_path / "one"):
            (tmp_path / "one" / "other.wav").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (tmp_path / "one" / "other.wav").exists()


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.ENOSPC, "full"), (errno.EROFS, "read-only"), (errno.EACCES, "may not"), (errno.EIO, "error")],
)
def test_what_a_disk_does_is_told_in_one_sentence(tmp_path: Path, code: int, words: str) -> None:
    with pytest.raises(EngineError, match=words) as refused, told(tmp_path):
        raise OSError(code, os.strerror(code))
    assert str(tmp_path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_not_the_disks_fault_is_not_explained_away(tmp_path: Path) -> None:
    with pytest.raises(BrokenPipeError), told(tmp_path):
        raise BrokenPipeError(errno.EPIPE, "broken pipe")


def test_leftovers_of_killed_programs_are_removed_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    (tmp_path / "day").mkdir()
    left = [tmp_path / "day" / ".roomtone-1.part", tmp_path / ".roomtone-2.part"]
    for path in (*left, tmp_path / "day" / "a.wav", tmp_path / ".roomtone-notes"):
        path.touch()
    with unfinished(tmp_path) as part:
        assert remove_leftovers(tmp_path, below=False) == 1
        assert remove_leftovers(tmp_path) == 1
        assert part.exists()
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == [".roomtone-notes", "a.wav"]


def test_where_there_are_no_locks_leftovers_are_known_by_their_age(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.newfiles.LOCKED", False)
    old, new = tmp_path / ".roomtone-1.part", tmp_path / ".roomtone-2.part"
    for path in (old, new):
        path.touch()
    an_hour_ago = time.time() - 3700
    os.utime(old, (an_hour_ago, an_hour_ago))
    assert remove_leftovers(tmp_path) == 1
    assert [*tmp_path.iterdir()] == [new]
