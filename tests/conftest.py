"""What every test stands on: a home of its own, and no screen."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# The networks of the tests are tiny: a second thread waits more than it computes.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell ignores Ctrl-C for what it runs in the background, and children inherit that: tests of interrupts
# could not interrupt anything.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def roomtone_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads the user's settings or writes into the user's library."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("ROOMTONE_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def widgets_die_in_their_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """As gui/collecting.py has it for the panel: no other thread's allocations free a test's widgets."""
    if "qtbot" not in request.fixturenames:
        yield
        return
    gc.disable()
    yield
    gc.collect(1)
    gc.enable()
