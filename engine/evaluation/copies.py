"""Whether a model repeats what it has learnt from: the passages of its clips among those of the train clips.

Some likeness is chance. How much, the real test clips say, which the model has never heard: a clip that is
liker to a train clip than any of them is a near-copy. Refuses to know how clips are rendered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.asking import Asked
from engine.evaluation.bars import Bar, bar
from engine.evaluation.families import scene_of
from engine.evaluation.ground import Ground
from engine.evaluation.passages import Passages
from engine.evaluation.renders import Render
from engine.evaluation.texture import textures
from engine.training.manifest import Recording

NEAREST = 5
"""So many of the train clips of the nearest texture are looked at beside those of the same scene."""
SAME_RECORDING = 0.7
"""A test clip this like a train clip is a recording that came twice: it says nothing of chance."""


@dataclass(frozen=True)
class Likest:
    """likeness: of the likest passage, in `recording`. distance: to the train clip of the nearest texture."""

    likeness: float
    recording: Recording
    distance: float


def near_copies(ground: Ground, clips: Sequence[tuple[Asked, Render]]) -> Bar:
    """The bar of rendered clips; the split that the model has not heard is its yardstick."""
    originals = _Originals(ground)
    unlearnt = _unlearnt(ground, originals)
    doubled = [(name, one) for name, one in unlearnt if one.likeness >= SAME_RECORDING]
    chance = max((one.likeness for _, one in unlearnt if one.likeness < SAME_RECORDING), default=None)
    rendered = [
        (asked.prompt, originals.likest(render.passages, asked.scene, ground.place(render.statistics)))
        for asked, render in ground.telling("looking for copies", clips)
    ]
    copies = [(prompt, one) for prompt, one in rendered if chance is not None and one.likeness > chance]
    return bar(
        "near_copies",
        None if chance is None else float(len(copies)),
        len(clips),
        {
            "largest likeness": max((one.likeness for _, one in rendered), default=None),
            "largest of test clips": chance,
            "median distance to the nearest train clip": _median([one for _, one in rendered]),
            "that of test clips": _median([one for _, one in unlearnt]),
            **_told("copies", copies),
            **_told("test clips that are train clips too", doubled),
        },
    )


class _Originals:
    """The train clips, to look for passages in."""

    def __init__(self, ground: Ground) -> None:
        self.recordings, self.passages = ground.choice.others, ground.taught.passages
        self.scenes = np.array([scene_of(recording) for recording in self.recordings])
        self.places = np.stack([ground.place(statistics) for statistics in ground.taught.statistics])

    def likest(self, passages: Passages, scene: str, place: NDArray[np.float64]) -> Likest:
        """Among the clips of the scene and those of the nearest texture."""
        distances = np.linalg.norm(self.places - place, axis=1)
        near = np.argsort(distances)[:NEAREST]
        looked_at = sorted({*near.tolist(), *np.flatnonzero(self.scenes == scene).tolist()})
        likeness, best = max((passages.likeness(self.passages[number]), number) for number in looked_at)
        return Likest(likeness, self.recordings[best], float(distances[near[0]]))


def _unlearnt(ground: Ground, originals: _Originals) -> list[tuple[str, Likest]]:
    """The whole recordings of that split, where there is one."""
    found = []
    rows = ground.choice.unlearnt if ground.choice.apart else ()
    for row in ground.telling("looking for chance likeness", rows):
        place = ground.place(textures(ground.real.wave(row.recording), ground.real.rate))
        whole = Passages(ground.real.whole(row.recording), ground.real.rate)
        found.append((row.recording.path.name, originals.likest(whole, row.scene, place)))
    return found


def _median(likest: Sequence[Likest]) -> float | None:
    return float(np.median([one.distance for one in likest])) if likest else None


def _told(words: str, found: Sequence[tuple[str, Likest]]) -> dict[str, str]:
    named = [f"{name} ~ {one.recording.path.name} ({one.likeness:.2f})" for name, one in found]
    return {words: "; ".join(named)} if named else {}
