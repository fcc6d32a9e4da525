"""A studio that runs already, with the model with which things go wrong: others hand their jobs to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.scene import Scene
from engine.settings import Settings
from engine.studio import Studio
from tests.noise_model import make_noise_model
from tests.trouble_model import load_trouble

RAIN = Scene("rain", seconds=1.0, seed=7, model="noise")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("running")


@pytest.fixture(scope="module")
def shared_studio(home: Path) -> Iterator[Studio]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROOMTONE_HOME", str(home))
        make_noise_model()
        studio = Studio(Settings(), load_pipeline=load_trouble).open()
    yield studio
    studio.close()


@pytest.fixture
def studio(shared_studio: Studio, home: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """The studio that runs already; this test's home is its home."""
    monkeypatch.setenv("ROOMTONE_HOME", str(home))
    shared_studio.queue.clear()
    return shared_studio
