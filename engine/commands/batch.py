"""`roomtone batch FILE`: every line of a list becomes a clip.

All lines are checked before the first is rendered; afterwards a line that fails does not stop the rest.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands.console import Console, duration, error
from engine.commands.desk import Desk, open_desk
from engine.commands.prompts import read_lines
from engine.commands.render import facts, follow
from engine.commands.request import count_of, folder_of, machine_of, output_of
from engine.commands.scene_options import wished
from engine.commands.session import Session
from engine.commands.wishes import scene_with
from engine.errors import Cancelled, EngineError, UsageError
from engine.jobs import BATCH, Job, Machine
from engine.scene import Output, Scene

if TYPE_CHECKING:
    from engine.studio import Studio

AHEAD = 2
"""Clips that are queued at once: the next one begins while this one is printed."""
MOST_FAULTS_TOLD = 20


@dataclass(frozen=True)
class Clip:
    """One clip of the batch: the line that asks for it, and its resolved scene."""

    line: int
    scene: Scene


def run(arguments: argparse.Namespace, session: Session) -> int:
    """Render the list. 0 when every line became a clip, 1 when one failed; UsageError for a wrong list."""
    scene_with({"prompt": "rain"}, wished(arguments))  # told once, not once a line
    machine = machine_of(arguments)
    studio = session.open_studio(*machine)
    output, folder = output_of(arguments, studio.settings.output), folder_of(arguments.out)
    with open_desk(studio, Machine(*machine), session.cancelled) as desk:
        clips = _checked(arguments, studio)
        return _work(clips, _orders(clips, desk, output, folder), desk, session, arguments)


def _checked(arguments: argparse.Namespace, studio: Studio) -> list[Clip]:
    """Every clip of the list. Raises UsageError that names the lines that are wrong."""
    options, count = wished(arguments), count_of(arguments)
    clips: list[Clip] = []
    faults: list[str] = []
    for line in read_lines(arguments.file):
        try:
            scenes = studio.variations(scene_with({}, {**options, **line.columns}), count)
            clips += [Clip(line.number, scene) for scene in scenes]
        except EngineError as fault:
            faults.append(f"line {line.number}: {fault}")
    if faults:
        raise UsageError(_listed(arguments.file, faults))
    return clips


def _orders(
    clips: list[Clip], desk: Desk, output: Output, folder: Path | None
) -> Iterator[Job | EngineError]:
    """The job of each clip, or why it could not be queued; always one more than is asked for is queued."""

    def ordered(clip: Clip) -> Job | EngineError:
        try:
            return desk.order(clip.scene, output, folder, f"batch, line {clip.line}", BATCH)
        except EngineError as fault:
            return fault

    ahead = deque(ordered(clip) for clip in clips[:AHEAD])
    for clip in clips[AHEAD:]:
        yield ahead.popleft()
        ahead.append(ordered(clip))
    yield from ahead


def _work(
    clips: list[Clip],
    orders: Iterator[Job | EngineError],
    desk: Desk,
    session: Session,
    arguments: argparse.Namespace,
) -> int:
    console = Console(arguments.quiet)
    began, done, failed = time.monotonic(), 0, 0
    try:
        for number, (clip, job) in enumerate(zip(clips, orders), start=1):
            try:
                if isinstance(job, EngineError):
                    raise job
                job = follow(desk, job, console, f"{number} of {len(clips)}: ")
                done += 1
                _print_take(clip, job, arguments.json)
            except EngineError as fault:
                if session.cancelled():
                    raise Cancelled("The batch was interrupted.") from fault
                failed += 1
                _print_fault(clip, fault, arguments.json)
    finally:
        console.say(_summary(done, failed, len(clips), time.monotonic() - began))
    return 1 if failed else 0


def _print_take(clip: Clip, job: Job, as_json: bool) -> None:
    line = json.dumps({"line": clip.line, **facts(job)}, ensure_ascii=False) if as_json else job.path
    print(line, flush=True)


def _print_fault(clip: Clip, fault: EngineError, as_json: bool) -> None:
    error(f"line {clip.line}: {fault}")
    if as_json:
        row = {"line": clip.line, "prompt": clip.scene.prompt, "seed": clip.scene.seed, "error": str(fault)}
        print(json.dumps(row, ensure_ascii=False), flush=True)


def _listed(file: str, faults: list[str]) -> str:
    what = "1 line is" if len(faults) == 1 else f"{len(faults)} lines are"
    more = len(faults) - MOST_FAULTS_TOLD
    rest = [f"and {more} more."] if more > 0 else []
    return "\n  ".join(
        [f"Nothing was rendered, as {what} wrong in {file}:", *faults[:MOST_FAULTS_TOLD], *rest]
    )


def _summary(done: int, failed: int, asked: int, seconds: float) -> str:
    left = asked - done - failed
    parts = [f"{done} of {asked} clips done in {duration(seconds)}"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{left} not done"] if left else []
    return ", ".join(parts) + "."
