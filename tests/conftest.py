"""What every test stands on: a home of its own, and no screen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def roomtone_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads the user's settings or writes into the user's library."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("ROOMTONE_HOME", str(home))
    return home
