"""Captions are held against what their recordings do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.evaluation.captions import RATE, level_spread, main
from tests.sounds import noise, sine


def test_claims_that_do_not_hold_are_named_and_others_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clips = {
        "steady": (noise(3.0), "steady wide rain, bright"),
        "tone": (sine(200, 3.0), "a wide and airy hum, low"),
        "pulse": (np.concatenate([noise(1.5, level=0.1), noise(1.5, level=0.0001)]), "constant wind"),
    }
    rows = ["path,caption_1"]
    for name, (wave, caption) in clips.items():
        soundfile.write(tmp_path / f"{name}.wav", wave, RATE)
        rows.append(f'{name}.wav,"{caption}"')
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert main([str(manifest), "--cache", str(tmp_path / "cache")]) == 0
    *found, last = capsys.readouterr().out.splitlines()
    assert [line.split(",", 1)[0] for line in found] == ["tone.wav: 'a wide and airy hum"] * 2 + [
        "pulse.wav: 'constant wind'"
    ]
    assert [line.split("but ")[1].rsplit(" ", 1)[0] for line in found] == [
        "side to mid",
        "centroid (Hz)",
        "level spread (dB)",
    ]
    assert last == "7 claims in the captions of 3 recordings, 3 do not hold"


def test_a_missing_manifest_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.csv"), "--cache", str(tmp_path)]) != 0
    assert "none.csv" in capsys.readouterr().err


def test_a_level_that_stands_still_has_no_spread_and_a_pulsing_one_has() -> None:
    assert level_spread(sine(441, 4.0)) < 0.01
    pulsing = noise(4.0)
    pulsing[: len(pulsing) // 2] *= 0.01
    assert level_spread(pulsing) == pytest.approx(20, abs=1)
