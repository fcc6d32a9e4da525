"""OSC packets from bytes and back, strictly.

Decoding is our own, because python-osc's is not safe on what a network may bring (measured with 1.10.2): a
bundle with a negative element size keeps it busy for ever, deep bundles end in a RecursionError, a string
of 64 kB is read in a Python loop, unknown type tags shift the arguments that follow, truncated floats are
filled up, and its dispatcher turns addresses into regular expressions that freeze the interpreter. Encoding
is python-osc's, with the types s, i and f only: the others are lost or misread by SuperCollider, Pd or
liblo. This module knows no address.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pythonosc.parsing import osc_types

MAX_BYTES = 65_507
"""The largest datagram that UDP over IPv4 carries; a packet over TCP may be no larger."""
MAX_DEPTH = 4
MAX_MESSAGES = 1_024
MAX_ARGUMENTS = 64

Value = str | int | float | bool | bytes | None

_BUNDLE = b"#bundle\0"
_NUMBERS = {"i": (">i", 4), "f": (">f", 4), "h": (">q", 8), "d": (">d", 8)}
_CONSTANTS: dict[str, Value] = {"T": True, "F": False, "N": None, "I": math.inf}
_FORBIDDEN = frozenset(b" #*,?[]{}")


class BadPacket(ValueError):
    """What came is no packet that Roomtone reads. Its text is one sentence for the sender."""


@dataclass(frozen=True)
class Message:
    """One OSC message: an exact address and its values."""

    address: str
    values: tuple[Value, ...] = ()

    @cached_property
    def packet(self) -> bytes:
        """The message as `encode` makes it, once for all its receivers."""
        return encode(self)

    def __str__(self) -> str:
        return " ".join([self.address, *(_shown(value) for value in self.values)])


def decode(packet: bytes) -> list[Message]:
    """The messages of a packet; those of a bundle in their order, whatever its time tag says.

    Raises BadPacket when any part of it is malformed; then nothing of it is executed.
    """
    messages = []
    for message in _messages(packet, 0):
        messages.append(message)
        if len(messages) > MAX_MESSAGES:
            raise BadPacket(f"A bundle may hold at most {MAX_MESSAGES} messages.")
    return messages


def encode(message: Message) -> bytes:
    """The message as a packet. Raises ValueError for a value that is neither text nor a number.

    Text ends at no NUL and has no broken characters; a whole number is one of 32 bits.
    """
    tags, body = ",", b""
    for value in message.values:
        if isinstance(value, str):
            tags, body = tags + "s", body + osc_types.write_string(_clean(value))
        elif isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{message.address}: only text and numbers are sent, not {value!r}")
        elif isinstance(value, int):
            tags, body = tags + "i", body + osc_types.write_int(value)
        else:
            tags, body = tags + "f", body + osc_types.write_float(value)
    return osc_types.write_string(message.address) + osc_types.write_string(tags) + body


def _messages(packet: bytes, depth: int) -> Iterator[Message]:
    if len(packet) > MAX_BYTES:
        raise BadPacket(f"The packet is larger than {MAX_BYTES} bytes.")
    if not packet or len(packet) % 4:
        raise BadPacket("The length of an OSC packet is a multiple of 4 bytes, and not 0.")
    if packet.startswith(_BUNDLE):
        yield from _bundled(packet, depth)
    else:
        yield _message(packet)


def _bundled(packet: bytes, depth: int) -> Iterator[Message]:
    if depth >= MAX_DEPTH:
        raise BadPacket(f"Bundles may be nested {MAX_DEPTH} deep at most.")
    if len(packet) < 16:
        raise BadPacket("The bundle ends before its time tag.")
    place = 16
    while place < len(packet):
        size = int(struct.unpack_from(">i", packet, place)[0])
        place += 4
        if size <= 0 or size % 4 or place + size > len(packet):
            raise BadPacket(f"An element of the bundle has the wrong size {size}.")
        yield from _messages(packet[place : place + size], depth + 1)
        place += size


def _message(packet: bytes) -> Message:
    if not packet.startswith(b"/"):
        raise BadPacket("An OSC address begins with a slash.")
    raw, place = _string(packet, 0)
    if not all(33 <= byte < 127 and byte not in _FORBIDDEN for byte in raw):
        raise BadPacket("The address has characters that none has; patterns are not supported.")
    if place == len(packet):
        return Message(raw.decode("ascii"))
    tags, place = _string(packet, place)
    if not tags.startswith(b","):
        raise BadPacket("The type tags begin with a comma.")
    if len(tags) - 1 > MAX_ARGUMENTS:
        raise BadPacket(f"A message may have {MAX_ARGUMENTS} arguments at most.")
    values = []
    for tag in tags[1:].decode("latin-1"):
        value, place = _value(tag, packet, place)
        values.append(value)
    if place != len(packet):
        raise BadPacket("There is more in the packet than its type tags tell.")
    return Message(raw.decode("ascii"), tuple(values))


def _value(tag: str, packet: bytes, place: int) -> tuple[Value, int]:
    if tag in "sS":
        raw, place = _string(packet, place)
        try:
            return raw.decode("utf-8"), place
        except UnicodeDecodeError:
            raise BadPacket("A text is not in UTF-8.") from None
    if tag in _NUMBERS:
        form, size = _NUMBERS[tag]
        _check_room(packet, place, size)
        number: int | float = struct.unpack_from(form, packet, place)[0]
        return number, place + size
    if tag == "b":
        return _blob(packet, place)
    if tag in _CONSTANTS:
        return _CONSTANTS[tag], place
    raise BadPacket(f"The type tag {tag!r} is not supported: send s, i and f.")


def _string(packet: bytes, place: int) -> tuple[bytes, int]:
    end = packet.find(b"\0", place)
    if end < 0:
        raise BadPacket("A text has no end.")
    return packet[place:end], (end // 4 + 1) * 4


def _blob(packet: bytes, place: int) -> tuple[bytes, int]:
    _check_room(packet, place, 4)
    size = int(struct.unpack_from(">i", packet, place)[0])
    place += 4
    if size < 0:
        raise BadPacket(f"A blob has the wrong size {size}.")
    _check_room(packet, place, (size + 3) // 4 * 4)
    return packet[place : place + size], place + (size + 3) // 4 * 4


def _check_room(packet: bytes, place: int, size: int) -> None:
    if place + size > len(packet):
        raise BadPacket("The packet ends before its arguments do.")


def _clean(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _shown(value: Value) -> str:
    if isinstance(value, str):
        plain = bool(value) and not any(character in value for character in " \"'")
        return value if plain else '"' + value.replace('"', '\\"') + '"'
    return f"{value:g}" if isinstance(value, float) else str(value)
