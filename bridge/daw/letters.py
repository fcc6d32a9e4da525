"""What the panel sends to a host by itself: letters with the paths of clips, for that host's script.

A letter is a file in the script's inbox, named 1 to 9, with the path of a clip a line; the script takes it
away when it has read it. This module knows no script and no sound.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bridge.daw.hosts import HOSTS
from engine.errors import EngineError, UsageError
from engine.newfiles import publish, told, unfinished
from engine.settings import folders

LETTERS = 9


def inbox(host: str) -> Path:
    """Where letters to the script of this host lie; made when the script is installed."""
    return folders().state / "mailbox" / f"{host}-inbox"


def able_hosts() -> list[str]:
    """The hosts whose scripts take letters, installed or not."""
    return [name for name, host in HOSTS.items() if f"{name}-inbox" in host.mailbox]


def hosts_with_inbox() -> list[str]:
    """The hosts whose scripts have been installed and take letters."""
    return [name for name in able_hosts() if inbox(name).is_dir()]


def send(host: str, clips: Sequence[Path]) -> None:
    """Send finished clips to the host, which places them at its playhead as soon as it looks.

    Raises UsageError when no script of this host takes letters, EngineError when the last nine were not read.
    """
    if host not in hosts_with_inbox():
        raise UsageError(f"No script takes clips for {host[:40]!r}: roomtone daw install puts one there.")
    folder = inbox(host)
    with told(folder), unfinished(folder) as part:
        part.write_bytes(b"".join(os.fsencode(clip) + b"\n" for clip in clips))
        try:
            publish(part, (folder / str(number) for number in range(1, LETTERS + 1)))
        except FileExistsError:
            raise EngineError(
                f"{HOSTS[host].title} has not taken the last {LETTERS}: start it, with Roomtone's script on."
            ) from None
