"""The bridge: one thread that listens on every way in, serves what came, and tells the queue's news.

Receiving only puts packets into the inbox, and it goes before serving, so that a burst is taken whole; the
packets are then served one after another, each sender's in their order. This module knows no address.
"""

from __future__ import annotations

import selectors
import threading
import time
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

from bridge import browsing, rendering
from bridge.checking import answer, is_answer
from bridge.desk import Desk
from bridge.inbox import Inbox, Limits
from bridge.outlets import Outlet
from bridge.packets import BadPacket, Message, decode
from bridge.status import BridgeStatus, Log
from bridge.ways import Ways, open_ways
from engine.errors import EngineError
from engine.logs import keep
from engine.settings import BridgeSettings, folders

if TYPE_CHECKING:
    from engine.studio import Studio

BUSY = answer("error", "", "busy", "You send faster than you are served: wait a moment, and send again.")

TURN_SECONDS = 0.005
"""How long packets are served before it listens again."""
REST_SECONDS = 0.03
"""How long it waits for packets before it looks into the queue."""


class Bridge:
    """One for each program. `start` and `stop` may be called from any thread, and again and again."""

    def __init__(
        self, studio: Studio, settings: BridgeSettings | None = None, limits: Limits | None = None
    ) -> None:
        self._studio = studio
        self._settings = settings
        self._limits = limits or Limits()
        self._log = Log()
        self._status = BridgeStatus()
        self._bpm = 0.0
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen. Raises EngineError when the UDP port is taken, UsageError for wrong settings."""
        if self._thread is not None and self._thread.is_alive():
            return
        settings = (self._settings or self._studio.settings.bridge).checked()
        try:
            ways = open_ways(settings, self._log)
        except EngineError as error:
            self._status = BridgeStatus(host=settings.host, sentence=str(error))
            raise
        self._status = ways.status
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, args=(ways,), name="osc bridge", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close every way in. What is being rendered goes on."""
        if self._thread is None:
            return
        self._ending.set()
        self._thread.join()
        self._thread = None
        self._status = BridgeStatus(host=self._status.host)

    def status(self) -> BridgeStatus:
        """How it stands now. From any thread."""
        return replace(self._status, peers=self._log.peers(), messages=self._log.lines(), bpm=self._bpm)

    def __enter__(self) -> Bridge:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, ways: Ways) -> None:
        loop = _Loop(self._studio, ways, self._limits, self._log)
        try:
            while not self._ending.is_set():
                loop.turn()
                self._bpm = loop.bpm
        except Exception as error:  # noqa: BLE001  whatever it is, the panel must hear of it
            self._status = BridgeStatus(host=self._status.host, sentence=keep(error, "serving OSC"))
        finally:
            loop.close()


class _Loop:
    """What the serving thread does, turn after turn."""

    def __init__(self, studio: Studio, ways: Ways, limits: Limits, log: Log) -> None:
        self._ways = ways
        self._log = log
        self._inbox = Inbox(limits)
        deeds = {**rendering.DEEDS, **browsing.DEEDS}
        self._desk = Desk(studio, deeds, [folders().state], limits)
        self._selector = selectors.DefaultSelector()
        self._selector.register(ways.datagrams.socket, selectors.EVENT_READ, self._drain)
        for door in ways.streams:
            door.open(self._selector, self._take)
        self._looked_s = 0.0

    @property
    def bpm(self) -> float:
        """The tempo that a DAW reported last."""
        return self._desk.tempo.bpm

    def turn(self) -> None:
        """Listen; serve for a moment; look into the queue and the mailbox when it is time."""
        for key, events in self._selector.select(0.0 if self._inbox else REST_SECONDS):
            key.data(events)
        until_s = time.monotonic() + TURN_SECONDS
        while time.monotonic() < until_s and (waiting := self._inbox.take()):
            self._serve(*waiting)
            # Most systems hold no more than 500 packets for us: 5 ms of a burst.
            self._ways.datagrams.drain(self._take)
        now_s = time.monotonic()
        if now_s - self._looked_s >= REST_SECONDS:
            self._looked_s = now_s
            self._desk.listeners.follow()
            if self._ways.mailbox:
                self._ways.mailbox.look(self._desk, self._log)

    def close(self) -> None:
        """Close everything that this thread has used."""
        self._ways.close()
        self._selector.close()

    def _drain(self, events: int) -> None:
        self._ways.datagrams.drain(self._take)

    def _take(self, sender: str, outlet: Outlet, packet: bytes) -> None:
        if not self._inbox.put(sender, outlet, packet, time.monotonic()):
            self._refuse(outlet, packet, BUSY)

    def _serve(self, sender: str, outlet: Outlet, packet: bytes | Message) -> None:
        if isinstance(packet, Message):
            self._log.heard(outlet.name, packet)
            self._desk.serve(packet, outlet, sender)
            return
        try:
            messages = decode(packet)
        except BadPacket as error:
            self._log.heard(outlet.name, f"{len(packet)} bytes that are refused: {error}")
            self._refuse(outlet, packet, answer("error", "", "bad-packet", str(error)))
            return
        # The messages of a bundle wait for their turns, so that a long one delays nobody else.
        self._inbox.put_first(sender, outlet, messages)

    def _refuse(self, outlet: Outlet, packet: bytes, refusal: Message) -> None:
        address = packet.partition(b"\0")[0].decode("latin-1")
        if not is_answer(address):
            outlet.tell(refusal)
