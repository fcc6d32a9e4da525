"""Roomtone in Ableton Live 11 and 12: a Remote Script that renders what a track is named after.

Choose it as a Control Surface in Settings > Link, Tempo & MIDI. It needs Live's own Python (3.7 or newer) and
nothing else. Name an audio track `roomtone: steady rain on a tent, 4 bars` and the clip comes into it.
"""

from __future__ import annotations

from typing import Any


def create_instance(c_instance: Any) -> Any:
    """What Live calls to make the control surface."""
    from .surface import Roomtone

    return Roomtone(c_instance)
