"""A clip in another format, rate or loudness: file to file, through the same mastering, without a model.

The new file carries the recipe, with the clip it was made from as its parent, and the labels. This module
knows no index; what is at the target is never overwritten.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.labels import Labels
from engine.library.labelling import write_labels
from engine.library.reading import read_sound_file
from engine.recipe import Recipe
from engine.scene import Output, Scene
from engine.takes import write_again


def export(path: Path, clip: str, target: Path, output: Output) -> Path:
    """Write the sound of `path` as `output` says into `target`, a new file or a folder; the file's path.

    Raises UsageError for a target or output that cannot be, EngineError when something cannot be read or
    written; then no file is left.
    """
    found = read_sound_file(path)
    recipe = found.recipe or Recipe(Scene(path.stem, seconds=found.seconds))
    take = write_again(path, replace(recipe, output=output.checked(), clip="", parent=clip), target)
    if found.labels != Labels():
        write_labels(take.path, found.labels)
    return take.path
