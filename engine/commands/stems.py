"""Stems: for a mix of layers that is done, a file of each layer as it is in the mix.

All get the mix's own gain instead of a loudness of theirs, so that their sum is the mix.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from engine.errors import UsageError
from engine.jobs import Job
from engine.recipe import read_recipe_and_sound
from engine.scene import Output, Scene
from engine.ucs import ascii_text

LONGEST_NAME = 24


def stem_targets(scene: Scene, target: Path | None) -> list[Path | None]:
    """Where the stem of each layer goes: beside its mix. None and a folder name files as they always do.

    Raises UsageError when a file is there already, for a scene without layers and for one with a width.
    """
    if not scene.layers:
        raise UsageError("There are no layers to write as stems: add them with --layer.")
    if scene.width is not None:
        raise UsageError("Stems of a mix whose width is changed would not add up to it: leave the width out.")
    if target is None or not target.suffix or target.is_dir():
        return [target] * len(scene.layers)
    files: list[Path | None] = []
    for number, layer in enumerate(scene.layers, start=1):
        words = "".join(sign if sign.isalnum() else " " for sign in ascii_text(layer.prompt)).split()
        name = "-".join(words)[:LONGEST_NAME].strip("-").lower()
        file = target.with_name(f"{target.stem}-{number}-{name or 'layer'}{target.suffix}")
        if os.path.lexists(file):
            raise UsageError(f"{file} is there already and is never overwritten: choose another name.")
        files.append(file)
    return files


def stems_of(mix: Job) -> list[tuple[Scene, Output]]:
    """Scene and output of each layer of a mix that is done. Raises EngineError when it cannot be read."""
    recipe, figures = read_recipe_and_sound(mix.path)
    scene = recipe.scene  # of several candidates the one that was chosen
    output = replace(recipe.output, gain_db=float(figures["gain_db"]))
    return [
        (replace(scene, prompt=layer.prompt, stem=number), output)
        for number, layer in enumerate(scene.layers, start=1)
    ]
