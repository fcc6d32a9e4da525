"""Scenes made definite: what a scene leaves open is filled in from its model, so that it can be made again.

It reads the index of a model and never loads one.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path

from engine.catalogue import find_model, weight_hash
from engine.edits import fitted
from engine.errors import EngineError
from engine.ranges import RANGES, check_number
from engine.recipe import Recipe
from engine.scene import Scene

SEEDS = int(RANGES["seed"].high) + 1


def resolved(scene: Scene) -> Scene:
    """The scene with every default of its model filled in and a seed drawn when it has none.

    A model folder becomes an absolute path; a scene made from a clip gets its length (see edits.fitted).
    Raises UsageError for a scene that cannot be rendered and for an unknown model, EngineError for a damaged
    one and for a clip that cannot be read.
    """
    scene = fitted(scene.checked())
    entry = find_model(scene.model)
    is_folder = Path(scene.model).expanduser().absolute() == entry.folder
    steps = entry.index.default_steps if scene.steps is None else scene.steps
    return replace(
        scene,
        model=str(entry.folder) if is_folder else scene.model,
        seed=secrets.randbelow(SEEDS) if scene.seed is None else scene.seed,
        steps=steps,
        guidance=entry.index.guidance_in(steps) if scene.guidance is None else scene.guidance,
        sampler=scene.sampler or entry.index.default_sampler,
    )


def variations(scene: Scene, count: int) -> list[Scene]:
    """`count` resolved scenes with the seeds seed, seed + 1, ...; after the last seed comes 0."""
    check_number("variations", count)
    first = resolved(scene)
    return [replace(first, seed=((first.seed or 0) + number) % SEEDS) for number in range(count)]


def check_weights(recipe: Recipe) -> None:
    """Raise EngineError when the recipe's model has other weights now than when the recipe was made."""
    now = weight_hash(find_model(recipe.scene.model).folder)
    if recipe.weight_hash != now:
        raise EngineError(
            f"The clip was made with the weights {recipe.weight_hash} of the model {recipe.model}, but "
            f"those here are {now}, so it cannot be made again; name the model to render its scene anew."
        )
