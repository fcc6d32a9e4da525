"""Clips that are made from clips: variations, extensions and inpaintings, as a Scene asks for them.

It reads a clip's header to learn how long the new one is, and says which part of the old one is kept. It
changes no sample.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from engine.changes import KEEPING, SHORTEST_PART_SECONDS, part_of
from engine.errors import EngineError, UsageError
from engine.ranges import RANGES
from engine.recipe import read_recipe
from engine.scene import Scene

CROSSFADE_SECONDS = 0.1
"""Between the clip and what is new, inside the new part; of a short part a quarter."""
EXTENDED_SECONDS = 10.0
"""By how much a clip is extended when nothing is said."""


@dataclass(frozen=True)
class Kept:
    """What of a clip stays as it is, bit for bit, in the new one.

    path: the old clip. at_seconds: where it begins in the new one. first_seconds, last_seconds: the new part;
    it begins and ends with a cross-fade of `fade_seconds`, where it borders on the old one.
    """

    path: Path
    at_seconds: float
    first_seconds: float
    last_seconds: float

    @property
    def fade_seconds(self) -> float:
        """The cross-fade's length."""
        return min(CROSSFADE_SECONDS, (self.last_seconds - self.first_seconds) / 4)


def keeps(scene: Scene) -> bool:
    """Whether a part of the scene's clip stays as it is."""
    return bool(scene.source) and scene.change in KEEPING


def fitted(scene: Scene) -> Scene:
    """The scene with the length that its clip gives it, and the clip's path made absolute.

    A variation and an inpainting are as long as the clip; an extension has the scene's own length, all in
    all. Raises UsageError when the clip is too short, too long or does not hold the range, EngineError when
    it cannot be read.
    """
    if not scene.source:
        return scene
    from engine.audio import sound_info

    path = Path(scene.source).expanduser().absolute()
    seconds = sound_info(path).seconds
    bounds = RANGES["seconds"]
    if not bounds.low <= seconds <= bounds.high:
        raise UsageError(f"{path} has {seconds:.4g} s, but a clip to make another from has {bounds}.")
    scene = replace(scene, source=str(path), change=scene.change or "vary")
    if scene.change == "extend":
        if scene.seconds < seconds + SHORTEST_PART_SECONDS:
            raise UsageError(
                f"{path} has {seconds:.4g} s already: ask for more seconds than that, the clip's among them."
            )
        return scene
    if scene.change == "inpaint" and part_of(scene.part)[1] > seconds:
        raise UsageError(f"{path} has {seconds:.4g} s: the range {scene.part} reaches over its end.")
    return replace(scene, seconds=seconds, bars=None)


def parent_of(scene: Scene) -> str:
    """The clip id of the take that a scene's clip is, "" when it is none of ours."""
    try:
        return read_recipe(scene.source).clip if scene.source else ""
    except EngineError:  # a foreign clip has no recipe
        return ""


def kept(scene: Scene) -> Kept | None:
    """What stays of the clip of a fitted scene; None when all is new. Raises EngineError, as reading does."""
    from engine.audio import sound_info

    if not keeps(scene):
        return None
    path = Path(scene.source)
    if scene.change == "inpaint":
        return Kept(path, 0.0, *part_of(scene.part))
    seconds = sound_info(path).seconds
    fade = min(CROSSFADE_SECONDS, seconds / 4)
    if scene.at == "end":
        return Kept(path, 0.0, seconds - fade, scene.seconds)
    return Kept(path, scene.seconds - seconds, 0.0, scene.seconds - seconds + fade)
