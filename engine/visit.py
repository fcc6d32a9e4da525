"""A visit to the studio that runs already, in another program of this user: jobs are handed to it.

Light, and knows no queue of its own. The other side is engine/handover.py.
"""

from __future__ import annotations

import json
from multiprocessing import connection as pipes
from pathlib import Path
from typing import Any

from engine.configs import from_mapping, to_mapping
from engine.errors import EngineError, QueueFull, UsageError
from engine.handover import address, door_folder, key_file
from engine.jobs import Job

ANSWER_S = 30.0
"""A studio that does not answer for so long hangs."""


class Visit:
    """One connection to the running studio. Used by one thread; close it."""

    is_elsewhere = True

    def __init__(self, connection: pipes.Connection[Any, Any]) -> None:
        self._connection = connection

    def submit(self, job: Job) -> Job:
        """Queue the job there. Raises UsageError, QueueFull and EngineError as the studio does."""
        return _job(self._ask(wish="submit", job=to_mapping(job))["job"])

    def look(self, job_id: str, revision: int, timeout: float) -> tuple[int, Job | None]:
        """The newest revision, and the job if it changed after `revision`; waits up to `timeout` seconds."""
        answer = self._ask(wish="look", id=job_id, revision=revision, timeout=timeout)
        return int(answer["revision"]), _job(answer["job"]) if answer["job"] else None

    def cancel(self, job_id: str) -> None:
        """Take back a job. Raises UsageError for an unknown one."""
        self._ask(wish="cancel", id=job_id)

    def cancel_all(self) -> int:
        """Take back all jobs that have not ended; says how many."""
        return int(self._ask(wish="cancel", id="all")["count"])

    def jobs(self) -> list[Job]:
        """All jobs of the studio, as its queue has them."""
        return [_job(mapping) for mapping in self._ask(wish="jobs")["jobs"]]

    def clear(self) -> int:
        """Have the ended jobs forgotten; says how many there were."""
        return int(self._ask(wish="clear")["count"])

    def close(self) -> None:
        """End the visit; what was handed over goes on."""
        self._connection.close()

    def _ask(self, **wish: object) -> dict[str, Any]:
        try:
            self._connection.send_bytes(json.dumps(wish).encode())
            if not self._connection.poll(ANSWER_S):
                raise EngineError("The Roomtone that runs already does not answer: end it, and try again.")
            answer: dict[str, Any] = json.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            raise EngineError(
                "The Roomtone that this was handed to has ended: what was not done yet is offered again when "
                "it is started."
            ) from None
        if "sentence" in answer:
            kinds = {"usage": UsageError, "queue-full": QueueFull}
            raise kinds.get(answer["code"], EngineError)(answer["sentence"])
        return answer


def visit(state: Path) -> Visit | None:
    """A visit to the studio with that state folder; None when none listens."""
    folder = door_folder(state)
    try:
        connection = pipes.Client(address(folder))
    except OSError:
        return None  # nobody listens; the socket's file may be left from one that was killed
    try:
        connection.send_bytes(key_file(folder).read_bytes())
    except OSError:
        connection.close()
        return None
    return Visit(connection)


def _job(mapping: dict[str, Any]) -> Job:
    return from_mapping(Job, mapping)
