"""What the panel remembers from one time to the next: where things stood and what was in each control.

A JSON file in the state folder, written by the panel alone. One that cannot be read costs the memory, never
the start. It knows no widget.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from engine.configs import from_mapping, to_mapping
from engine.errors import UsageError
from engine.scene import Output, Scene
from engine.settings import folders
from engine.textfiles import replace_text

FILE_NAME = "panel.json"


@dataclass(frozen=True)
class PanelState:
    """Everything that is remembered.

    scale: of the whole panel, 1.0 is 100 %. geometry, splitters: Qt's own bytes in base64.
    presets_shown: the filter of the browser. others: what further widgets want remembered, by
    their name. welcomed: the first start is over.
    """

    theme: str = "system"
    scale: float = 1.0
    geometry: str = ""
    splitters: dict[str, str] = field(default_factory=dict)
    scene: Scene = field(default_factory=lambda: Scene(""))
    output: Output | None = None
    variations: int = 1
    stems: bool = False
    follow_daw: bool = False
    unfolded: bool = False
    title: str = ""
    history: tuple[str, ...] = ()
    preset_search: str = ""
    presets_shown: str = "all"
    families: tuple[str, ...] = ()
    bridge_on: bool = True
    others: dict[str, Any] = field(default_factory=dict)
    welcomed: bool = False


def state_file() -> Path:
    """Where it is kept."""
    return folders().state / FILE_NAME


def load_state() -> PanelState:
    """What was remembered; what is missing or wrong in the file is as on the first day."""
    try:
        mapping = json.loads(state_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return PanelState()
    return _from(mapping) if isinstance(mapping, Mapping) else PanelState()


def save_state(state: PanelState) -> None:
    """Remember it. Raises EngineError when the file cannot be written."""
    replace_text(state_file(), json.dumps(to_mapping(state), indent=1))


def _from(mapping: Mapping[str, Any]) -> PanelState:
    """Field by field, so that one that another version wrote otherwise spoils no other."""
    state = PanelState()
    for known in fields(PanelState):
        if known.name not in mapping:
            continue
        try:
            read = from_mapping(PanelState, {known.name: mapping[known.name]})
        except UsageError:
            continue
        state = replace(state, **{known.name: getattr(read, known.name)})
    return state
