"""The options that say what shall be heard: for every field of a Scene but its prompt.

Values stay text, as everywhere in the grammar; what the options say together, and about which clip, is put
together in `wishes`. This module knows no command.
"""

from __future__ import annotations

from argparse import Namespace, _ArgumentGroup
from typing import Any

from engine.changes import ENDS
from engine.edits import CROSSFADE_SECONDS
from engine.errors import UsageError
from engine.ranges import DRAFT_STEPS, RANGES, SAMPLER_NAMES
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
    "draft": f"{DRAFT_STEPS} sampler steps: a quick sketch, to choose from",
    "guidance": f"how closely the prompt is followed, {RANGES['guidance']} (default: the model's)",
    "guidance-rescale": f"tames strong guidance, {RANGES['guidance_rescale']} (default 0, off)",
    "sampler": f"{', '.join(SAMPLER_NAMES)} (default: the model's)",
    "model": f"name of a model, or its folder (default {Scene.model})",
    "width": f"{RANGES['width']}: 0 is mono, 1 decorrelated (default: as the model makes it)",
    "layer": "one more sound in the mix, as 'thunder -9 dB distant' or 'owl -15 dB left'; may come again",
    "morph": "prompts that the sound becomes, one after the other",
    "blend": f"with --morph: one sound all along, so far from the first to the last, {RANGES['blend']}",
    "best-of": f"of so many the one that fits best, {RANGES['best_of']}; the others are rejected",
}

CLIP_OPTIONS: dict[str, str] = {
    "from": "make a variation of this sound file; see --strength",
    "extend": "go on from this sound file to a length of --seconds in all; see --at",
    "inpaint": "replace the --range of this sound file",
    "strength": f"{RANGES['strength']}: 0 is the file, 1 a fresh clip (default {Scene.strength:g})",
    "at": f"where to extend: {' or '.join(ENDS)} (default {Scene.at})",
    "range": f"part to replace, in seconds, as 3.0-5.5; it is faded in and out in {CROSSFADE_SECONDS:g} s",
}
"""Options about a clip that there is already."""

CHANGE_OF = {"from": "vary", "extend": "extend", "inpaint": "inpaint"}
FIELD_OF = {"layer": "layers", "range": "part", "draft": "steps"}
"""Where an option is not called as the field that it sets."""

METAVARS = {
    "avoid": "TEXT",
    "seconds": "S",
    "bpm": "BPM",
    "meter": "N/D",
    "guidance": "G",
    "guidance-rescale": "R",
    "sampler": "NAME",
    "model": "NAME|FOLDER",
    "width": "W",
    "layer": "LINE",
    "morph": "PROMPT",
    "blend": "B",
    "from": "CLIP",
    "extend": "CLIP",
    "inpaint": "CLIP",
    "strength": "X",
    "at": "|".join(ENDS),
    "range": "A-B",
}

_FORMS: dict[str, dict[str, Any]] = {
    "loop": {"action": "store_const", "const": "true"},
    "draft": {"action": "store_const", "const": str(DRAFT_STEPS)},
    "layer": {"action": "append"},
    "morph": {"nargs": "+"},
}


def add_scene_options(group: _ArgumentGroup) -> None:
    """All of SCENE_OPTIONS, with their help."""
    _add(group, SCENE_OPTIONS)


def add_clip_options(group: _ArgumentGroup) -> None:
    """All of CLIP_OPTIONS, with their help."""
    _add(group, CLIP_OPTIONS)


def wished(arguments: Namespace) -> dict[str, Any]:
    """The options that were given, as text under the names of a Scene's fields; layers are lines still.

    A length in seconds does away with one in bars that a recipe or preset brings. Raises UsageError when both
    are given, for steps of a draft, and for more than one clip to start from.
    """
    if arguments.draft and arguments.steps:
        raise UsageError("Give either --draft or --steps, not both.")
    given: dict[str, Any] = {}
    for option in (*SCENE_OPTIONS, *CLIP_OPTIONS):
        value = getattr(arguments, option.replace("-", "_"), None)
        if value is None:
            continue
        if option not in CHANGE_OF:
            given[FIELD_OF.get(option, option.replace("-", "_"))] = value
        elif "source" in given:
            raise UsageError("Give one clip to start from: either --from, --extend or --inpaint.")
        else:
            given |= {"source": value, "change": CHANGE_OF[option]}
    if "seconds" not in given:
        return given
    if "bars" in given:
        raise UsageError("Give the length either in --seconds or in --bars, not in both.")
    return {"bars": None, **given}


def _add(group: _ArgumentGroup, options: dict[str, str]) -> None:
    for name, text in options.items():
        form = _FORMS.get(name, {})
        if "const" not in form:
            form = {"metavar": METAVARS.get(name, "N"), **form}
        group.add_argument(f"--{name}", help=text, **form)
