"""The door by which a second program hands its jobs to the studio that runs already.

A local socket that only the current user can reach, and JSON over it: one line of request, one of answer.
Only one studio of a user listens. This module knows no command and no window.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import sys
import tempfile
import threading
import time
from multiprocessing import connection as pipes
from pathlib import Path
from typing import Any, Protocol

from engine.configs import from_mapping, to_mapping
from engine.errors import EngineError, QueueFull, UsageError
from engine.jobs import Job, Queue
from engine.locks import FileLock
from engine.logs import keep

LONGEST_REQUEST = 1_000_000
MOST_VISITORS = 64
LONGEST_LOOK_S = 2.0
SOCKET_PATH_BYTES = 100
"""The systems allow 104 to 108."""


class Hosted(Protocol):
    """What visitors may ask for: engine.studio.Studio."""

    @property
    def queue(self) -> Queue:
        """Its jobs."""

    def take_in(self, job: Job) -> Job:
        """Queue what a job says. Raises UsageError and QueueFull."""

    def cancel(self, job_id: str) -> Job:
        """Take back a job. Raises UsageError for an unknown one."""

    def cancel_all(self) -> int:
        """Take back all jobs that have not ended; says how many."""


class Host:
    """Listens for a studio. `start` once, `stop` once; each visitor is served by a thread of its own."""

    def __init__(self, studio: Hosted, state: Path) -> None:
        self._studio = studio
        self._folder = door_folder(state)
        self._lock = FileLock(self._folder / "lock")
        self._listener: pipes.Listener | None = None
        self._key = secrets.token_hex(16)
        self._ending = threading.Event()
        self._wake, self._waker = pipes.Pipe(duplex=False)
        self._thread = threading.Thread(target=self._receive, name="roomtone-door", daemon=True)
        self._visitors: list[threading.Thread] = []

    def start(self) -> bool:
        """Listen; False when another studio does already. Raises EngineError when the door cannot be made."""
        try:
            make_private(self._folder)
            if not self._lock.take():
                return False
            _write_key(self._folder, self._key)
            place = address(self._folder)
            if sys.platform != "win32":
                Path(place).unlink(missing_ok=True)  # left by one that was killed
            self._listener = pipes.Listener(place, backlog=MOST_VISITORS)
        except OSError as error:
            self._lock.release()
            raise EngineError(
                f"Other programs cannot hand their jobs over, as {self._folder} cannot be used ({error})."
            ) from error
        self._thread.start()
        return True

    def stop(self) -> None:
        """Close the door; whoever is visiting is sent away."""
        if self._listener is None:
            return
        self._ending.set()
        self._waker.send_bytes(b"end")
        with contextlib.suppress(OSError), pipes.Client(self._listener.address):
            pass  # accept waits for somebody to come
        self._thread.join()
        self._listener.close()
        for visitor in self._visitors:
            visitor.join(LONGEST_LOOK_S + 1.0)
        self._lock.release()
        self._listener = None

    def _receive(self) -> None:
        assert self._listener is not None
        while not self._ending.is_set():
            try:
                visitor = self._listener.accept()
            except OSError as error:
                keep(error, "receiving another program")
                time.sleep(0.1)
                continue
            self._visitors = [thread for thread in self._visitors if thread.is_alive()]
            if self._ending.is_set() or len(self._visitors) >= MOST_VISITORS:
                visitor.close()
                continue
            thread = threading.Thread(
                target=self._serve, args=(visitor,), name="roomtone-visitor", daemon=True
            )
            self._visitors.append(thread)
            thread.start()

    def _serve(self, visitor: pipes.Connection[Any, Any]) -> None:
        with visitor, contextlib.suppress(EOFError, OSError):
            if not hmac.compare_digest(visitor.recv_bytes(1_000), self._key.encode()):
                return
            while visitor in pipes.wait([visitor, self._wake]) and not self._ending.is_set():
                request = visitor.recv_bytes(LONGEST_REQUEST)
                visitor.send_bytes(json.dumps(self._answer(request)).encode())

    def _answer(self, request: bytes) -> dict[str, Any]:
        try:
            wish = json.loads(request)
            return WISHES[wish["wish"]](self._studio, wish)
        except QueueFull as error:
            return {"code": "queue-full", "sentence": str(error)}
        except UsageError as error:
            return {"code": "usage", "sentence": str(error)}
        except EngineError as error:
            return {"code": "engine", "sentence": str(error)}
        except Exception as error:  # noqa: BLE001  a visitor's nonsense, or a bug of ours, ends nobody's studio
            return {"code": "bug", "sentence": keep(error, "answering another program")}


def _submit(studio: Hosted, wish: dict[str, Any]) -> dict[str, Any]:
    return {"job": to_mapping(studio.take_in(from_mapping(Job, wish["job"])))}


def _look(studio: Hosted, wish: dict[str, Any]) -> dict[str, Any]:
    """The job, as soon as it has changed after the revision, or None when that took too long."""
    revision = int(wish["revision"])
    until_s = time.monotonic() + min(float(wish["timeout"]), LONGEST_LOOK_S)
    if studio.queue.get(wish["id"]) is None:
        raise UsageError(f"There is no job {wish['id'][:80]!r} in the queue.")
    while True:
        revision, changed = studio.queue.since(revision, max(0.0, until_s - time.monotonic()))
        for job in changed:
            if job.id == wish["id"]:
                return {"revision": revision, "job": to_mapping(job)}
        if time.monotonic() >= until_s:
            return {"revision": revision, "job": None}
        time.sleep(0.02)  # a change of another job: there may be many


def _cancel(studio: Hosted, wish: dict[str, Any]) -> dict[str, Any]:
    if wish["id"] == "all":
        return {"count": studio.cancel_all()}
    return {"job": to_mapping(studio.cancel(wish["id"]))}


def _jobs(studio: Hosted, _wish: dict[str, Any]) -> dict[str, Any]:
    return {"jobs": [to_mapping(job) for job in studio.queue.jobs()]}


def _clear(studio: Hosted, _wish: dict[str, Any]) -> dict[str, Any]:
    return {"count": studio.queue.clear()}


WISHES = {"submit": _submit, "look": _look, "cancel": _cancel, "jobs": _jobs, "clear": _clear}


def door_folder(state: Path) -> Path:
    """Where the door of the studio with that state folder is: a folder for the current user alone."""
    folder = state / "door"
    if sys.platform == "win32" or len(os.fsencode(folder / "socket")) <= SOCKET_PATH_BYTES:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"roomtone-{os.getuid()}-{digest}"


def address(folder: Path) -> str:
    """The socket's path, or on Windows the pipe's name."""
    if sys.platform == "win32":
        return rf"\\.\pipe\roomtone-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:24]}"
    return str(folder / "socket")


def key_file(folder: Path) -> Path:
    """The file with the word that a visitor must know: who may read it is the current user."""
    return folder / "key"


def make_private(folder: Path) -> None:
    """The folder, made if need be, for the current user alone. Raises OSError when it is another's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform != "win32":
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            raise PermissionError(f"{folder} belongs to another user")
        folder.chmod(0o700)


def _write_key(folder: Path, key: str) -> None:
    path = key_file(folder)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(key)
