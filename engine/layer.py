"""The Layer: one sound of a scene of several, with its gain, place and distance; and what it may not be.

It knows no scene and renders nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import UsageError
from engine.ranges import check_number

MOST_LAYERS = 8


@dataclass(frozen=True)
class Layer:
    """One sound of a scene.

    gain_db: against the other layers, all of which are brought to one loudness first. pan: -1 left, 1 right.
    distance: 0 close, 1 far: darker, narrower and more of the room. seed: None follows from the scene's.
    """

    prompt: str
    gain_db: float = 0.0
    pan: float = 0.0
    distance: float = 0.0
    seed: int | None = None


def check_layers(layers: Sequence[Layer], stem: int) -> None:
    """Raise UsageError, one sentence, when the layers of a scene, or the stem asked of them, cannot be."""
    if len(layers) > MOST_LAYERS:
        raise UsageError(f"A scene has {len(layers)} layers, but at most {MOST_LAYERS} are rendered.")
    for layer in layers:
        if not any(character.isalnum() for character in layer.prompt):
            raise UsageError("A layer has no prompt: say in each line what shall be heard.")
        for name in ("gain_db", "pan", "distance", "seed"):
            check_number(name, getattr(layer, name))
    if not 0 <= stem <= len(layers):
        raise UsageError(f"There is no stem {stem}: the scene has {len(layers)} layers.")
