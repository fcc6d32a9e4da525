"""The recordings of our own making: sound, each with captions that hold, the same each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import UsageError
from engine.evaluation.families import FAMILIES
from engine.training.manifest import read_manifest
from engine.training.procedural.__main__ import LEVEL_DB, main, write
from engine.training.procedural.tools import RATE
from engine.training.procedural.voices import VOICES


def test_every_voice_is_a_recording_that_a_training_can_read(tmp_path: Path) -> None:
    recordings = read_manifest(write(tmp_path, takes=1, length=4.0))
    assert [recording.scene for recording in recordings] == list(VOICES)
    assert {recording.scene for recording in recordings} <= set(" ".join(FAMILIES.values()).split())
    for recording in recordings:
        wave, rate = soundfile.read(recording.path, always_2d=True)
        assert rate == RATE
        assert wave.shape == (4 * RATE, 2)
        assert np.abs(wave.mean(0)).max() < 1e-3
        level_db = 10 * np.log10(np.square(wave).mean())
        assert LEVEL_DB - 22 < level_db < LEVEL_DB + 0.5, recording.scene
        assert np.abs(wave).max() < 1.0
        assert len(set(recording.captions)) == 3


@pytest.mark.parametrize("scene", ["rain", "fire", "clock"])
def test_a_take_is_the_same_each_time_and_another_take_another_sound(scene: str) -> None:
    first, again, other = (VOICES[scene](np.random.default_rng(seed), 2.0)[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_what_is_called_soft_is_softer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.procedural.__main__.VOICES", {"rain": VOICES["rain"]})
    level: dict[str, list[float]] = {"heavy": [], "light": []}
    for recording in read_manifest(write(tmp_path, takes=8, length=3.0)):
        wave, _ = soundfile.read(recording.path)
        level[recording.captions[0].split()[0]].append(10 * np.log10(np.square(wave).mean()))
    assert min(level["heavy"]) > max(level["light"]) + 3


def test_the_command_names_its_manifest_and_refuses_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.training.procedural.__main__.VOICES", {"hail": VOICES["hail"]})
    assert main([str(tmp_path / "made")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "made" / "manifest.csv")
    (tmp_path / "file").write_text("")
    assert main([str(tmp_path / "file")]) == 1
    assert "choose another folder" in capsys.readouterr().err
    assert main([]) == 2
    with pytest.raises(UsageError):
        write(tmp_path / "file")
