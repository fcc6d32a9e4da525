"""The scenes that formulas can say: for each its voice, which gives a stereo wave and captions true of it.

Levels do not matter: they are set afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.training.procedural import makings, nature
from engine.training.procedural.tools import Made, Random

Voice = Callable[[Random, float], Made]

VOICES: Mapping[str, Voice] = {
    "rain": nature.rain,
    "ocean_waves": nature.waves,
    "stream_river": nature.stream,
    "wind": nature.wind,
    "fire": nature.fire,
    "thunder": nature.thunder,
    "forest_birds": nature.birds,
    "night_insects": nature.crickets,
    "frogs": nature.frogs,
    "cave": nature.drips,
    "hail": nature.hail,
    "clock": makings.clock,
    "keyboard": makings.typing,
    "electric_hum": makings.hum,
    "fan_ac": makings.fan,
    "noise_colour": makings.noise_colour,
    "room_tone": makings.room_tone,
    "vinyl": makings.vinyl,
    "spaceship": makings.spaceship,
    "horror": makings.horror,
    "wind_chimes": makings.chimes,
    "church_temple": makings.bells,
    "machinery": makings.engine,
    "boiling_bubbles": nature.bubbles,
}
"""Scene -> its voice."""
