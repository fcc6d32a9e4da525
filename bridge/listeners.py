"""Who hears of which job: the senders of a job, and the subscribers, who hear of all.

It looks into the queue when the serving thread asks it to; nobody is called back. It knows no socket.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from bridge.checking import answer
from bridge.outlets import Outlet
from bridge.packets import Message

if TYPE_CHECKING:
    from engine.jobs import Job, Queue

SUBSCRIBERS = 64
LISTENERS_A_JOB = 8
NOT_KNOWN = -1.0


class Listeners:
    """Outlets by job. Used by the serving thread alone."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._revision = queue.since(0)[0]
        self._jobs: dict[str, list[Outlet]] = {}
        self._owners: dict[str, str] = {}
        self._subscribers: OrderedDict[Outlet, None] = OrderedDict()
        self._last: dict[str, Message] = {}

    def listen(self, job: str, sender: str, *outlets: Outlet) -> None:
        """From now on these hear of the job until it has ended; the first eight who asked last."""
        listening = self._jobs.setdefault(job, [])
        for outlet in outlets:
            if outlet in listening:
                listening.remove(outlet)
            listening.append(outlet)
        del listening[:-LISTENERS_A_JOB]
        self._owners.setdefault(job, sender)

    def count(self, sender: str) -> int:
        """How many jobs of this sender have not ended."""
        return sum(owner == sender for owner in self._owners.values())

    def subscribe(self, outlet: Outlet) -> None:
        """From now on it hears of every job; the oldest subscriber beyond 64 is forgotten."""
        self._subscribers.pop(outlet, None)
        self._subscribers[outlet] = None
        if len(self._subscribers) > SUBSCRIBERS:
            self._subscribers.popitem(last=False)

    def unsubscribe(self, outlet: Outlet) -> None:
        """It hears of its own jobs only; one that never subscribed is right as it is."""
        self._subscribers.pop(outlet, None)

    def tell_subscribers(self, message: Message) -> None:
        """Tell all subscribers something that is not of the queue."""
        for outlet in list(self._subscribers):
            outlet.tell(message)

    def follow(self) -> None:
        """Tell what has changed in the queue since the last time."""
        self._revision, changed = self._queue.since(self._revision)
        for job in changed:
            message = news(job)
            if self._last.get(job.id) != message:
                self._last[job.id] = message
                for outlet in dict.fromkeys([*self._jobs.get(job.id, ()), *self._subscribers]):
                    outlet.tell(message)
            if is_ended(job):
                for table in (self._jobs, self._owners, self._last):
                    table.pop(job.id, None)


def is_ended(job: Job) -> bool:
    """Whether nothing more will be heard of it."""
    return job.state in ("done", "failed", "cancelled")


def news(job: Job) -> Message:
    """How a job stands, as its senders hear it: progress, done or error."""
    if job.state == "done":
        return answer("done", job.id, job.path, job.seconds, job.rate, job.clip)
    if job.state == "failed":
        return answer("error", job.id, job.code or "bug", job.sentence)
    if job.state == "cancelled":
        return answer("error", job.id, "cancelled", "The job was cancelled.")
    return answer("progress", job.id, job.fraction, job.stage or job.state, seconds_left(job))


def seconds_left(job: Job) -> float:
    """The estimate, or -1 while there is none."""
    return NOT_KNOWN if job.seconds_left is None else job.seconds_left
