"""Pictures of what a tiny model renders, beside real clips."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile
from PyQt6.QtGui import QImage

from engine.evaluation.spectrograms import main
from engine.models import store
from tests.test_evaluation import corpus

pytest.importorskip("matplotlib")


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    store.save(store.create("tiny", 0), tmp_path / "tiny")
    known = ["--out", str(tmp_path / "pictures"), "--cache", str(tmp_path / "cache")]
    return [str(tmp_path / "tiny"), *known, "--steps", "2", "--device", "cpu"]


def test_a_sheet_has_a_row_for_every_family_with_recordings(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--manifest", str(corpus(tmp_path))]) == 0
    sheet = Path(capsys.readouterr().out.strip())
    picture = QImage(str(sheet))
    assert sheet == tmp_path / "pictures" / "families.png"
    assert (picture.width(), picture.height()) == (12 * 60, 2 * 114)  # fire and rain; nobody asks for gardens


def test_every_prompt_has_a_picture_and_a_clip(words: list[str], tmp_path: Path) -> None:
    assert main([words[0], "rain", "fire", *words[1:]]) == 0
    names = sorted(path.name for path in (tmp_path / "pictures").iterdir())
    assert names == ["000.png", "000.wav", "001.png", "001.wav"]
    assert len(soundfile.read(tmp_path / "pictures" / "000.wav")[0]) > 0


def test_neither_prompts_nor_clips_are_a_sentence(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert "--manifest" in capsys.readouterr().err
