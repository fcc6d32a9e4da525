"""Figures of a CLAP: does a clip find its scene among all scenes, do words that no caption has land near the
right one.

Mathematics on vectors and names of scenes; it knows no network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from engine.models.clap import similarity

# Words for the ear to judge by, with the scenes of the corpus that would be right.
WORDS: Mapping[str, str] = {
    "downpour": "rain rain_surface thunderstorm",
    "drizzle": "rain rain_surface",
    "raindrops on an umbrella": "rain rain_surface",
    "tempest": "thunderstorm thunder wind snow_storm",
    "gale": "wind wind_trees snow_storm desert",
    "zephyr": "wind wind_trees meadow desert",
    "brook": "stream_river",
    "rivulet": "stream_river",
    "cascade": "waterfall stream_river fountain",
    "seaside": "ocean_waves harbor seagulls lake_shore",
    "breakers": "ocean_waves lake_shore",
    "sparrows": "forest_birds park meadow lake_birds",
    "songbirds in the woods": "forest_birds park meadow",
    "owl": "forest_night night_insects forest_birds",
    "crickets after sunset": "night_insects insects_day forest_night",
    "bonfire": "fire",
    "hearth": "fire",
    "burning logs": "fire",
    "metro": "subway train",
    "locomotive": "train subway",
    "computer fan": "fan_ac machinery electric_hum",
    "air conditioner": "fan_ac machinery room_tone",
    "pub": "cafe_restaurant crowd market",
    "pendulum": "clock",
    "blizzard": "snow_storm wind winter_quiet",
    "grotto": "cave",
    "hens": "farm",
    "toads": "frogs swamp",
    "starship engine": "spaceship machinery",
    "chopper": "helicopter",
    "power saw": "chainsaw construction",
    "nightmare": "horror",
}


def scene_vectors(vectors: Tensor, scenes: Sequence[str]) -> dict[str, Tensor]:
    """(n, d) vectors of clips or sentences and their scenes -> the mean direction of each scene, (d,)."""
    unit = torch.nn.functional.normalize(vectors.float(), dim=-1)
    found: dict[str, list[Tensor]] = {}
    for vector, scene in zip(unit, scenes):
        found.setdefault(scene, []).append(vector)
    return {scene: torch.stack(members).mean(0) for scene, members in sorted(found.items())}


def recall(queries: Tensor, scenes: Sequence[str], targets: Mapping[str, Tensor], top: int) -> float:
    """The share of queries (n, d) whose own scene is among the `top` nearest; queries of other scenes do not
    count.
    """
    names = list(targets)
    known = [place for place, scene in enumerate(scenes) if scene in targets]
    if not known:
        return 0.0
    nearest = (
        similarity(queries[known], torch.stack(list(targets.values())))
        .topk(min(top, len(names)), dim=1)
        .indices
    )
    hits = [names.index(scenes[place]) in row for place, row in zip(known, nearest.tolist())]
    return sum(hits) / len(hits)


def nearest_scenes(queries: Tensor, targets: Mapping[str, Tensor], top: int = 3) -> list[list[str]]:
    """The names of the `top` scenes nearest to each query."""
    names = list(targets)
    rows = similarity(queries, torch.stack(list(targets.values()))).topk(min(top, len(names)), dim=1).indices
    return [[names[place] for place in row] for row in rows.tolist()]


def word_hits(nearest: Sequence[Sequence[str]], right: Sequence[str], known: Mapping[str, Tensor]) -> float:
    """The share of words whose first scene is one of the right ones; words without a known right scene do not
    count.
    """
    judged = [
        (row[0], names.split()) for row, names in zip(nearest, right) if known.keys() & set(names.split())
    ]
    return sum(first in names for first, names in judged) / max(1, len(judged))
