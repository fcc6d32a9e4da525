"""Presets as messages may name them: by their keys, never by a file.

This module knows no socket and no studio.
"""

from __future__ import annotations

from engine.errors import UsageError
from engine.presets import SUFFIX, Preset, find_preset


def known_preset(name: str) -> Preset:
    """The preset of that key or name. Raises UsageError; the name of a file is none."""
    if name.endswith(SUFFIX):
        raise UsageError("Over OSC a preset is called by its name; a file is not opened.")
    return find_preset(name)
