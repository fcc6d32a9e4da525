"""Small libraries for the tests: takes of noise, a tenth of a second long, each with its own scene."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.library import Filters, Library
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


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An open library without a clip."""
    with library_in(tmp_path) as library:
        yield library


def titles(library: Library, query: str = "", **filters: object) -> list[str]:
    """The titles of the clips that are found, in order; their count must agree."""
    found = library.search(query, Filters(**filters))  # type: ignore[arg-type]
    assert library.count(query, Filters(**filters)) == len(found)  # type: ignore[arg-type]
    return [clip.title for clip in found]
