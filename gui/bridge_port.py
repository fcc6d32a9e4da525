"""What the panel asks of the bridge, as protocols: the panel imports nothing of it and runs well without.

`gui/__main__.py` hands in something of this shape, or None. This module knows no widget and no OSC.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class MessageLine(Protocol):
    """One message. time: seconds since 1970. direction: "in" or "out"."""

    @property
    def time(self) -> float: ...
    @property
    def direction(self) -> str: ...
    @property
    def peer(self) -> str: ...
    @property
    def text(self) -> str: ...


class BridgePeer(Protocol):
    """Who has spoken to the bridge. last_seen: seconds since 1970."""

    @property
    def name(self) -> str: ...
    @property
    def messages(self) -> int: ...
    @property
    def last_seen(self) -> float: ...


class BridgeSnapshot(Protocol):
    """How the bridge stands now. sentence: what there is to say, also why it could not be started."""

    @property
    def on(self) -> bool: ...
    @property
    def port(self) -> int: ...
    @property
    def sentence(self) -> str: ...
    @property
    def peers(self) -> Sequence[BridgePeer]: ...
    @property
    def messages(self) -> Sequence[MessageLine]: ...


class BridgePort(Protocol):
    """The bridge as the panel sees it. Raises EngineError, one sentence, when something cannot be done."""

    def snapshot(self) -> BridgeSnapshot:
        """How it stands; cheap."""

    def start(self) -> None:
        """Listen."""

    def stop(self) -> None:
        """Listen no more."""

    def tempo(self) -> float | None:
        """The tempo in bpm that a script reported last, None when none did."""

    def hosts(self) -> Sequence[tuple[str, str]]:
        """The hosts that there are scripts for: (name, title)."""

    def install(self, host: str) -> str:
        """Install the scripts of a host; says what the user does next."""

    def receivers(self) -> Sequence[tuple[str, str, bool]]:
        """The hosts that clips can be sent to: (name, title, whether the script for it is installed)."""

    def send(self, host: str, clips: Sequence[Path]) -> None:
        """Send finished clips to a host, which places them as soon as it looks."""
