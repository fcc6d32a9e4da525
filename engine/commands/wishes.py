"""What the scene options say together: prompts, layers, and what a clip that there is already adds to them.

It reads recipes and headers of clips; it renders nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.commands.scene_options import wished
from engine.configs import from_mapping, to_mapping
from engine.edits import EXTENDED_SECONDS, keeps
from engine.errors import EngineError, UsageError
from engine.layers import layered
from engine.ranges import RANGES
from engine.recipe import Recipe, read_recipe
from engine.scene import Output, Scene

_BITS = {"PCM_16": "16", "PCM_24": "24", "PCM_32": "32f", "FLOAT": "32f", "DOUBLE": "32f"}


def scene_wished(arguments: argparse.Namespace, recipe: Recipe | None) -> Scene:
    """The scene that the prompt and the options ask for, over that of a recipe. Raises UsageError."""
    options = wished(arguments)
    given = {*options}
    words = _words(arguments, options, recipe)
    made = to_mapping(recipe.scene) if recipe else {}
    scene = scene_with({**made, **words}, options)
    for field, (belongs_to, there) in _belongings(scene).items():
        if field in given and not there:
            option = {"part": "range"}.get(field, field)
            raise UsageError(
                f"--{option} goes with {belongs_to}, which is not there: add it, or leave it out."
            )
    return scene


def scene_with(made: Mapping[str, Any], options: Mapping[str, Any]) -> Scene:
    """The scene of names and values, `options` over what there is; their layers and a prompt of several lines
    become layers. Raises UsageError, one sentence.
    """
    options = dict(options)
    lines = options.pop("layers", [])
    scene = from_mapping(Scene, {**made, **options})
    if lines or "\n" in scene.prompt.strip():
        scene = layered(scene, "\n".join([scene.prompt, *lines]))
    if scene.change == "extend" and not {"seconds", "bars"} & {*options}:
        scene = replace(scene, seconds=_length(scene.source) + EXTENDED_SECONDS)
    return scene.checked()


def output_for(scene: Scene, given: Mapping[str, object], output: Output) -> Output:
    """The output, but with rate and bits of the scene's clip where it is kept and nothing else is said."""
    if not keeps(scene):
        return output
    from engine.audio import sound_info

    info, bounds = sound_info(scene.source), RANGES["rate"]
    rate = output.rate if "rate" in given else int(min(bounds.high, max(bounds.low, info.rate)))
    bits = output.bits if "bits" in given else _BITS.get(info.subtype, output.bits)
    if output.format == "flac" and bits == "32f":
        bits = "24"
    return replace(output, rate=rate, bits=bits)


def _belongings(scene: Scene) -> dict[str, tuple[str, bool]]:
    """Fields that mean something beside others only: the option they go with, and whether it is there."""
    return {
        "part": ("--inpaint", scene.change == "inpaint"),
        "at": ("--extend", scene.change == "extend"),
        "strength": ("--from", bool(scene.source) and scene.change in ("", "vary")),
        "blend": ("--morph", bool(scene.morph)),
    }


def _words(
    arguments: argparse.Namespace, options: dict[str, Any], recipe: Recipe | None
) -> dict[str, object]:
    """The prompt, from wherever there is one: the first of a morph, or the clip that is to be changed."""
    if arguments.prompt is not None:
        return {"prompt": arguments.prompt}
    if recipe is not None:
        return {}
    if options.get("morph"):
        first, *options["morph"] = options["morph"]
        return {"prompt": first}
    if options.get("layers"):
        first, *options["layers"] = options["layers"]
        return {"prompt": first}
    if options.get("source"):
        return {"prompt": _prompt_of(options["source"])}
    raise UsageError('Say what shall be heard, for example: roomtone render "rain on a tin roof"')


def _prompt_of(clip: str) -> str:
    path = Path(clip).expanduser()
    _length(path)  # what is no sound at all is told as such
    try:
        return read_recipe(path).scene.prompt
    except EngineError:
        raise UsageError(f"{clip} does not say what it is: give a prompt, too.") from None


def _length(clip: str | Path) -> float:
    from engine.audio import sound_info

    return sound_info(Path(clip).expanduser()).seconds
