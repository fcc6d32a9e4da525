"""The options that say what shall be heard: one for every field of a Scene but its prompt.

Values stay text, as everywhere in the grammar; what several options say together is put together in
`request`. This module knows no command.
"""

from __future__ import annotations

from argparse import Namespace, _ArgumentGroup

from engine.errors import UsageError
from engine.ranges import RANGES, SAMPLER_NAMES
from engine.scene import Scene

SCENE_OPTIONS: dict[str, str] = {
    "avoid": "what shall not be heard",
    "seconds": f"length of the clip, {RANGES['seconds']} (default {Scene.seconds:g})",
    "bars": f"length in bars of the meter, {RANGES['bars']}; needs --bpm",
    "bpm": f"tempo in quarter notes a minute, {RANGES['bpm']}",
    "meter": f"such as 7/8 (default {Scene.meter})",
    "loop": "the end goes on into the beginning, without a seam",
    "seed": f"the same seed gives the same clip; {RANGES['seed']} (default: drawn and shown)",
    "steps": f"sampler steps, {RANGES['steps']} (default: the model's)",
    "guidance": f"how closely the prompt is followed, {RANGES['guidance']} (default: the model's)",
    "guidance-rescale": f"tames strong guidance, {RANGES['guidance_rescale']} (default 0, off)",
    "sampler": f"{', '.join(SAMPLER_NAMES)} (default: the model's)",
    "model": f"name of a model, or its folder (default {Scene.model})",
}

METAVARS = {
    "avoid": "TEXT",
    "seconds": "S",
    "bpm": "BPM",
    "meter": "N/D",
    "guidance": "G",
    "guidance-rescale": "R",
    "sampler": "NAME",
    "model": "NAME|FOLDER",
}


def add_scene_options(group: _ArgumentGroup) -> None:
    """All of SCENE_OPTIONS, with their help."""
    for name, text in SCENE_OPTIONS.items():
        if name == "loop":
            group.add_argument("--loop", action="store_const", const="true", help=text)
        else:
            group.add_argument(f"--{name}", metavar=METAVARS.get(name, "N"), help=text)


def wished(arguments: Namespace) -> dict[str, object]:
    """The scene options that were given, as text under the names of a Scene's fields.

    A length in seconds does away with one in bars that a recipe or preset brings. Raises UsageError when both
    are given.
    """
    names = [name.replace("-", "_") for name in SCENE_OPTIONS]
    given = {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}
    if "seconds" not in given:
        return given
    if "bars" in given:
        raise UsageError("Give the length either in --seconds or in --bars, not in both.")
    return {"bars": None, **given}
