"""A bridge on a free port with a real studio, and a socket to speak to it with."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bridge.addresses import PREFIX
from bridge.inbox import Limits
from bridge.packets import Message, Value, decode, encode
from bridge.server import Bridge
from engine.settings import BridgeSettings, load_settings
from engine.studio import Studio
from tests.noise_model import load_noise

QUIET = BridgeSettings(port=0, tcp_slip_port=0, tcp_length_port=0, oscquery="off", mailbox=False)


class Speaker:
    """A UDP socket of a script: sends by the names of the table, and gives answers as (name, values)."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.connect(("127.0.0.1", port))

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def say(self, name: str, *values: Value) -> None:
        self.raw(encode(Message(PREFIX + name, values)))

    def raw(self, packet: bytes) -> None:
        self.socket.send(packet)

    def hear(self, timeout: float = 30.0) -> tuple[str, tuple[Value, ...]]:
        self.socket.settimeout(timeout)
        (message,) = decode(self.socket.recv(65_536))
        return message.address.removeprefix(PREFIX), message.values

    def ask(self, name: str, *values: Value) -> tuple[str, tuple[Value, ...]]:
        self.say(name, *values)
        return self.hear()

    def hear_until(self, name: str, timeout: float = 60.0) -> list[tuple[str, tuple[Value, ...]]]:
        """All answers up to the first of that name."""
        heard = [self.hear(timeout)]
        while heard[-1][0] != name:
            heard.append(self.hear(timeout))
        return heard

    def is_silent(self) -> bool:
        """Whether everything sent so far has been served and nothing but a pong is to be heard."""
        self.say("ping")
        return self.hear()[0] == "pong"


@contextmanager
def speaking(
    settings: BridgeSettings = QUIET, limits: Limits | None = None
) -> Iterator[tuple[Speaker, Bridge, Studio]]:
    """A bridge to a studio whose engine is not started: jobs wait until the test says otherwise."""
    studio = Studio(load_settings(), load_pipeline=load_noise)
    try:
        with Bridge(studio, settings, limits) as bridge, speaker_to(bridge) as speaker:
            yield speaker, bridge, studio
    finally:
        studio.close()


@contextmanager
def speaker_to(bridge: Bridge) -> Iterator[Speaker]:
    """One more socket that speaks to it."""
    speaker = Speaker(bridge.status().port)
    try:
        yield speaker
    finally:
        speaker.socket.close()


def free_tcp_port() -> int:
    """A TCP port of 127.0.0.1 on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(true: Callable[[], bool], timeout: float = 30.0) -> None:
    """Until it is true. Raises AssertionError after `timeout` seconds."""
    until_s = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < until_s
        time.sleep(0.01)
