"""Bridges that come late, or end and come anew, while a script is waiting; all ended whatever happens."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg

from tests.osc_stand_in import PREFIX, BridgeStandIn


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


@contextmanager
def killed_and_started_anew(folder: Path, port: int) -> Iterator[list[BridgeStandIn]]:
    """A bridge that accepts the first render and is gone with it; another then answers at the same port.

    Gives a list that the second one is put into.
    """
    given_up = threading.Event()
    anew: list[BridgeStandIn] = []

    def live_and_die() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as first:
            first.bind(("127.0.0.1", port))
            first.settimeout(0.1)
            while not given_up.is_set():
                with suppress(TimeoutError):
                    packet, sender = first.recvfrom(65_535)
                    message = OscMessage(packet)
                    if message.address == f"{PREFIX}render":
                        first.sendto(build_msg(f"{PREFIX}accepted", [message.params[0]]).dgram, sender)
                        break
        anew.append(BridgeStandIn(folder, port).__enter__())

    living = threading.Thread(target=live_and_die, name="bridge that dies")
    living.start()
    try:
        # Bound before the script sends: a message to nobody would be lost, and asked again only later.
        time.sleep(0.2)
        yield anew
    finally:
        given_up.set()
        living.join()
        anew[0].__exit__(None, None, None)
