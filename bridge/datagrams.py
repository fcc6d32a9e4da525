"""OSC over UDP: one socket that takes what comes and sends every answer, so that answers have its port.

Scripts with a connected socket lose answers from any other port. This module knows no address and no studio.
"""

from __future__ import annotations

import contextlib
import select
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.outlets import Outlet
from bridge.packets import Message
from bridge.ports import shown_address

BUFFER_BYTES = 4 << 20
PACKETS_A_TURN = 4_096
PATIENCE_SECONDS = 0.05

_READ_BYTES = 65_536
_SO_RCVBUFFORCE = 33

Take = Callable[[str, Outlet, bytes], None]
"""(sender, outlet, packet): what is done with each packet."""


class DatagramDoor:
    """The UDP socket of the bridge. Owned by the serving thread once it is made."""

    def __init__(self, bound: socket.socket, told: Callable[[str, Message], None]) -> None:
        self.socket = bound
        self._told = told
        self._buffer = memoryview(bytearray(_READ_BYTES))
        bound.setblocking(False)
        widen(bound)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.socket.getsockname()[1])

    def drain(self, take: Take) -> None:
        """Take what has come, before anything is served: a burst must not overrun the system's buffer."""
        for packet, sender in self._received():
            take(shown_address(sender), DatagramOutlet(self, sender), packet)

    def _received(self) -> list[tuple[bytes, tuple[str, int]]]:
        """All that the system holds; in a loop so short that it outruns any sender."""
        received, buffer, receive = [], self._buffer, self.socket.recvfrom_into
        for _ in range(PACKETS_A_TURN):
            try:
                size, sender = receive(buffer)
            except BlockingIOError:
                break
            except OSError:
                # Windows reports here that an earlier answer found nobody (10054).
                continue
            received.append((bytes(buffer[:size]), sender))
        return received

    def send(self, message: Message, receiver: tuple[str, int]) -> None:
        """Send one answer. One that cannot be delivered is lost, as UDP has it."""
        self._told(shown_address(receiver), message)
        packet = message.packet
        with contextlib.suppress(OSError):
            try:
                self.socket.sendto(packet, receiver)
            except BlockingIOError:
                select.select([], [self.socket], [], PATIENCE_SECONDS)
                self.socket.sendto(packet, receiver)

    def close(self) -> None:
        """Give the port back."""
        self.socket.close()


@dataclass(frozen=True)
class DatagramOutlet:
    """Answers to one address, from the socket of the bridge."""

    door: DatagramDoor = field(repr=False)
    receiver: tuple[str, int]

    @property
    def name(self) -> str:
        return shown_address(self.receiver)

    def tell(self, message: Message) -> None:
        self.door.send(message, self.receiver)

    def at_port(self, port: int) -> Outlet:
        return DatagramOutlet(self.door, (self.receiver[0], port))


def widen(bound: socket.socket) -> int:
    """Ask for room for a burst, and say how many bytes there are now: 5,000 small packets take 4 MB.

    Linux gives an ordinary user 0.4 MB unless net.core.rmem_max says more; what comes faster is lost then.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            bound.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, BUFFER_BYTES)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        if bound.getsockopt(socket.SOL_SOCKET, option) < BUFFER_BYTES:
            with contextlib.suppress(OSError):
                bound.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
    return bound.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
