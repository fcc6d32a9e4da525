"""The mailbox: a folder for scripts without sockets. One JSON file a message, taken in order of writing.

`requests/NAME.json` holds {"address": "/roomtone/1/render", "args": [...]} and optionally "spool", the
folder for the answers; without it they go to `replies/`. A render is answered in `<job>.reply`, everything
else in `NAME.reply`, its answers with a line of `---` between them. Write a request under another name and
rename it. This module knows no socket.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.addresses import PREFIX, REQUESTS
from bridge.checking import answer
from bridge.files import BETWEEN, REPLY, ReplyFile, check_job, reply_lines, spool_folder, write_reply
from bridge.outlets import Outlet
from bridge.packets import MAX_BYTES, Message
from bridge.status import Log
from engine.errors import UsageError
from engine.settings import folders, make_folder

if TYPE_CHECKING:
    from bridge.desk import Desk

SENDER = "mailbox"
A_TURN = 20
UNFINISHED_SECONDS = 2.0
"""A file that is no JSON is read again until it is so old: its writer may not have ended."""
KEPT_DAYS = 7


class Mailbox:
    """Looked into by the serving thread."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or folders().state / "mailbox"
        self._requests = Path(os.path.realpath(make_folder(self.folder / "requests")))
        self._replies = Path(os.path.realpath(make_folder(self.folder / "replies")))
        self._remove_old()

    def look(self, desk: Desk, log: Log) -> None:
        """Serve what has come since the last time, at most twenty messages."""
        for path in self._waiting()[:A_TURN]:
            raw = self._taken(path)
            if raw is not None:
                self._serve(desk, log, path.stem, raw)

    def _waiting(self) -> list[Path]:
        found = []
        with contextlib.suppress(OSError), os.scandir(self._requests) as entries:
            for entry in entries:
                if entry.name.endswith(".json") and not entry.name.startswith("."):
                    with contextlib.suppress(OSError):
                        found.append((entry.stat(follow_symlinks=False).st_mtime_ns, entry.name))
        return [self._requests / name for _, name in sorted(found)]

    def _taken(self, path: Path) -> bytes | None:
        """The content of a request that is ours now; None when another took it, or it is not finished."""
        try:
            there = path.lstat()
            raw = _content(path) if stat.S_ISREG(there.st_mode) and there.st_size <= MAX_BYTES else b""
            if not _is_json(raw) and time.time() - there.st_mtime < UNFINISHED_SECONDS:
                return None
            claimed = path.with_name(f".{secrets.token_hex(8)}.taken")
            path.rename(claimed)
            claimed.unlink()
        except OSError:
            return None
        return raw

    def _serve(self, desk: Desk, log: Log, stem: str, raw: bytes) -> None:
        sheet = Sheet(self._replies, stem)
        outlet: Outlet = sheet
        try:
            message, spool = _read(raw)
            log.heard(SENDER, message)
            folder = spool_folder(spool, desk.own_folders) if spool else self._replies
            outlet = sheet = Sheet(folder, stem)
            if "accepted" in _answers_to(message):
                outlet = ReplyFile(folder, check_job(str(message.values[0]) if message.values else ""))
        except UsageError as error:
            sheet.tell(answer("error", "", "usage", str(error)))
        else:
            desk.serve(message, outlet, SENDER)
        sheet.write()

    def _remove_old(self) -> None:
        before = time.time() - KEPT_DAYS * 86_400
        for path in [*self._replies.glob(f"*{REPLY}"), *self._requests.glob(".*.taken")]:
            with contextlib.suppress(OSError):
                if path.lstat().st_mtime < before:
                    path.unlink()


@dataclass(frozen=True)
class Sheet:
    """An outlet that gathers the answers to one request and leaves them in `<name>.reply`."""

    folder: Path
    stem: str
    _answers: list[Message] = field(default_factory=list, compare=False, repr=False)

    @property
    def name(self) -> str:
        return SENDER

    def tell(self, message: Message) -> None:
        self._answers.append(message)

    def at_port(self, port: int) -> Outlet:
        return self

    def write(self) -> None:
        """Leave the file. Without any answer, none."""
        lines: list[str] = []
        for message in self._answers:
            lines += [*([BETWEEN] if lines else []), *reply_lines(message)]
        with contextlib.suppress(OSError):
            if lines:
                write_reply(self.folder, self.stem, lines)
        self._answers.clear()


def _answers_to(message: Message) -> tuple[str, ...]:
    """What may be answered to a message; nothing to an unknown address."""
    name = message.address.removeprefix(PREFIX)
    return REQUESTS[name].answers if name in REQUESTS else ()


def _read(raw: bytes) -> tuple[Message, str]:
    try:
        found: Any = json.loads(raw)
    except (ValueError, RecursionError):
        raise UsageError("The request is not valid JSON, or larger than 64 kB.") from None
    if not isinstance(found, dict) or not isinstance(found.get("address"), str):
        raise UsageError('The request is no object with an "address".')
    values, spool = found.get("args", []), found.get("spool", "")
    if not isinstance(values, list) or not isinstance(spool, str):
        raise UsageError('The "args" of the request are no list, or its "spool" is no text.')
    if not all(value is None or isinstance(value, (str, int, float)) for value in values):
        raise UsageError('The "args" of the request are text and numbers.')
    # JSON can hold halves of characters that neither a packet nor a label can.
    values = [_whole(value) if isinstance(value, str) else value for value in values]
    return Message(_whole(found["address"][:1_000]), tuple(values)), _whole(spool)


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _is_json(raw: bytes) -> bool:
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return True


def _content(path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        return file.read(MAX_BYTES + 1)
