"""The factory's presets in an evaluation: each rendered once, kept, judged and listed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.__main__ import main
from engine.evaluation import factory
from engine.models import store
from engine.presets import list_presets
from tests.test_evaluation import corpus


def test_every_preset_is_rendered_once_and_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [preset for preset in list_presets() if preset.factory][::40]
    monkeypatch.setattr(factory, "list_presets", lambda: few)
    store.save(store.create("tiny", 0), tmp_path / "tiny")
    words = ["evaluate", "--model", str(tmp_path / "tiny"), "--manifest", str(corpus(tmp_path)), "--presets"]
    words += ["--cache", str(tmp_path / "cache"), "--steps", "2", "--device", "cpu", "--limit", "1"]

    assert main([*words, "--out", str(tmp_path / "clips")]) == 0
    table = capsys.readouterr().out
    assert all(preset.key in table for preset in few)
    kept = {path.stem for path in (tmp_path / "clips").glob("*.wav")}
    assert {f"{preset.family}-{preset.name}" for preset in few} <= kept

    assert main([*words, "--json"]) == 0
    heard = json.loads(capsys.readouterr().out)["presets"]
    assert [one["key"] for one in heard] == [preset.key for preset in few]
    assert all({*one["likeliest"]} <= {"rain", "fire", "BIRD"} and one["likeliest"] for one in heard)
