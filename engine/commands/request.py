"""From options to values: the scene, the output, how many clips, and the files they go to.

`render` and `batch` share it. It reads no file but looks whether one is there; it renders nothing.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from engine.commands.parser import OUTPUT_OPTIONS
from engine.configs import from_mapping, to_mapping
from engine.errors import UsageError
from engine.ranges import RANGES
from engine.recipe import Recipe
from engine.scene import FORMATS, Output, Scene


def given(arguments: argparse.Namespace, options: Mapping[str, str]) -> dict[str, object]:
    """Those of `options` that were given, under their names in Scene and Output, as text."""
    values = {name.replace("-", "_"): getattr(arguments, name.replace("-", "_")) for name in options}
    return {name: value for name, value in values.items() if value is not None}


def scene_of(*layers: Mapping[str, object]) -> Scene:
    """The scene of names and values, a later layer over an earlier one. Raises UsageError, one sentence."""
    merged: dict[str, object] = {}
    for layer in layers:
        merged |= layer
    return from_mapping(Scene, merged).checked()


def output_of(arguments: argparse.Namespace, base: Output) -> Output:
    """The output that the options and the name given to --out ask for, else `base`. Raises UsageError."""
    options = given(arguments, OUTPUT_OPTIONS)
    named = _named_format(arguments.out or "")
    if named and options.setdefault("format", named) != named:
        raise UsageError(f"The file {arguments.out} says {named}, but --format says {options['format']}.")
    output = from_mapping(Output, {**to_mapping(base), **options})
    if output.format == "flac" and "bits" not in options and base.bits == "32f":
        output = replace(output, bits="24")
    return output.checked()


def machine_of(arguments: argparse.Namespace, recipe: Recipe | None = None) -> tuple[str, str, int]:
    """Device, precision and threads that are asked for, empty and 0 where nothing is.

    A recipe brings its own, since bits differ between them; another device does away with the other two.
    """
    device, precision = arguments.device or "", arguments.precision or ""
    if recipe is None or device not in ("", recipe.device):
        return device, precision, 0
    return recipe.device, precision or recipe.precision, recipe.threads


def count_of(arguments: argparse.Namespace) -> int:
    """How many variations. Raises UsageError."""
    if arguments.variations is None:
        return 1
    bounds = RANGES["variations"]
    return whole("variations", arguments.variations, int(bounds.low), int(bounds.high))


def whole(name: str, text: str, low: int, high: int) -> int:
    """The whole number that `text` is. Raises UsageError when it is none, or not from `low` to `high`."""
    try:
        number = int(text)
    except ValueError:
        raise UsageError(f"{name}: a whole number is expected, not {text[:40]!r}.") from None
    if not low <= number <= high:
        raise UsageError(f"The {name} are {text[:40]}, but must be from {low} to {high}.")
    return number


def targets_of(out: str | None, count: int) -> list[Path | None]:
    """Where each of `count` clips goes: None is the library, a folder gets names as in the library.

    Several clips for one file are numbered: rain.wav becomes rain-1.wav, rain-2.wav, ... Raises UsageError
    for a name that is neither file nor folder, and for a file that is there already: it is never overwritten.
    """
    if out is None:
        return [None] * count
    if not out:
        raise UsageError("--out is empty: name a file or a folder, or leave it out for the library.")
    path = Path(out).expanduser()
    if not _named_format(out):
        return [_folder(path, out)] * count
    digits = len(str(count))
    files = [
        path.with_name(f"{path.stem}-{number:0{digits}}{path.suffix}") if count > 1 else path
        for number in range(1, count + 1)
    ]
    for file in files:
        if os.path.lexists(file):
            raise UsageError(f"{file} is there already and is never overwritten: choose another name.")
    return [*files]


def folder_of(out: str | None) -> Path | None:
    """The folder that --out names; None is the library. Raises UsageError when it names a file."""
    if out is not None and _named_format(out):
        raise UsageError(f"A batch writes many files, so --out must be a folder, not {out}.")
    return targets_of(out, 1)[0]


def _folder(path: Path, out: str) -> Path:
    if path.is_dir():
        return path
    endings = " or ".join(f".{name}" for name in FORMATS)
    if path.exists():
        raise UsageError(f"{out} is there already, but is neither a folder nor ends in {endings}.")
    slashed = out.endswith(("/", os.sep))
    if slashed and path.suffix.lower().lstrip(".") in FORMATS:
        raise UsageError(f"{out} ends in a slash, but is named like a file: change one of the two.")
    if path.suffix and not slashed:
        raise UsageError(f"{out} does not end in {endings}; if it shall be a folder, end it with a slash.")
    return path


def _named_format(out: str) -> str:
    """The format that a file name says; empty for a folder."""
    path = Path(out).expanduser()
    if not out or out.endswith(("/", os.sep)) or path.is_dir():
        return ""
    suffix = path.suffix.lower().lstrip(".")
    return suffix if suffix in FORMATS else ""
