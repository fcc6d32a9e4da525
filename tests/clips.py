"""Small libraries for the tests: takes of noise, a tenth of a second long, each with its own scene."""

from __future__ import annotations

from pathlib import Path

from engine.library import Library
from engine.recipe import Recipe
from engine.scene import Output, Scene
from engine.takes import Take, write_take
from tests.sounds import cut, noise

PROMPT = "steady rain on a canvas tent"


def take(
    folder: Path, prompt: str = PROMPT, output: Output | None = None, seconds: float = 0.1, **of_scene: object
) -> Take:
    """A finished take in the library `folder`."""
    scene = Scene(prompt, seconds=seconds, seed=7, **of_scene)  # type: ignore[arg-type]
    recipe = Recipe(scene, output or Output(), "mini", "0123456789abcdef", version="0.1.0")
    return write_take(cut(noise(seconds)), 44_100, recipe, None, folder)


def library_in(folder: Path, watching: bool = False) -> Library:
    """An open library with its index beside it."""
    return Library(folder / "library", folder / "state" / "library.sqlite").open(watching)
