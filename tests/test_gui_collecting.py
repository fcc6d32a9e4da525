"""Widgets die in the window's thread, wherever memory is asked for."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from gui.collecting import Collector


class Knot:
    """Garbage that only the collector can free; tells in which thread it died."""

    died_in: list[str]

    def __init__(self, died_in: list[str]) -> None:
        self.died_in, self.itself = died_in, self

    def __del__(self) -> None:
        self.died_in.append(threading.current_thread().name)


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[Collector]:
    collector = Collector()
    collector.start()
    yield collector
    collector.stop()
    assert gc.isenabled()


def allocate_much() -> None:
    kept = [[number] for number in range(200_000)]
    assert len(kept) == 200_000


def test_no_other_thread_collects_while_the_panel_lives(collector: Collector) -> None:
    died_in: list[str] = []
    Knot(died_in)
    thread = threading.Thread(target=allocate_much, name="busy")
    thread.start()
    thread.join()
    assert died_in == []
    collector.collect()
    gc.collect()
    assert died_in == [threading.current_thread().name]


def test_garbage_goes_without_being_asked(qtbot: QtBot, collector: Collector) -> None:
    died_in: list[str] = []
    Knot(died_in)
    allocate_much()
    qtbot.waitUntil(lambda: bool(died_in), timeout=10_000)
