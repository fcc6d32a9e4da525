"""How the bridge stands, as a frozen snapshot that the panel pulls: where it listens, what was said.

It knows no socket. The serving thread writes the log, any thread reads it.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass

from bridge.packets import Message

KEPT_MESSAGES = 200
KEPT_PEERS = 64
SHOWN_CHARACTERS = 300


@dataclass(frozen=True)
class Line:
    """One message. time: seconds since 1970. direction: "in" or "out"."""

    time: float
    direction: str
    peer: str
    text: str


@dataclass(frozen=True)
class Peer:
    """Who has spoken to the bridge. last_seen: seconds since 1970."""

    name: str
    messages: int
    last_seen: float


@dataclass(frozen=True)
class BridgeStatus:
    """How the bridge stands. A port of 0 is not open; sentence: what there is to say of it, for people.

    bpm: the tempo that a DAW reported last, 0 while none did.
    """

    on: bool = False
    host: str = ""
    port: int = 0
    sentence: str = "The bridge is off."
    tcp_slip_port: int = 0
    tcp_length_port: int = 0
    oscquery_port: int = 0
    mailbox: str = ""
    peers: tuple[Peer, ...] = ()
    messages: tuple[Line, ...] = ()
    bpm: float = 0.0


class Log:
    """The last messages and peers. Thread-safe; text is made only when it is looked at."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: deque[tuple[float, str, str, Message | str]] = deque(maxlen=KEPT_MESSAGES)
        self._peers: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def heard(self, peer: str, what: Message | str) -> None:
        """A message came in, or a packet that was none."""
        now = time.time()
        with self._lock:
            self._lines.append((now, "in", peer, what))
            messages, _ = self._peers.pop(peer, (0, now))
            self._peers[peer] = (messages + 1, now)
            if len(self._peers) > KEPT_PEERS:
                self._peers.popitem(last=False)

    def told(self, peer: str, message: Message) -> None:
        """An answer went out."""
        with self._lock:
            self._lines.append((time.time(), "out", peer, message))

    def peers(self) -> tuple[Peer, ...]:
        """Who has spoken, the last speaker first."""
        with self._lock:
            peers = list(self._peers.items())
        return tuple(Peer(name, messages, seen) for name, (messages, seen) in reversed(peers))

    def lines(self) -> tuple[Line, ...]:
        """The last messages, the oldest first."""
        with self._lock:
            lines = list(self._lines)
        return tuple(Line(when, way, peer, str(what)[:SHOWN_CHARACTERS]) for when, way, peer, what in lines)
