"""From measured clips to the figures of a table: mathematics on vectors and names. Knows no network."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.evaluation.clips import Row
from engine.evaluation.frechet import frechet_distance
from engine.evaluation.sound import ClipSound
from engine.training import retrieval

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Measured:
    """One clip of one row, rendered or real: its unit vector (d,), its sound, its distance from the real,
    the family that the judge names.
    """

    row: Row
    vector: Vectors
    sound: ClipSound
    mel_distance: float | None = None
    judged_family: str = ""


@dataclass(frozen=True)
class Landmarks:
    """What clips are judged by. by_sound, by_text: the mean direction of each scene's clips and captions.

    captions: (rows, d), one of each measured row. family: of a scene.
    """

    by_sound: Mapping[str, Tensor]
    by_text: Mapping[str, Tensor]
    captions: Vectors
    family: Callable[[str], str]


@dataclass(frozen=True)
class Figures:
    """Of one column. Shares are from 0 to 1; None where there is nothing to compare with.

    frechet: to the real clips of the same rows. clip_to_scene: the clip's scene is among the first 1 or 5 by
    the scenes' captions; caption_to_scene: the caption's scene among those of the column's clips;
    caption_cosine: clip and its caption. nearest_scene, nearest_family: by the real clips of the other rows.
    judged_family: the same by engine.evaluation.judge, which owes nothing to the model.
    Loudness in LUFS, over clips that are not silent, before any finishing. mel_distance in nepers.
    """

    clips: int
    frechet: float | None
    clip_to_scene_r1: float | None
    clip_to_scene_r5: float | None
    caption_to_scene_r1: float | None
    caption_to_scene_r5: float | None
    caption_cosine: float
    nearest_scene: float | None
    nearest_family: float | None
    judged_family: float | None
    lufs_mean: float | None
    lufs_lowest: float | None
    lufs_highest: float | None
    clipped: float
    near_silent: float
    mono: float
    side_to_mid: float | None
    centroid_hz: float | None
    mel_distance: float | None


def figures_of(
    measured: Sequence[Measured],
    landmarks: Landmarks,
    frechet: tuple[Vectors, Vectors] | None,
    judged: bool = True,
) -> Figures:
    """The figures of one column. frechet: the two sets of vectors to compare. judged False: no nearest."""
    vectors = np.stack([one.vector for one in measured])
    heard, scenes = torch.from_numpy(vectors), [one.row.scene for one in measured]
    captions = torch.from_numpy(landmarks.captions)
    own = retrieval.scene_vectors(heard, scenes)
    nearest = nearest_scenes(measured, landmarks)
    sounds = [one.sound for one in measured]
    loud = [sound.lufs for sound in sounds if math.isfinite(sound.lufs)]
    distances = [one.mel_distance for one in measured if one.mel_distance is not None]
    return Figures(
        clips=len(measured),
        frechet=frechet_distance(*frechet) if frechet else None,
        clip_to_scene_r1=_recall(heard, scenes, landmarks.by_text, 1),
        clip_to_scene_r5=_recall(heard, scenes, landmarks.by_text, 5),
        caption_to_scene_r1=_recall(captions, scenes, own, 1),
        caption_to_scene_r5=_recall(captions, scenes, own, 5),
        caption_cosine=float((vectors * landmarks.captions).sum(1).mean()),
        nearest_scene=_share(scene_hits(measured, nearest, landmarks)) if judged else None,
        nearest_family=_share(family_hits(measured, nearest, landmarks)) if judged else None,
        judged_family=_share(judged_hits(measured, landmarks)) if judged else None,
        lufs_mean=_mean(loud),
        lufs_lowest=min(loud, default=None),
        lufs_highest=max(loud, default=None),
        clipped=_mean([float(sound.clipped) for sound in sounds]) or 0.0,
        near_silent=_mean([float(sound.near_silent) for sound in sounds]) or 0.0,
        mono=_mean([float(sound.mono) for sound in sounds]) or 0.0,
        side_to_mid=_mean([sound.side_to_mid for sound in sounds if math.isfinite(sound.side_to_mid)]),
        centroid_hz=_mean([sound.centroid_hz for sound in sounds if sound.centroid_hz is not None]),
        mel_distance=_mean(distances),
    )


def family_shares(
    columns: Mapping[str, Sequence[Measured]], landmarks: Landmarks
) -> dict[str, dict[str, float | None]]:
    """{family: {"clips": n, column: share of its clips whose nearest scene is of the family}}."""
    table: dict[str, dict[str, float | None]] = {}
    for key, measured in columns.items():
        families = [landmarks.family(one.row.scene) for one in measured]
        hits = family_hits(measured, nearest_scenes(measured, landmarks), landmarks)
        for family in sorted(set(families)):
            own = [hit for hit, of in zip(hits, families) if of == family]
            table.setdefault(family, {"clips": float(len(own))})[key] = _share(own)
    return table


def nearest_scenes(measured: Sequence[Measured], landmarks: Landmarks) -> list[str]:
    """The scene whose real clips sound most like each clip."""
    heard = torch.from_numpy(np.stack([one.vector for one in measured]))
    return [names[0] for names in retrieval.nearest_scenes(heard, landmarks.by_sound, 1)]


def nearest_families(measured: Sequence[Measured], landmarks: Landmarks) -> list[str]:
    """The family of the scene whose real clips sound most like each clip."""
    return [landmarks.family(scene) for scene in nearest_scenes(measured, landmarks)]


def scene_hits(
    measured: Sequence[Measured], nearest: Sequence[str], landmarks: Landmarks
) -> list[bool | None]:
    """Whether the nearest scene is the right one; None where no choice was possible."""
    known = landmarks.by_sound if len(landmarks.by_sound) > 1 else {}
    return [
        found == one.row.scene if one.row.scene in known else None for one, found in zip(measured, nearest)
    ]


def family_hits(
    measured: Sequence[Measured], nearest: Sequence[str], landmarks: Landmarks
) -> list[bool | None]:
    """Whether the nearest scene is of the right family; None where no choice was possible."""
    known = {landmarks.family(scene) for scene in landmarks.by_sound}
    families = [landmarks.family(one.row.scene) for one in measured]
    return [
        landmarks.family(found) == family if len(known) > 1 and family in known else None
        for family, found in zip(families, nearest)
    ]


def judged_hits(measured: Sequence[Measured], landmarks: Landmarks) -> list[bool | None]:
    """Whether the judge names the right family; None where no choice was possible."""
    known = {landmarks.family(scene) for scene in landmarks.by_sound}
    families = [landmarks.family(one.row.scene) for one in measured]
    return [
        one.judged_family == family if len(known) > 1 and family in known else None
        for one, family in zip(measured, families)
    ]


def _recall(queries: Tensor, scenes: Sequence[str], targets: Mapping[str, Tensor], top: int) -> float | None:
    if len(targets) <= top or not targets.keys() & set(scenes):
        return None
    return retrieval.recall(queries, scenes, targets, top)


def _share(hits: Sequence[bool | None]) -> float | None:
    return _mean([float(hit) for hit in hits if hit is not None])


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if len(values) else None
