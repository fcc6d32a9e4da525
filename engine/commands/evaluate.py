"""`roomtone evaluate`: measures a model against the real clips of a manifest, and prints the figures.

What is measured, and how, is the business of engine/evaluation; this file reads options and prints.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from engine.catalogue import find_model
from engine.commands.console import Console
from engine.commands.request import machine_of, whole
from engine.commands.session import Session
from engine.errors import UsageError
from engine.ranges import RANGES
from engine.settings import Settings, folders

MOST_ROWS = 1_000_000
MOST_PROMPTS = 100
MOST_BAR_PROMPTS = 10_000


def run(arguments: argparse.Namespace, session: Session) -> int:
    """Render one clip a row, measure, print. Raises UsageError and EngineError, one sentence each."""
    if arguments.images and not arguments.out:
        raise UsageError("--images needs --out: name the folder for the pictures.")
    entry = find_model(arguments.model)
    limit = None if arguments.limit is None else whole("rows", arguments.limit, 1, MOST_ROWS)
    steps = None if arguments.steps is None else _steps(arguments.steps)
    guidance = None if arguments.guidance is None else _guidance(arguments.guidance)
    settings = session.open_studio(*machine_of(arguments)).settings
    out = Path(arguments.out).expanduser() if arguments.out else None
    cache = Path(arguments.cache).expanduser() if arguments.cache else folders().cache / "audio"

    from engine.evaluation.evaluation import Request, evaluate
    from engine.evaluation.rendering import Wish
    from engine.evaluation.tables import json_document, text_table

    _use_threads(settings)
    request = Request(
        manifests=tuple(Path(name).expanduser() for name in arguments.manifest),
        cache=cache,
        split=arguments.split,
        limit=limit,
        wish=Wish(steps, guidance),
        out=out,
        images=arguments.images,
        prompts=0 if arguments.prompts is None else whole("prompts", arguments.prompts, 0, MOST_PROMPTS),
        bars=0 if arguments.bars is None else whole("bars", arguments.bars, 1, MOST_BAR_PROMPTS),
        presets=arguments.presets,
        device=settings.device,
        precision=settings.precision,
    )
    console = Console(arguments.quiet)
    with console.progress() as report:
        evaluation = evaluate(entry, request, report, session.cancelled)
    for path, reason in evaluation.skipped:
        console.say(f"{path} is skipped: {reason}")
    if arguments.json:
        print(json.dumps(json_document(evaluation), ensure_ascii=False))
    else:
        print(text_table(evaluation))
    return 0


def _steps(text: str) -> int:
    return whole("steps", text, int(RANGES["steps"].low), int(RANGES["steps"].high))


def _guidance(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"guidance: a number is expected, not {text[:40]!r}.") from None


def _use_threads(settings: Settings) -> None:
    if settings.threads:
        import torch

        torch.set_num_threads(settings.threads)
