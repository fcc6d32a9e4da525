"""What stands in the prompt box, read as a scene and told in a few words; what a scene is made from, and what
it becomes.

The lines themselves are read by the engine. This module knows no widget.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.changes import part_of
from engine.errors import UsageError
from engine.layer import MOST_LAYERS
from engine.layers import layered, scene_text
from engine.scene import PROMPT_CHARACTERS, Scene, morph_seconds


def tidied(text: str) -> str:
    """Lines without spare blanks; empty ones are left out."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def worded(scene: Scene, text: str) -> Scene:
    """The scene with the prompt or layers of the box; as it is, when the box says just what it says already.

    A line that cannot be read leaves a prompt of several lines, which no render takes: `misread` says why.
    """
    if text == tidied(scene_text(scene)):
        return scene
    try:
        return layered(scene, text)
    except UsageError:
        return replace(scene, prompt=text, layers=())


def misread(text: str) -> str:
    """Why the lines of the box are no layers, one sentence; "" when they can be read."""
    try:
        layered(Scene(""), text)
    except UsageError as error:
        return str(error)
    return ""


def counted(text: str) -> str:
    """How much stands in the box: "5 words", "2 layers, 7 words", or what is wrong with it."""
    scene = worded(Scene(""), text)
    if misread(text):
        return "a layer cannot be read"
    if len(scene.prompt) > PROMPT_CHARACTERS:
        return f"{len(scene.prompt)} characters: too long"
    if len(scene.layers) > MOST_LAYERS:
        return f"{len(scene.layers)} layers: too many"
    words = _many(len(scene.prompt.split()), "word")
    return f"{_many(len(scene.layers), 'layer')}, {words}" if scene.layers else words


def explained(text: str) -> str:
    """The same at length: each layer with its place, or why it cannot be read."""
    if wrong := misread(text):
        return wrong
    lines = []
    for layer in worded(Scene(""), text).layers:
        side = "left" if layer.pan < 0 else "right"
        place = [f"{layer.gain_db:g} dB", f"{abs(layer.pan):.0%} {side}" if layer.pan else "centre"]
        place += [f"distance {layer.distance:g}"] if layer.distance else []
        lines.append(f"{layer.prompt}: {', '.join(place)}")
    return "\n".join(lines)


def origin(scene: Scene) -> str:
    """What a scene is made from besides its prompt; "" for most."""
    words = []
    if scene.source:
        made = {
            "extend": f"extended at the {scene.at}",
            "inpaint": f"{_short(scene.part)} replaced",
        }.get(scene.change, f"varied, strength {scene.strength:g}")
        words.append(f"{made}: {Path(scene.source).name}")
    if scene.stem:
        words.append(f"layer {scene.stem} alone")
    return "; ".join(words)


def without_origin(scene: Scene) -> Scene:
    """The scene made from its prompts or layers alone."""
    return replace(
        scene,
        source="",
        change="",
        strength=Scene.strength,
        at=Scene.at,
        part="",
        stem=0,
    )


def becoming(morph: tuple[str, ...], blend: float | None) -> str:
    """What a scene becomes; "" when it morphs into nothing."""
    if not morph:
        return ""
    return f"becomes {', '.join(morph)}{' over time' if blend is None else f', blend {blend:g}'}"


def way(scene: Scene) -> str:
    """When a morph is where: "30 s midday insects → 60 s thunder"; "" when there is none."""
    if scene.morph and scene.blend is not None:
        return f"{scene.blend:.0%} of the way to {scene.morph[-1]}, all along"
    return " → ".join(f"{seconds:.4g} s {words}" for seconds, words in morph_seconds(scene)[1:])


def _short(part: str) -> str:
    try:
        return "{:.6g} to {:.6g} s".format(*part_of(part))
    except UsageError:  # it is refused when it is rendered
        return part


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
