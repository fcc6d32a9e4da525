"""`roomtone queue`: shows, cancels and clears the jobs of the Roomtone that runs, or what one left over.

It starts nothing: what is left over is offered by the panel and the bridge.
"""

from __future__ import annotations

import argparse
import json

from engine.configs import to_mapping
from engine.errors import UsageError
from engine.jobs import Job
from engine.jobstore import JobStore, Remembered
from engine.settings import folders
from engine.visit import Visit, visit

LEFT_OVER, ELSEWHERE = "left over", "another command"


def run(arguments: argparse.Namespace, _session: object) -> int:
    """Do what the action says. Raises UsageError for an unknown job, EngineError when nobody answers."""
    if arguments.action == "cancel" and not arguments.job:
        raise UsageError("Say which job shall be cancelled: its id, as `roomtone queue` shows it, or all.")
    if arguments.action != "cancel" and arguments.job:
        raise UsageError(f"'{arguments.job[:40]}' is one word too many: only cancel takes a job.")
    running = visit(folders().state)
    if running is not None:
        try:
            return _at_the_running(arguments, running)
        finally:
            running.close()
    store = JobStore(folders().state).open()
    try:
        return _on_the_disk(arguments, store)
    finally:
        store.close()


def _at_the_running(arguments: argparse.Namespace, running: Visit) -> int:
    if arguments.action == "cancel" and arguments.job == "all":
        _tell_count("cancelled", running.cancel_all())
    elif arguments.action == "cancel":
        running.cancel(arguments.job)
    elif arguments.action == "clear":
        _tell_count("forgotten", running.clear())
    else:
        for job in running.jobs():
            _print(job, LEFT_OVER if job.held else job.state, arguments.json)
    return 0


def _on_the_disk(arguments: argparse.Namespace, store: JobStore) -> int:
    remembered = store.remembered()
    if arguments.action == "list":
        for one in remembered:
            _print(one.job, _state(one), arguments.json)
        return 0
    left = [one.job for one in remembered if not one.alive]
    if arguments.action == "clear":
        gone = [job for job in left if job.ended]
    elif arguments.job == "all":
        gone = [job for job in left if not job.ended]
    else:
        gone = [job for job in left if job.id == arguments.job and not job.ended]
        if not gone:
            raise UsageError(_not_there(arguments.job, remembered))
    store.forget(job.id for job in gone)
    if arguments.job in (None, "all"):
        _tell_count("forgotten" if arguments.action == "clear" else "cancelled", len(gone))
    return 0


def _state(one: Remembered) -> str:
    if one.job.ended:
        return one.job.state
    return f"{one.job.state}, {ELSEWHERE}" if one.alive else LEFT_OVER


def _not_there(job_id: str, remembered: list[Remembered]) -> str:
    if any(one.job.id == job_id and one.alive for one in remembered):
        return f"The job {job_id[:80]} belongs to another command: press Ctrl-C there."
    return f"There is no job {job_id[:80]!r} to cancel; see: roomtone queue"


def _print(job: Job, state: str, as_json: bool) -> None:
    if as_json:
        print(json.dumps({**to_mapping(job), "state": state}, ensure_ascii=False), flush=True)
        return
    done = f" {job.fraction:.0%}" if state == "running" else ""
    rest = job.path or job.sentence or f'"{job.scene.prompt}", {job.scene.seconds:g} s'
    print(f"{job.id}  {state}{done}  {rest}", flush=True)


def _tell_count(what: str, count: int) -> None:
    print(f"{count} {'job' if count == 1 else 'jobs'} {what}.", flush=True)
