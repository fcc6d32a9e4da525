"""`roomtone render`: one prompt, or the recipe in a clip, becomes one file or several variations.

It asks the studio and prints paths or JSON, one clip a line; batch prints its clips the same way.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from engine.commands.console import Console, duration
from engine.commands.desk import Desk, open_desk
from engine.commands.parser import OUTPUT_OPTIONS
from engine.commands.progress import job_progress
from engine.commands.request import count_of, given, machine_of, output_of, targets_of
from engine.commands.session import Session
from engine.commands.stems import stem_targets, stems_of
from engine.commands.wishes import output_for, scene_wished
from engine.configs import to_mapping
from engine.jobs import Job, Machine
from engine.recipe import read_recipe


def run(arguments: argparse.Namespace, session: Session) -> int:
    """Render what the options say. Raises UsageError before anything is rendered, EngineError later."""
    console = Console(arguments.quiet)
    recipe = read_recipe(arguments.recipe) if arguments.recipe else None
    scene, count = scene_wished(arguments, recipe), count_of(arguments)
    machine = machine_of(arguments, recipe)
    studio = session.open_studio(*machine)
    output = output_of(arguments, recipe.output if recipe else studio.settings.output)
    output = output_for(scene, given(arguments, OUTPUT_OPTIONS), output)
    targets = targets_of(arguments.out, count)
    stems = [stem_targets(scene, target) if arguments.stems else [] for target in targets]
    with open_desk(studio, Machine(*machine), session.cancelled) as desk:
        if recipe and arguments.model is None:
            studio.check_weights(recipe)
        scenes = studio.variations(scene, count)
        jobs = [desk.order(one, output, target, "command line") for one, target in zip(scenes, targets)]
        for number, job in enumerate(jobs, start=1):
            job = follow(desk, job, console, f"{number} of {count}: " if count > 1 else "")
            _tell(job, arguments.json)
            for (one, its_output), target in zip(stems_of(job) if arguments.stems else [], stems[number - 1]):
                stem = desk.order(one, its_output, target, "command line")
                _tell(follow(desk, stem, console, f"stem {one.stem}: "), arguments.json)
    return 0


def follow(desk: Desk, job: Job, console: Console, place: str = "") -> Job:
    """The job once it is done; the console hears what is made, how far it is and how long it took.

    place: which of how many it is, set before the line; empty for a single clip.
    """
    scene = job.scene
    console.say(f'{place}"{_short(scene.prompt)}", {scene.seconds:g} s, seed {scene.seed}')
    began = time.monotonic()
    with job_progress(console) as report:
        job = desk.follow(job, report)
    console.say(f"{place}done in {duration(time.monotonic() - began)}")
    if job.sentence:
        console.say(f"  {job.sentence}")
    return job


def facts(job: Job) -> dict[str, Any]:
    """What scripts may want to know of the take of a job that is done, as its own file says it."""
    from engine.takes import read_take

    take = read_take(job.path)
    recipe = take.recipe
    return {
        "path": str(take.path),
        "seconds": take.seconds,
        "rate": take.rate,
        "channels": take.channels,
        "lufs": take.lufs,
        "true_peak_db": take.true_peak_db,
        "scene": to_mapping(recipe.scene),
        "output": to_mapping(recipe.output),
        "model": recipe.model,
        "weight_hash": recipe.weight_hash,
        "device": recipe.device,
        "precision": recipe.precision,
        "threads": recipe.threads,
        "created": recipe.created,
        "category": recipe.category,
        "notes": list(take.notes),
    }


def _tell(job: Job, as_json: bool) -> None:
    print(json.dumps(facts(job), ensure_ascii=False) if as_json else job.path, flush=True)


def _short(prompt: str) -> str:
    return prompt if len(prompt) <= 80 else prompt[:79] + "…"
