"""The Job: a scene on its way, as a frozen snapshot that crosses threads and processes.

This module knows no queue and no process.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from engine.scene import Output, Scene

BY_HAND = 0
BATCH = 10
STATES = ("waiting", "running", "done", "failed", "cancelled")
ENDED = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Machine:
    """Where a job wants to be computed; empty and 0 mean what the settings say."""

    device: str = ""
    precision: str = ""
    threads: int = 0


@dataclass(frozen=True)
class Job:
    """A frozen snapshot of a scene on its way.

    id: the client's name for it, or drawn. scene: resolved. target: a file or folder, "" is the library.
    origin: who asked. priority: lower goes first. parent: clip id of the take that it is made from. stage: in
    plain words. fraction: of the whole job, 0 to 1, never falls. seconds_left: None while it is not known.
    path, clip, seconds, rate: of the finished take. code, sentence: of a failure; of a job that is done, the
    sentence holds the notes of its take. created: ISO 8601 with zone. revision: grows with each change, over
    the whole queue. held: left over from the last run, and not started until somebody says so.
    """

    id: str
    scene: Scene
    output: Output
    target: str = ""
    origin: str = ""
    priority: int = BY_HAND
    parent: str = ""
    state: str = "waiting"
    stage: str = ""
    fraction: float = 0.0
    seconds_left: float | None = None
    path: str = ""
    clip: str = ""
    seconds: float = 0.0
    rate: int = 0
    code: str = ""
    sentence: str = ""
    created: str = ""
    revision: int = 0
    held: bool = False
    machine: Machine = field(default_factory=Machine)

    @property
    def ended(self) -> bool:
        """Whether it is done, failed or cancelled."""
        return self.state in ENDED


def drawn_id() -> str:
    """A name for a job whose client gave none."""
    return secrets.token_hex(6)
