"""The quality bars: their verdicts, the figures that follow from columns, and all of them on a tiny model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.__main__ import main
from engine.evaluation.bars import AT_LEAST, AT_MOST, REQUIREMENTS, bar, ratio
from engine.evaluation.families import family_of
from engine.evaluation.fidelity import fidelity
from engine.evaluation.figures import Landmarks, Measured, figures_of
from engine.evaluation.sound import measure
from engine.models import store
from engine.training.retrieval import scene_vectors
from engine.training.translations import LANGUAGES
from tests.manifest_rows import scene_row
from tests.sounds import noise
from tests.test_evaluation import corpus


def test_a_figure_at_its_limit_passes_and_one_beyond_it_fails() -> None:
    for key, requirement in REQUIREMENTS.items():
        assert requirement.bound in (AT_LEAST, AT_MOST)
        inwards = 0.001 if requirement.bound == AT_LEAST else -0.001
        assert bar(key, requirement.limit, 1, {}).passed
        assert bar(key, requirement.limit + inwards, 1, {}).passed
        assert not bar(key, requirement.limit - inwards, 1, {}).passed


def test_what_could_not_be_measured_meets_nothing() -> None:
    for figure in (None, float("nan"), float("-inf")):
        unmeasured = bar("near_copies", figure, 0, {})
        assert unmeasured.figure is None
        assert not unmeasured.passed
    assert ratio(None, 1.0) is None
    assert ratio(1.0, 0.0) is None
    assert ratio(0.3, 0.6) == 0.5


def test_families_distance_and_the_vocoders_loss_are_read_off_the_columns() -> None:
    """Four real clips heard rightly; three of them rendered rightly, three still right after the vocoder."""
    axes = np.eye(4, dtype=np.float32)
    scenes = ["fire", "rain", "thunder", "wind"]
    families = [family_of(scene) for scene in scenes]
    directions = scene_vectors(torch.from_numpy(axes), scenes)
    landmarks = Landmarks(directions, directions, axes, family_of)
    real = [
        Measured(scene_row(number, scene), axes[number], measure(noise(0.5), 44_100), 0.25, families[number])
        for number, scene in enumerate(scenes)
    ]
    wrong = [*real[:3], replace(real[3], vector=axes[0], judged_family=families[0])]
    columns = {"rendered": wrong, "vocoder": wrong, "real": real, "later": real}
    figures = {key: figures_of(one, landmarks, (axes, 2 * axes)) for key, one in columns.items()}
    found = {one.key: one for one in fidelity(columns, figures, landmarks)}
    assert found["families_by_texture"].figure == 0.75
    assert found["families_by_tower"].figure == 0.75
    assert found["frechet"].figure == 1.0
    assert found["vocoder_by_texture"].figure == found["vocoder_by_tower"].figure == 0.75
    later = {"the same clip begun later": 1.0}
    assert found["vocoder_by_texture"].details == {"mel distance in nepers": 0.25, **later}
    assert found["vocoder_by_tower"].details == later
    assert not found["families_by_texture"].passed
    assert found["frechet"].passed


def test_every_bar_is_measured_on_a_tiny_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store.save(store.create("tiny", 0), tmp_path / "tiny")
    words = ["evaluate", "--model", str(tmp_path / "tiny"), "--manifest", str(corpus(tmp_path))]
    words += ["--cache", str(tmp_path / "cache"), "--device", "cpu", "--quiet", "--limit", "2"]

    assert main([*words, "--bars", "8", "--json"]) == 0
    bars = {one["bar"]: one for one in json.loads(capsys.readouterr().out)["bars"]}
    assert list(bars) == list(REQUIREMENTS)
    assert bars["near_silent"]["clips"] == 8, "4 held back, 2 measured rows, 2 train rows"
    assert bars["variety"]["figure"] is None, "no family has two recordings to compare with"
    assert bars["languages_by_text"]["details"].keys() == {"english", *LANGUAGES}
    assert bars["clipped"]["figure"] == 0
    assert bars["speed"]["details"]["network calls"] == 4, "the tiny model's default steps"
    assert {one["verdict"] for one in bars.values()} <= {"pass", "fail"}

    assert main([*words, "--bars", "8"]) == 0
    table = capsys.readouterr().out
    assert "quality bar" in table
    for requirement in REQUIREMENTS.values():
        assert requirement.words in table


def test_no_bar_is_measured_unasked_and_a_wrong_count_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.save(store.create("tiny", 0), tmp_path / "tiny")
    words = ["evaluate", "--model", str(tmp_path / "tiny"), "--manifest", str(corpus(tmp_path))]
    words += ["--cache", str(tmp_path / "cache"), "--steps", "1", "--device", "cpu", "--quiet"]
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bars"] == []
    assert main([*words, "--bars", "0"]) == 2
    assert "bars" in capsys.readouterr().err
