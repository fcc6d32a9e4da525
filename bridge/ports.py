"""Ports: taking one, and saying who has it when it is taken.

This module knows no OSC.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import sys
from pathlib import Path

from engine.errors import EngineError

TRIED = 100

_TABLES = {socket.SOCK_DGRAM: ("udp", "udp6"), socket.SOCK_STREAM: ("tcp", "tcp6")}
_LISTENING = "0A"


def bind(host: str, port: int, kind: socket.SocketKind, *, next_free: bool = False) -> socket.socket:
    """A socket of that kind on that port, or with `next_free` on the first free one from it on; 0 is any.

    Raises EngineError that says who has the port and which is the next free one.
    """
    last = min(port + TRIED, 65_535) if next_free and port else port
    for candidate in range(port, last + 1):
        with contextlib.suppress(OSError):
            return _bound(host, candidate, kind)
    raise EngineError(_taken(host, port, kind))


def is_local(host: str) -> bool:
    """Whether only this machine can reach the host's ports."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def shown_address(address: tuple[str, int]) -> str:
    """Host and port for people: "127.0.0.1:9000"."""
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"{host}:{address[1]}"


def holder(port: int, kind: socket.SocketKind) -> str:
    """Who has the port, as "oscdump (process 4711)"; empty when this system does not tell."""
    if sys.platform != "linux":
        return ""
    inodes = {line[9] for line in _table_lines(kind) if _is_at(line, port, kind)}
    sockets = {f"socket:[{inode}]" for inode in inodes}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(_points_to(handle) in sockets for handle in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
    return ""


def _bound(host: str, port: int, kind: socket.SocketKind) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, kind)
    try:
        if sys.platform == "win32":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        elif kind == socket.SOCK_STREAM:
            # Else a port stays taken for a minute after the bridge has ended.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        if kind == socket.SOCK_STREAM:
            made.listen(16)
    except BaseException:
        made.close()
        raise
    return made


def _points_to(link: Path) -> str:
    # Other processes close their files meanwhile.
    with contextlib.suppress(OSError):
        return str(link.readlink())
    return ""


def _taken(host: str, port: int, kind: socket.SocketKind) -> str:
    protocol = "UDP" if kind == socket.SOCK_DGRAM else "TCP"
    try:
        _bound(host, 0, kind).close()
    except OSError as error:
        return f"Nothing can listen on {host} ({error.strerror or error}): use 127.0.0.1."
    who = holder(port, kind)
    free = _next_free(host, port, kind)
    offer = f"; the next free one is {free}" if free else ""
    return f"The {protocol} port {port} is taken by {who or 'another program'}{offer}."


def _next_free(host: str, port: int, kind: socket.SocketKind) -> int:
    for candidate in range(port + 1, min(port + TRIED, 65_535) + 1):
        with contextlib.suppress(OSError):
            _bound(host, candidate, kind).close()
            return candidate
    return 0


def _table_lines(kind: socket.SocketKind) -> list[list[str]]:
    lines = []
    for name in _TABLES[kind]:
        with contextlib.suppress(OSError):
            lines += [line.split() for line in Path("/proc/net", name).read_text().splitlines()[1:]]
    return lines


def _is_at(line: list[str], port: int, kind: socket.SocketKind) -> bool:
    listening = kind == socket.SOCK_DGRAM or line[3] == _LISTENING
    return listening and int(line[1].rpartition(":")[2], 16) == port
