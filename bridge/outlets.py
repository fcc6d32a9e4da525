"""Where answers go: an Outlet. Each way in has its own, and answers its sender on the same way.

This module knows no socket and no file.
"""

from __future__ import annotations

from typing import Protocol

from bridge.packets import Message


class Outlet(Protocol):
    """One receiver of answers. Two outlets of one receiver are equal."""

    @property
    def name(self) -> str:
        """Who it is, for people: "127.0.0.1:57120"."""

    def tell(self, message: Message) -> None:
        """Send one answer; a receiver that has gone is no error."""

    def at_port(self, port: int) -> Outlet:
        """The same host's `port`, where the way in has ports; else the outlet itself."""

    def __hash__(self) -> int: ...
