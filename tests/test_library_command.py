"""`roomtone library`: the clips on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.__main__ import main
from engine.library import Library
from engine.scene import Output
from engine.settings import folders, load_settings
from tests.clips import PROMPT, take


@pytest.fixture
def clip() -> str:
    """A clip in the user's library, and a second one beside it."""
    folder = load_settings().library_folder
    with Library(folder, folders().state / "library.sqlite") as library:
        library.add(take(folder, "wind in pines", Output("flac")))
        return library.add(take(folder)).id


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["library", *words])
    out, err = capsys.readouterr()
    return code, out, err


def rows(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    code, out, _ = run(capsys, *words, "--json")
    assert code == 0
    return [json.loads(line) for line in out.splitlines()]


def test_clips_are_listed_newest_first(clip: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "list")
    assert code == 0
    assert out.split()[0] == clip
    assert PROMPT in out
    assert "2 clips" in err
    code, out, err = run(capsys, "list", "--limit", "1")
    assert len(out.splitlines()) == 1
    assert "1 of 2 clips" in err


def test_search_takes_words_and_filters(clip: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert [row["id"] for row in rows(capsys, "search", "canv", "rain")] == [clip]
    assert rows(capsys, "search", "rain", "--loop") == []
    assert [row["id"] for row in rows(capsys, "list", "--category", "RAIN", "--min-seconds", "0.1")] == [clip]
    assert run(capsys, "list", "--min-seconds", "long")[0] == 2


def test_show_knows_a_clip_by_its_id_and_its_file(clip: str, capsys: pytest.CaptureFixture[str]) -> None:
    (shown,) = rows(capsys, "show", clip)
    assert shown["prompt"] == PROMPT
    assert isinstance(shown["scene"], dict)
    assert rows(capsys, "show", str(shown["path"])) == [shown]
    code, out, _ = run(capsys, "show", clip)
    assert (code, "RAINClth" in out) == (0, True)
    assert run(capsys, "show", "0" * 12)[0] == 2
    assert run(capsys, "show", "nothing.wav")[0] == 2


def test_clips_are_labelled(clip: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert rows(capsys, "tag", clip, "night", "wet")[0]["tags"] == ["night", "wet"]
    assert rows(capsys, "tag", clip, "--remove", "wet")[0]["tags"] == ["night"]
    assert rows(capsys, "star", clip)[0]["starred"] is True
    assert rows(capsys, "list", "--starred", "--tag", "night")[0]["id"] == clip
    assert rows(capsys, "star", clip, "--off")[0]["starred"] is False
    assert rows(capsys, "note", clip, "for the film")[0]["notes"] == "for the film"
    assert rows(capsys, "reject", clip)[0]["rejected"] is True
    assert len(rows(capsys, "list")) == 1
    assert len(rows(capsys, "list", "--rejected")) == 2
    assert run(capsys, "tag", clip)[0] == 2


def test_a_clip_is_exported_renamed_trashed_and_restored(
    clip: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    target = tmp_path / "rain.flac"
    assert run(capsys, "export", clip, str(target), "--rate", "48000")[1].strip() == str(target)
    assert target.is_file()
    assert run(capsys, "export", clip, str(target))[0] == 2
    assert "_NightRain_" in run(capsys, "rename", clip, "night rain")[1]
    assert ".trash" in run(capsys, "trash", clip)[1]
    assert [row["id"] for row in rows(capsys, "list", "--trashed")] == [clip]
    assert ".trash" not in run(capsys, "restore", clip)[1]
    run(capsys, "trash", clip)
    assert rows(capsys, "trash", "--empty") == [{"deleted": 1}]
    assert run(capsys, "trash")[0] == run(capsys, "trash", clip, "--empty")[0] == 2


def test_rescan_and_verify_say_what_they_found(clip: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = load_settings().library_folder
    new = take(folder, "sea")
    assert "3 files: 1 new" in run(capsys, "rescan")[1]
    assert rows(capsys, "rescan")[0]["unchanged"] == 3
    assert run(capsys, "verify")[:2] == (0, "Every file is there, whole, and as it was made.\n")
    new.path.unlink()
    code, out, _ = run(capsys, "verify", "--json")
    assert (code, json.loads(out)["kind"]) == (1, "missing")


def test_what_was_put_into_the_folder_by_hand_is_listed(
    clip: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "list")
    take(load_settings().library_folder, "surf")
    assert len(rows(capsys, "list")) == 3


def test_an_index_that_was_thrown_away_is_built_anew_first(
    clip: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "star", clip)
    (folders().state / "library.sqlite").unlink()
    assert [row["id"] for row in rows(capsys, "list", "--starred")] == [clip]


def test_an_unknown_action_is_refused_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "serach")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert run(capsys)[0] == 2
    assert run(capsys, "--help")[0] == 0
