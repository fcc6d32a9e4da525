"""Loaded models for tests that render: one of random weights, the shipped one, and a clip to start from."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from engine import pipeline
from engine.pipeline import Pipeline, load_pipeline
from tests.sounds import noise
from tests.test_pipeline import RATE, opened

MINI = Path(pipeline.__file__).parent / "weights" / "mini"


@pytest.fixture(scope="module")
def engine() -> Pipeline:
    return opened()


@pytest.fixture(scope="module")
def mini() -> Pipeline:
    return load_pipeline(MINI, "cpu", "float32")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two seconds of noise at the tiny model's rate."""
    path = tmp_path / "clip.wav"
    soundfile.write(path, noise(2.0, RATE), RATE, "PCM_24")
    return path
