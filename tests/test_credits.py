"""Credits: every training recording is named once, those held back are not."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from engine.training.credits import COLUMNS, main, write_credits
from engine.training.manifest import read_manifest

MANIFEST = """path,caption_1,source,licence,attribution,split
b.wav,rain,Field,CC-BY-4.0,"Ann, of the field",train
a.wav,wind,Field,CC0-1.0,Bo,train
c.wav,sea,Shore,CC0-1.0,Cy,test
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.csv"
    path.write_text(MANIFEST, encoding="utf-8")
    return path


def test_every_training_recording_is_credited_and_no_other(manifest: Path) -> None:
    text = io.StringIO()
    write_credits(read_manifest(manifest), text)
    rows = list(csv.reader(io.StringIO(text.getvalue())))
    assert rows[0] == list(COLUMNS)
    assert rows[1:] == [
        ["a.wav", "Field", "CC0-1.0", "Bo"],
        ["b.wav", "Field", "CC-BY-4.0", "Ann, of the field"],
    ]


def test_a_missing_manifest_is_told_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.csv")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "none.csv cannot be read" in captured.err
