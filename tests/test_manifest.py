"""The manifest: what is obligatory, what has a default, and how a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import UsageError
from engine.training.manifest import COLUMNS, Recording, read_manifest, read_manifests, select


def written(folder: Path, *lines: str, name: str = "manifest.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_path_and_one_caption_are_enough(tmp_path: Path) -> None:
    manifest = written(tmp_path, "path,caption_1", "wind/gust.wav,a gust of wind")
    assert read_manifest(manifest) == [
        Recording(tmp_path / "wind/gust.wav", ("a gust of wind",), recording_id="wind/gust")
    ]


def test_every_column_is_read(tmp_path: Path) -> None:
    cells = {
        "path": "a.ogg", "caption_1": '"rain, loud"', "caption_3": "shower", "split": "test",
        "source": "Library", "licence": "CC0-1.0", "attribution": "Ann", "ucs_category": "RAIN",
        "scene": "rain", "recording_id": "r1", "edit": "cut", "duration_s": "9.5", "active_start_s": "1",
        "active_end_s": "8.5", "hpf_hz": "80", "flags": "low_bandwidth padded",
    }  # fmt: skip
    row = ",".join(cells.get(column, "") for column in COLUMNS)
    recording = read_manifest(written(tmp_path, ",".join(COLUMNS), row))[0]
    assert recording == Recording(
        tmp_path / "a.ogg", ("rain, loud", "shower"), "rain", "test", "r1", "Library", "CC0-1.0", "Ann",
        "RAIN", "cut", 9.5, 1.0, 8.5, 80.0, ("low_bandwidth", "padded"),
    )  # fmt: skip
    assert recording.low_bandwidth
    assert not recording.antiphase


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["path,caption1", "a.wav,rain"], 'Line 1 .* "caption1"; did you mean "caption_1"'),
        (["path,scene", "a.wav,rain"], "Line 1 .* must name the columns path and caption_1"),
        (["path,path,caption_1", "a,b,c"], 'Line 1 .* "path" twice'),
        (["path,caption_1", "a.wav,rain", "", "b.wav,"], "Line 4 .* no caption"),
        (["path,caption_1", ",rain"], "Line 2 .* empty path"),
        (["path,caption_1", "a.wav,rain, heavy"], "Line 2 .* 3 cells where the header has 2"),
        (["path,caption_1,split", "a.wav,rain,valid"], 'Line 2 .* "valid"; write train or test'),
        (["path,caption_1,hpf_hz", "a.wav,rain,low"], 'Line 2 .* "low" in hpf_hz'),
        (["path,caption_1,hpf_hz", "a.wav,rain,nan"], 'Line 2 .* "nan" in hpf_hz'),
        (["path,caption_1,active_start_s,active_end_s", "a.wav,rain,5,2"], "Line 2 .* ends at 2 s before"),
        (["path,caption_1", 'a.wav,"rain'], "no proper CSV"),
        (["path,caption_1"], "lists no recording"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_way_out(tmp_path: Path, lines: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_manifest(written(tmp_path, *lines))


def test_a_manifest_that_is_not_there_or_not_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_manifest(tmp_path / "none.csv")
    (tmp_path / "binary.csv").write_bytes(b"path,caption_1\n\xff\xfe\x00,a\n")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_manifest(tmp_path / "binary.csv")


def test_manifests_join_and_each_may_have_its_own_root(tmp_path: Path) -> None:
    first = written(tmp_path, "path,caption_1", "a.wav,rain", name="first.csv")
    second = written(tmp_path, "caption_1,path", "wind,b.wav", name="second.csv")
    root = tmp_path / "elsewhere"
    joined = read_manifests([first, second], ["", root])
    assert [recording.path for recording in joined] == [tmp_path / "a.wav", root / "b.wav"]
    shared = read_manifests([str(first), str(second)], [root])
    assert [recording.path for recording in shared] == [root / "a.wav", root / "b.wav"]
    with pytest.raises(UsageError, match="2 folders are named for 1 manifests"):
        read_manifests([first], [root, root])


def test_a_file_listed_twice_is_refused(tmp_path: Path) -> None:
    manifest = written(tmp_path, "path,caption_1", "a.wav,rain")
    with pytest.raises(UsageError, match="listed twice"):
        read_manifests([manifest, manifest])


def test_a_recording_on_both_sides_of_the_split_is_refused(tmp_path: Path) -> None:
    header = "path,caption_1,split,recording_id"
    manifest = written(tmp_path, header, "a.wav,rain,train,r1", "b.wav,rain,test,r1")
    with pytest.raises(UsageError, match='"r1" is both in train and in test'):
        read_manifests([manifest])


def test_select_takes_a_split_and_leaves_out_dull_recordings() -> None:
    dull = Recording(Path("dull.wav"), ("rain",), flags=("low_bandwidth",))
    clear = Recording(Path("clear.wav"), ("rain",))
    held_out = Recording(Path("held.wav"), ("rain",), split="test")
    assert select([dull, clear, held_out], "train") == [dull, clear]
    assert select([dull, clear, held_out], low_bandwidth=False) == [clear, held_out]
    assert select([dull, clear, held_out], "test") == [held_out]
    with pytest.raises(UsageError, match="train or test"):
        select([clear], "valid")
