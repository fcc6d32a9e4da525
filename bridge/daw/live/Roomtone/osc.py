"""OSC 1.0 as far as Roomtone speaks it: text (s), whole numbers (i) and numbers (f). It knows no socket."""

from __future__ import annotations

import struct
from typing import Any, Union

PREFIX = "/roomtone/1/"
Value = Union[str, int, float]  # noqa: UP007  a Python of Live 11 reads this


def encode(word: str, *values: Value) -> bytes:
    """The message with this word after the prefix."""
    tags, body = b",", b""
    for value in values:
        if isinstance(value, str):
            tags, body = tags + b"s", body + _padded(value.encode("utf-8", "replace"))
        elif isinstance(value, int):
            tags, body = tags + b"i", body + struct.pack(">i", value)
        else:
            tags, body = tags + b"f", body + struct.pack(">f", value)
    return _padded((PREFIX + word).encode("ascii")) + _padded(tags) + body


def decode(packet: bytes) -> tuple[str, list[Any]]:
    """The word after the prefix and the values. Raises ValueError for what is no message of Roomtone."""
    try:
        return _decoded(packet)
    except (LookupError, struct.error) as error:
        raise ValueError(str(error)) from error


def _decoded(packet: bytes) -> tuple[str, list[Any]]:
    address, place = _text(packet, 0)
    if not address.startswith(PREFIX):
        raise ValueError(address)
    tags, place = _text(packet, place)
    values: list[Any] = []
    for tag in tags[1:]:
        if tag == "s":
            text, place = _text(packet, place)
            values.append(text)
        else:
            values += struct.unpack_from({"i": ">i", "f": ">f"}[tag], packet, place)
            place += 4
    return address[len(PREFIX) :], values


def _padded(raw: bytes) -> bytes:
    return raw + b"\0" * (4 - len(raw) % 4)


def _text(packet: bytes, place: int) -> tuple[str, int]:
    finish = packet.index(b"\0", place)
    return packet[place:finish].decode("utf-8", "replace"), place + ((finish - place) // 4 + 1) * 4
