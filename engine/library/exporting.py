"""A clip in another format, rate or loudness: file to file, through the same mastering, without a model.

The new file carries the recipe, with the clip it was made from as its parent, and the labels. This module
knows no index; what is at the target is never overwritten.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.audio import read_blocks, sound_info
from engine.labels import Labels
from engine.library.labelling import write_labels
from engine.library.reading import read_sound_file
from engine.naming import Naming
from engine.recipe import Recipe
from engine.scene import Output, Scene
from engine.takes import write_take


def export(path: Path, clip: str, target: Path, output: Output) -> Path:
    """Write the sound of `path` as `output` says into `target`, a new file or a folder; the file's path.

    Raises UsageError for a target or output that cannot be, EngineError when something cannot be read or
    written; then no file is left.
    """
    output = output.checked()
    found, info = read_sound_file(path), sound_info(path)
    recipe = found.recipe or Recipe(Scene(path.stem))
    scene = replace(recipe.scene, seconds=info.samples / info.rate)
    take = write_take(
        read_blocks(path),
        info.rate,
        replace(recipe, scene=scene, output=output, clip="", parent=clip),
        target,
        target.parent,
        Naming(),
        looped=scene.loop,
    )
    if found.labels != Labels():
        write_labels(take.path, found.labels)
    return take.path
