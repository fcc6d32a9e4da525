"""Reply files, for scripts without sockets, and which folders a message may name for them.

`<spool>/<job>.reply` holds the newest answer: its kind, then one value a line, without the job. It is
replaced in one step, so that nobody reads half of it. This module knows no socket and no studio.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge.addresses import ANSWERS, PREFIX
from bridge.outlets import Outlet
from bridge.packets import Message
from engine.errors import UsageError

REPLY = ".reply"
BETWEEN = "---"

_JOB = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@ -]{0,99}")
# Windows takes these for devices, whatever comes after the dot.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_SOUND = (".wav", ".flac", ".w64", ".caf", ".aif", ".aiff", ".ogg", ".opus", ".mp3")


def check_job(job: str) -> str:
    """The job's name, when it can be one. Raises UsageError: it becomes a file's name."""
    if not _JOB.fullmatch(job) or job.partition(".")[0].strip().lower() in _DEVICES or job.lower() == "all":
        raise UsageError(
            f"{job[:40]!r} cannot be a job's name: use 1 to 100 letters, digits and . _ + @ -, and not 'all'."
        )
    return job


def spool_folder(text: str, own: Sequence[Path]) -> Path:
    """The folder that a message names for reply files.

    own: folders below which every folder is right, as the library. Elsewhere it must be there already, belong
    to the user alone, and be reached without links. Raises UsageError, one sentence.
    """
    folder = Path(os.path.normpath(Path(text).expanduser()))
    if not folder.is_absolute():
        raise UsageError(f"The spool {text[:200]!r} is not a whole path: begin at the root.")
    if not folder.is_dir():
        raise UsageError(f"The spool {text[:200]!r} is not there: make the folder first.")
    real = Path(os.path.realpath(folder))
    # The user's own folders may lie behind a link; from there on there is none.
    inside = [
        place / folder.relative_to(above) for above, place in _real(own) if folder.is_relative_to(above)
    ]
    if real != folder and real not in inside:
        raise UsageError(f"The spool {text[:200]!r} is reached through a link: name {str(real)!r} itself.")
    if not inside and not _belongs_to_user(real):
        raise UsageError(
            f"Others may write into the spool {text[:200]!r}: name one of yours alone, or in the library."
        )
    return real


def check_sound_file(path: Path) -> Path:
    """The path, when it is whole and leads to a regular file of sound, not to a link. Raises UsageError."""
    try:
        regular = path.is_absolute() and stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        regular = False
    if not regular or path.suffix.lower() not in _SOUND:
        raise UsageError(f"{str(path)[:200]} is not there, or no file of sound: name it by its whole path.")
    return path


@dataclass(frozen=True)
class ReplyFile:
    """An outlet that leaves each answer to a job in `<folder>/<job>.reply`, instead of the one before."""

    folder: Path
    job: str

    @property
    def name(self) -> str:
        return str(self.folder / f"{self.job}{REPLY}")

    def tell(self, message: Message) -> None:
        # The folder may have gone meanwhile, as a project does: the clip is in the library all the same.
        with contextlib.suppress(OSError):
            write_reply(self.folder, self.job, reply_lines(message))

    def at_port(self, port: int) -> Outlet:
        return self


def reply_lines(message: Message) -> list[str]:
    """The kind of an answer and its values, one a line; the job, which the file's name tells, is left out."""
    kind = message.address.removeprefix(PREFIX)
    of_a_job = kind in ANSWERS and ANSWERS[kind].arguments[:1] and ANSWERS[kind].arguments[0].name == "job"
    values = message.values[1:] if of_a_job else message.values
    return [kind, *(" ".join(str(value).splitlines()) for value in values)]


def write_reply(folder: Path, name: str, lines: Sequence[str]) -> None:
    """Write `<folder>/<name>.reply` in one step. Raises OSError, also when a link stands in the way."""
    target = folder / f"{name}{REPLY}"
    if os.path.realpath(folder) != str(folder) or (
        target.exists() and not stat.S_ISREG(target.lstat().st_mode)
    ):
        raise OSError(f"{target} is reached through a link")
    part = folder / f".{secrets.token_hex(8)}.part"
    handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write("\n".join(lines) + "\n")
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _real(places: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Each place as it is called, and where it really is."""
    return [(place, Path(os.path.realpath(place))) for place in places]


def _belongs_to_user(folder: Path) -> bool:
    if not hasattr(os, "getuid"):
        return True
    there = folder.stat()
    # Many systems give each user a group of their own, and let it write.
    group_may = there.st_mode & stat.S_IWGRP and there.st_gid != os.getgid()
    return there.st_uid == os.getuid() and not group_may and not there.st_mode & stat.S_IWOTH
