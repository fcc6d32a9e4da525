"""The bridge's card, `<state>/bridge.json`: where it listens, for scripts that look for it.

This module knows no socket.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from bridge.status import BridgeStatus
from engine.settings import folders, make_folder
from engine.textfiles import replace_text


def card_file() -> Path:
    """Where the card lies while a bridge runs."""
    return folders().state / "bridge.json"


def write(status: BridgeStatus) -> None:
    """Put the card there, and make the folder `spool` beside it. Raises EngineError."""
    path = card_file()
    spool = make_folder(make_folder(path.parent) / "spool")
    fields = {
        "udp_port": status.port,
        "host": status.host,
        "tcp_slip_port": status.tcp_slip_port,
        "tcp_length_port": status.tcp_length_port,
        "oscquery_port": status.oscquery_port,
        "mailbox": status.mailbox,
        "spool": str(spool),
        "pid": os.getpid(),
    }
    replace_text(path, json.dumps(fields, indent=1) + "\n")


def remove() -> None:
    """Take it away, when it is ours."""
    if read().get("pid") == os.getpid():
        with contextlib.suppress(OSError):
            card_file().unlink()


def read() -> dict[str, Any]:
    """The card that lies there; empty without one."""
    try:
        found = json.loads(card_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
