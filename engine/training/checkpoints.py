"""Checkpoints of a run: `<out>/checkpoints/step-000123/` with `model/`, a model folder to render from, and
`trainer.pt`.

A checkpoint is written under a temporary name and renamed, so whatever bears a step's name is whole.
`trainer.pt` is read with `weights_only=True`: it cannot run code. Knows files and folders, nothing of
optimizers or stages.
"""

from __future__ import annotations

import os
import pickle
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from engine.errors import EngineError

MODEL = "model"
TRAINER = "trainer.pt"
_NAME = re.compile(r"step-(\d+)")


def folder_of(out: Path, step: int) -> Path:
    """Where the checkpoint of `step` lies."""
    return out / "checkpoints" / f"step-{step:06d}"


def steps(out: Path) -> list[int]:
    """The steps that have a checkpoint, ascending; by number, not by name or date."""
    found = (_NAME.fullmatch(path.name) for path in _children(out) if (path / TRAINER).is_file())
    return sorted(int(match[1]) for match in found if match)


def latest(out: Path) -> Path | None:
    """The checkpoint with the highest step, or None."""
    found = steps(out)
    return _named(out, found[-1]) if found else None


def write(
    out: Path, step: int, save_model: Callable[[Path], None], state: Callable[[], dict[str, Any]], keep: int
) -> Path:
    """Write the checkpoint of `step` and remove all but the last `keep`; the folder written.

    `save_model` fills a model folder that does not exist yet. `state()` is asked afterwards and may hold
    tensors, numbers, text, None and lists, tuples and dictionaries of them. Raises EngineError when the disk
    is full or read-only; then nothing half-written stays.
    """
    target = folder_of(out, step)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        save_model(draft / MODEL)
        torch.save(state(), draft / TRAINER)
        _settle(draft)
        _replace(draft, target)
    except (OSError, RuntimeError, SafetensorError) as problem:  # torch and safetensors wrap a full disk
        raise EngineError(
            f"The checkpoint '{target}' cannot be written ({problem}); "
            "make room or choose another folder with --set out=..."
        ) from problem
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    for old in [found for found in steps(out) if found != step][: -(keep - 1) or None]:
        shutil.rmtree(_named(out, old), ignore_errors=True)
    return target


def hand_out(out: Path, folder: Path) -> Path:
    """Copy the model of the checkpoint `folder` to `<out>/model`, the place of a finished run's model.

    Raises EngineError when the disk is full or read-only.
    """
    target = out / MODEL
    draft = target.with_name(f".{MODEL}.{os.getpid()}.part")
    try:
        shutil.copytree(folder / MODEL, draft)
        _replace(draft, target)
    except OSError as problem:
        raise EngineError(
            f"The model '{target}' cannot be written ({problem}); make room first."
        ) from problem
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def read(folder: Path) -> dict[str, Any]:
    """The state of a checkpoint, tensors on the CPU. Raises EngineError where it is missing or damaged."""
    path = folder / TRAINER
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as problem:
        raise EngineError(
            f"The checkpoint '{path}' cannot be read ({_first_line(problem)}); "
            "remove its folder to go on from the one before."
        ) from problem
    if not isinstance(state, dict):
        raise EngineError(f"The checkpoint '{path}' is not one of this program; remove its folder.")
    return state


def sweep(out: Path) -> None:
    """Remove what a killed run left half-written."""
    for path in _children(out):
        if path.name.startswith(".step-") and path.suffix in (".part", ".old"):
            shutil.rmtree(path, ignore_errors=True)


def _children(out: Path) -> list[Path]:
    folder = out / "checkpoints"
    return list(folder.iterdir()) if folder.is_dir() else []


def _named(out: Path, step: int) -> Path:
    """The folder of a step that exists, however many zeros its name has."""
    matches = ((path, _NAME.fullmatch(path.name)) for path in _children(out))
    return next(path for path, match in matches if match and int(match[1]) == step)


def _replace(draft: Path, target: Path) -> None:
    """Put `draft` in the place of `target`; a folder cannot be renamed onto a full one, so an old one
    steps aside.
    """
    old = target.with_name(f".{target.name}.{os.getpid()}.old")
    if target.exists():
        target.rename(old)
    draft.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _settle(folder: Path) -> None:
    """Have the files on the disk before the folder gets its name: a power cut must not leave empty ones."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _first_line(problem: BaseException) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0]
