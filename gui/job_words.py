"""What the panel says of a job: its state, its stage and the time that is left, in plain words.

It knows no widget.
"""

from __future__ import annotations

from engine.jobs import Job

STATE_WORDS = {
    "waiting": "Waiting",
    "running": "Rendering",
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
_LOADING = "loading"


def title(job: Job) -> str:
    """What is rendered: the prompt."""
    return job.scene.prompt


def state(job: Job) -> str:
    """The line under the title."""
    if job.state == "running":
        stage = job.stage or "starting"
        words = f"{stage[:1].upper()}{stage[1:]}"
        if _LOADING in stage:
            words += " (once; it stays in memory)"
        return words
    if job.state == "failed":
        return job.sentence or "Failed."
    if job.state == "waiting" and job.held:
        return "Left over from last time"
    if job.state == "done" and job.sentence:
        return f"Done. {job.sentence}"
    return STATE_WORDS.get(job.state, job.state)


def figures(job: Job) -> str:
    """What stands at the right: progress and time left, or what came out."""
    if job.state == "running":
        percent = f"{100 * job.fraction:.0f} %"
        return f"{time_left(job.seconds_left)}  {percent}" if job.seconds_left is not None else percent
    if job.state == "done":
        return f"{job.seconds:.1f} s" if job.seconds else ""
    if job.state == "waiting":
        wait = time_left(job.seconds_left)
        return wait if job.seconds_left is not None else f"{job.scene.seconds:g} s"
    return ""


def time_left(seconds: float | None) -> str:
    """A time to wait as one says it: "8 s left", "2:05 left"."""
    if seconds is None:
        return ""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s left"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d} left"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d} left"


def spoken(job: Job) -> str:
    """The whole line for a screen reader."""
    return ", ".join(part for part in (title(job), state(job), figures(job)) if part)


def summary(jobs: list[Job]) -> str:
    """How many there are of what is still to do."""
    running = sum(job.state == "running" for job in jobs)
    waiting = sum(job.state == "waiting" for job in jobs)
    ended = len(jobs) - running - waiting
    counts = ((running, "rendering"), (waiting, "waiting"), (ended, "ended"))
    return ", ".join(f"{count} {word}" for count, word in counts if count)
