"""Packets in a stream: between SLIP's END bytes (OSC 1.1), or behind their length in 4 bytes (OSC 1.0).

It knows no socket. A frame larger than any packet ends the stream: nothing after it could be trusted.
"""

from __future__ import annotations

import struct
from typing import Protocol

from bridge.packets import MAX_BYTES, BadPacket

END, ESC, ESC_END, ESC_ESC = b"\xc0", b"\xdb", b"\xdb\xdc", b"\xdb\xdd"


class Framing(Protocol):
    """One direction each: `wrap` for what goes out, `feed` for what comes in."""

    def wrap(self, packet: bytes) -> bytes:
        """The packet as bytes of the stream."""

    def feed(self, received: bytes) -> list[bytes]:
        """The packets that are whole now. Raises BadPacket when the stream can be read no further."""


class Slip:
    """RFC 1055, with an END on both sides, so that noise before a packet does not spoil it."""

    def __init__(self) -> None:
        self._begun = bytearray()

    def wrap(self, packet: bytes) -> bytes:
        return END + packet.replace(ESC, ESC_ESC).replace(END, ESC_END) + END

    def feed(self, received: bytes) -> list[bytes]:
        *ended, rest = received.split(END)
        packets = []
        for part in ended:
            frame = bytes(self._begun) + part
            self._begun.clear()
            if frame:
                packets.append(_without_escapes(frame))
        self._begun += rest
        if len(self._begun) > 2 * MAX_BYTES:
            raise BadPacket(f"A packet of the stream is larger than {MAX_BYTES} bytes.")
        return packets


class LengthPrefix:
    """A length, int32 big-endian, before each packet."""

    def __init__(self) -> None:
        self._begun = bytearray()

    def wrap(self, packet: bytes) -> bytes:
        return struct.pack(">i", len(packet)) + packet

    def feed(self, received: bytes) -> list[bytes]:
        self._begun += received
        packets = []
        while len(self._begun) >= 4:
            size = int(struct.unpack_from(">i", self._begun)[0])
            if not 0 < size <= MAX_BYTES:
                raise BadPacket(f"The stream tells a packet of {size} bytes: is it OSC with length prefix?")
            if len(self._begun) < 4 + size:
                break
            packets.append(bytes(self._begun[4 : 4 + size]))
            del self._begun[: 4 + size]
        return packets


def _without_escapes(frame: bytes) -> bytes:
    # A lone ESC stays as it is; the packet's own checks refuse what that makes.
    return frame.replace(ESC_END, END).replace(ESC_ESC, ESC)
