"""Scenes and their families: rain on a tent and rain on a window are both rain.

A clip whose nearest scene is the wrong one of the right family is half a success, and told apart. Refuses
to know sounds and vectors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.training.manifest import Recording

FAMILIES: Mapping[str, str] = {
    "rain": "rain rain_surface hail",
    "thunder": "thunder thunderstorm",
    "running water": "stream_river waterfall fountain water_hose geyser_hotspring boiling_bubbles",
    "sea": "ocean_waves lake_shore seagulls harbor boat",
    "hollow places": "cave underwater ice_lake",
    "wind": "wind wind_trees snow_storm desert winter_quiet",
    "fire": "fire lava",
    "birds": "forest_birds lake_birds meadow park jungle",
    "insects": "night_insects insects_day forest_night",
    "frogs": "frogs swamp",
    "animals": "farm wildlife wolves_coyotes cat_purr",
    "city": "city traffic village construction",
    "people": "cafe_restaurant market crowd",
    "household": "clock keyboard office cooking library",
    "bells": "church_temple wind_chimes",
    "transport": "train subway bus_car airplane helicopter horse_wagon",
    "machines": "machinery factory chainsaw",
    "hum and room": "room_tone electric_hum fan_ac noise_colour vinyl",
    "design": "horror spaceship",
}
"""Family -> its scenes, for the scenes of our own corpus."""

_OF_SCENE = {scene: family for family, scenes in FAMILIES.items() for scene in scenes.split()}
_UCS_CATEGORY = re.compile(r"[A-Z]+(?![a-z])")


def scene_of(recording: Recording) -> str:
    """What the clip is called: its scene, else its UCS CatID, else nothing."""
    return recording.scene or recording.ucs_category


def family_of(scene: str, ucs_category: str = "") -> str:
    """The family of a scene; of an unknown one the category of its UCS CatID ("RAINVege" is of "RAIN").

    An unknown scene without a category is its own family.
    """
    if scene in _OF_SCENE:
        return _OF_SCENE[scene]
    category = _UCS_CATEGORY.match(ucs_category)
    return category[0] if category else scene
