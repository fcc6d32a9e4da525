"""OSC over TCP: connections served by the same thread as everything else, which never waits for one.

A stream that does not begin with OSC is closed at once: a web page can make a browser send anything to a
port of this machine, but not without the words of HTTP before it. This module knows no address and no
studio.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
from collections.abc import Callable

from bridge.checking import answer
from bridge.datagrams import Take
from bridge.framing import Framing
from bridge.outlets import Outlet
from bridge.packets import BadPacket, Message
from bridge.ports import shown_address

CONNECTIONS = 64
UNREAD_BYTES = 4 << 20
"""Answers that a connection has not taken; beyond that it is closed."""

_READ_BYTES = 65_536
_BEGINNINGS = (b"/", b"#bundle\0")

Told = Callable[[str, Message], None]


class StreamDoor:
    """One listening TCP port, with one kind of framing."""

    def __init__(self, listening: socket.socket, framing: Callable[[], Framing], told: Told) -> None:
        listening.setblocking(False)
        self._socket = listening
        self._framing = framing
        self._told = told
        self._connections: dict[Connection, None] = {}

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._socket.getsockname()[1])

    def open(self, selector: selectors.BaseSelector, take: Take) -> None:
        """From now on the selector's thread accepts connections and takes packets."""
        self._selector, self._take = selector, take
        selector.register(self._socket, selectors.EVENT_READ, self._accept)

    def close(self) -> None:
        """Close the port and every connection."""
        for connection in list(self._connections):
            connection.end()
        self._socket.close()

    def _accept(self, events: int) -> None:
        try:
            accepted, peer = self._socket.accept()
        except OSError:
            return
        accepted.setblocking(False)
        with contextlib.suppress(OSError):
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self._connections) >= CONNECTIONS:
            next(iter(self._connections)).end()
        name = f"{shown_address(peer)} (TCP)"
        connection = Connection(accepted, name, self._framing(), self._selector, self._take, self._told)
        self._connections[connection] = None
        connection.on_end = lambda: self._connections.pop(connection, None)


class Connection:
    """One client on a stream; also the outlet of the answers to it."""

    def __init__(
        self,
        accepted: socket.socket,
        name: str,
        framing: Framing,
        selector: selectors.BaseSelector,
        take: Take,
        told: Told,
    ) -> None:
        self._socket = accepted
        self._name = name
        self._framing = framing
        self._selector = selector
        self._take = take
        self._told = told
        self._unsent = bytearray()
        self._spoke_osc = False
        self._leaving = False
        self._open = True
        self.on_end: Callable[[], object] = lambda: None
        selector.register(accepted, selectors.EVENT_READ, self._ready)

    @property
    def name(self) -> str:
        return self._name

    def tell(self, message: Message) -> None:
        if self._open:
            self._told(self._name, message)
            self._unsent += self._framing.wrap(message.packet)
            self._flush()

    def at_port(self, port: int) -> Outlet:
        return self

    def end(self) -> None:
        """Close it; answers that are still to come are lost."""
        if self._open:
            self._open = False
            self._selector.unregister(self._socket)
            self._socket.close()
            self.on_end()

    def _ready(self, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            self._flush()
        if self._open and events & selectors.EVENT_READ:
            self._read()

    def _read(self) -> None:
        try:
            received = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self.end()
            return
        if self._leaving:
            return
        try:
            packets = self._framing.feed(received)
        except BadPacket as error:
            self._leave(str(error))
            return
        for packet in packets:
            if not self._spoke_osc and not packet.startswith(_BEGINNINGS):
                self._leave("The stream does not begin with OSC.")
                return
            self._spoke_osc = True
            self._take(self._name, self, packet)

    def _leave(self, sentence: str) -> None:
        """Say why, and close as soon as that is said."""
        self._leaving = True
        self.tell(answer("error", "", "bad-packet", sentence))
        if not self._unsent:
            self.end()

    def _flush(self) -> None:
        try:
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent)]
        except BlockingIOError:
            if len(self._unsent) > UNREAD_BYTES:
                self.end()
        except OSError:
            self.end()
        if not self._open:
            return
        if self._leaving and not self._unsent:
            self.end()
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)
        self._selector.modify(self._socket, wanted, self._ready)
