"""`python -m engine.training RUN.toml [--set key=value]... [--resume]`: the training's own front end.

Progress and messages go to stderr, the folder of the finished model to stdout. Exit codes: 0 done, 1
failure, 2 usage, 130 interrupted (a checkpoint is written first). Knows no stage and no network.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from engine.errors import Cancelled, EngineError, UsageError
from engine.training.runs import FRESH_SIZES, RunConfig, load_run

if TYPE_CHECKING:
    from engine.training.loop import Progress
    from engine.training.processes import Processes


def main(argv: Sequence[str] | None = None) -> int:
    """Train as the arguments say; the exit code."""
    options = _parser().parse_args(argv)
    console = Console(stderr=True)
    try:
        run = load_run(options.run, options.set, lambda note: console.print(f"note: {note}", highlight=False))
        folder = train(run, options.resume, console)
        if os.environ.get("RANK", "0") == "0":
            print(folder)
    except UsageError as problem:
        console.print(str(problem), markup=False, highlight=False)
        return 2
    except EngineError as problem:
        console.print(str(problem), markup=False, highlight=False)
        return 1
    except Cancelled as stop:
        console.print(str(stop), markup=False, highlight=False)
        return 130
    except KeyboardInterrupt:
        return 130
    return 0


def train(run: RunConfig, resume: bool, console: Console) -> Path:
    """Run to the last step; the finished model's folder, `<out>/model`. Raises what `Training.go` raises."""
    import torch

    from engine.devices import choose
    from engine.models import store
    from engine.training import checkpoints
    from engine.training.loop import Training
    from engine.training.processes import join
    from engine.training.stages import open_stage

    if run.threads:
        torch.set_num_threads(run.threads)
    processes = join(choose(run.device))
    # A run's folder stands for the model of its last checkpoint: so one stage is trained on top of another.
    begun = checkpoints.latest(Path(run.model))
    folder = begun / checkpoints.MODEL if begun else Path(run.model)
    model = store.create(run.model, run.seed) if run.fresh else store.load(folder)
    training = Training(run, open_stage(run, model, processes.device), store.save, processes)
    with _politely(console) as cancelled, _bar(run, processes, console) as report:
        folder = training.go(report, cancelled, resume)
    return checkpoints.hand_out(run.folder, folder) if processes.first else run.folder / checkpoints.MODEL


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="roomtone train",
        description="Train one stage (vae, clap, ldm, vocoder) of a model.",
        epilog=f"The model to start from is a size ({', '.join(FRESH_SIZES)}) or a model folder.",
    )
    parser.add_argument(
        "run", type=Path, metavar="RUN.toml", help="the run's settings (or the seed project's YAML)"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a setting, e.g. optim.lr=1e-4"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on from the run's last checkpoint, if it has one"
    )
    return parser


@contextmanager
def _politely(console: Console) -> Iterator[Callable[[], bool]]:
    """The first SIGINT or SIGTERM asks for the end of the step and a checkpoint, a second one ends at
    once.
    """
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    def cancelled() -> bool:
        # Said here, not in the handler: that may interrupt the bar amid a write to the same stream.
        if asked:
            console.print("Stopping; a checkpoint is written first.", highlight=False)
        return bool(asked)

    main_thread = threading.current_thread() is threading.main_thread()  # elsewhere Python takes no signals
    numbers = (signal.SIGINT, signal.SIGTERM) if main_thread else ()
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield cancelled
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _bar(run: RunConfig, processes: Processes, console: Console) -> Iterator[Callable[[Progress], None]]:
    """A bar on the first process, silence on the others."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.4f}"),
        TextColumn("{task.fields[left]} left"),
    )
    with Bar(*columns, console=console, disable=not processes.first) as bar:
        task = bar.add_task(run.stage, total=run.optim.steps, loss=float("nan"), left="?")

        def report(progress: Progress) -> None:
            doing = run.stage if progress.doing == "training" else f"{run.stage}: {progress.doing}"
            bar.update(
                task,
                completed=progress.step,
                description=doing,
                loss=progress.loss,
                left=duration(progress.seconds_left),
            )

        yield report


def duration(seconds: float) -> str:
    """Hours, minutes and seconds as one reads them: "2 h 05 min", "3 min 20 s", "12 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


if __name__ == "__main__":
    sys.exit(main())
