"""Every way into the bridge, opened by the settings: UDP, the two kinds of TCP, the mailbox, OSCQuery.

Without its UDP port there is no bridge; what else cannot be opened is told in the status and left out. This
module knows no address and no studio.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass

from bridge import card
from bridge.datagrams import DatagramDoor
from bridge.discovery import Discovery
from bridge.framing import Framing, LengthPrefix, Slip
from bridge.mailbox import Mailbox
from bridge.ports import bind, shown_address
from bridge.status import BridgeStatus, Log
from bridge.streams import StreamDoor
from engine.errors import EngineError
from engine.settings import BridgeSettings


@dataclass(frozen=True)
class Ways:
    """All that is open, and how the panel shows it."""

    datagrams: DatagramDoor
    streams: tuple[StreamDoor, ...]
    mailbox: Mailbox | None
    status: BridgeStatus
    closing: ExitStack

    def close(self) -> None:
        """Give back every port, and take the card away."""
        self.closing.close()


def open_ways(settings: BridgeSettings, log: Log) -> Ways:
    """Open them. Raises EngineError when the UDP port is taken: with who has it, and the next free one."""
    host, complaints = settings.host, list[str]()
    with ExitStack() as opened:
        bound = bind(host, settings.port, socket.SOCK_DGRAM, next_free=settings.next_free)
        datagrams = opened.enter_context(closing(DatagramDoor(bound, log.told)))
        slip = _stream(settings, settings.tcp_slip_port, Slip, log, complaints)
        length = _stream(settings, settings.tcp_length_port, LengthPrefix, log, complaints)
        streams = tuple(door for door in (slip, length) if door)
        for door in streams:
            opened.enter_context(closing(door))
        mailbox = _mailbox(settings, complaints)
        discovery = _discovery(settings, datagrams.port, complaints)
        if discovery:
            opened.enter_context(closing(discovery))
        status = BridgeStatus(
            on=True,
            host=host,
            port=datagrams.port,
            sentence=" ".join([f"Listening on {shown_address((host, datagrams.port))} (UDP).", *complaints]),
            tcp_slip_port=slip.port if slip else 0,
            tcp_length_port=length.port if length else 0,
            oscquery_port=discovery.port if discovery else 0,
            mailbox=str(mailbox.folder) if mailbox else "",
        )
        card.write(status)
        opened.callback(card.remove)
        return Ways(datagrams, streams, mailbox, status, opened.pop_all())


def _stream(
    settings: BridgeSettings, port: int, framing: Callable[[], Framing], log: Log, complaints: list[str]
) -> StreamDoor | None:
    if not port:
        return None
    try:
        listening = bind(settings.host, port, socket.SOCK_STREAM, next_free=settings.next_free)
    except EngineError as error:
        complaints.append(str(error))
        return None
    return StreamDoor(listening, framing, log.told)


def _mailbox(settings: BridgeSettings, complaints: list[str]) -> Mailbox | None:
    if not settings.mailbox:
        return None
    try:
        return Mailbox()
    except EngineError as error:
        complaints.append(str(error))
        return None


def _discovery(settings: BridgeSettings, udp_port: int, complaints: list[str]) -> Discovery | None:
    if settings.oscquery == "off" or (settings.oscquery == "auto" and not settings.is_local):
        return None
    try:
        return Discovery(settings.host, settings.oscquery_port, udp_port)
    except EngineError as error:
        complaints.append(str(error))
        return None
