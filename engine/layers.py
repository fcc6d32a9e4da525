"""How one writes a scene of several layers: one a line, each with its gain, place and distance.

A line is a prompt, then a gain in dB, then words of place: "thunder -9 dB distant", "owl -15 dB left". This
module renders nothing and knows no sample.
"""

from __future__ import annotations

import re
from dataclasses import replace

from engine.configs import from_mapping, nearest, to_mapping
from engine.errors import UsageError
from engine.layer import Layer
from engine.scene import Scene

PLACES: dict[str, dict[str, float]] = {
    "left": {"pan": -0.6},
    "right": {"pan": 0.6},
    "centre": {"pan": 0.0},
    "center": {"pan": 0.0},
    "close": {"distance": 0.0},
    "near": {"distance": 0.2},
    "distant": {"distance": 0.7},
    "far": {"distance": 1.0},
}
"""Words of place that may stand behind the gain."""
NUMBERS = ("pan", "distance", "seed")
"""Words that are followed by a number."""

_LINE = re.compile(r"(?P<prompt>.+?)\s+(?P<gain>[+\-−]?\d+(?:[.,]\d+)?)\s*dB\b(?P<rest>.*)", re.IGNORECASE)


def layer_of(line: str) -> Layer:
    """The layer that a line describes. Raises UsageError for a word of place that is not known."""
    match = _LINE.fullmatch(line.strip())
    if match is None:
        return Layer(line.strip())
    gain_db = float(match["gain"].replace(",", ".").replace("−", "-"))
    layer = Layer(match["prompt"].strip().rstrip(",:"), gain_db)
    words = match["rest"].replace(",", " ").split()
    while words:
        word = words.pop(0).lower()
        if word not in NUMBERS and word not in PLACES:
            raise UsageError(
                f"A layer's place {word[:40]!r} is not known{nearest(word, [*PLACES, *NUMBERS])}"
            )
        numbers = PLACES.get(word) or {word: _number(word, words.pop(0) if words else "")}
        layer = from_mapping(Layer, {**to_mapping(layer), **numbers})
    return layer


def layered(scene: Scene, text: str) -> Scene:
    """The scene with what stands in a prompt box: one line is its prompt, several are its layers.

    A single line with a gain and nothing but places behind it is a layer too. The prompt of a layered scene
    is its layers' prompts together, for names and lists. Raises UsageError like `layer_of`.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2 and not (lines and _is_layer(lines[0])):
        return replace(scene, prompt=text.strip(), layers=())
    layers = tuple(layer_of(line) for line in lines)
    return replace(scene, prompt=", ".join(layer.prompt for layer in layers), layers=layers)


def layer_text(layer: Layer) -> str:
    """The line that `layer_of` reads as this layer."""
    words = [layer.prompt, f"{layer.gain_db:g} dB"]
    words += [f"{name} {getattr(layer, name):g}" for name in ("pan", "distance") if getattr(layer, name)]
    return " ".join(words + ([f"seed {layer.seed}"] if layer.seed is not None else []))


def scene_text(scene: Scene) -> str:
    """What stands in a prompt box for the scene: its prompt, or one layer a line."""
    return "\n".join(layer_text(layer) for layer in scene.layers) or scene.prompt


def _is_layer(line: str) -> bool:
    try:
        return layer_of(line).prompt != line.strip()
    except UsageError:  # a prompt that speaks of decibels
        return False


def _number(name: str, text: str) -> float | int:
    try:
        return int(text) if name == "seed" else float(text)
    except ValueError:
        raise UsageError(f"A layer's {name} is {text[:40]!r}, but must be a number.") from None
