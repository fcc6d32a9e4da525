"""A bridge that is started while a script is waiting for it, and ended whatever happens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.osc_stand_in import BridgeStandIn


@contextmanager
def started_late(bridge: BridgeStandIn, seconds: float) -> Iterator[BridgeStandIn]:
    """The bridge begins to answer after so many seconds."""
    given_up = threading.Event()

    def start() -> None:
        given_up.wait(seconds)
        bridge.__enter__()

    starting = threading.Thread(target=start, name="late start")
    starting.start()
    try:
        yield bridge
    finally:
        given_up.set()
        starting.join()
        bridge.__exit__(None, None, None)
