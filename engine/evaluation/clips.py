"""Which recordings are measured, which they are compared with, and the stretch of each that is heard.

Knows manifests and decoded audio; refuses to know models.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError, UsageError
from engine.evaluation.families import family_of, scene_of
from engine.reports import Report
from engine.training.cache import AudioCache
from engine.training.decode import CacheConfig
from engine.training.manifest import Recording, read_manifests, select

Samples = NDArray[np.float32]

SHORTEST_S = 1.0
"""A shorter clip is repeated up to this: the mel distance has long windows."""


@dataclass(frozen=True)
class Row:
    """A measured recording. number: its place in the split, from 0, which is also the seed of its clip."""

    number: int
    recording: Recording

    @property
    def scene(self) -> str:
        return scene_of(self.recording)

    @property
    def prompt(self) -> str:
        return self.recording.captions[0]


@dataclass(frozen=True)
class Choice:
    """rows: what is measured. others: the real clips that say how each scene sounds.

    apart: whether these are other recordings; if not, the rows themselves stand in for want of any.
    unlearnt: all rows of the split that are not among the others, however few are measured.
    """

    rows: tuple[Row, ...]
    others: tuple[Recording, ...]
    apart: bool
    skipped: tuple[tuple[Path, str], ...]
    unlearnt: tuple[Row, ...]

    def family(self, scene: str) -> str:
        """The family of a scene of these manifests."""
        known = (row.recording for row in self.rows), self.others
        categories = {scene_of(one): one.ucs_category for group in known for one in group}
        return family_of(scene, categories.get(scene, ""))


class RealClips:
    """Decoded recordings, stereo, at one rate, at the level that training gives them."""

    def __init__(self, folder: Path, rate: int, seconds: float) -> None:
        self.rate, self.seconds = rate, seconds
        self.cache = AudioCache(folder, CacheConfig(sample_rate=rate, channels=2))

    def whole(self, recording: Recording) -> Samples:
        """(samples, 2): all of the recording."""
        return self.cache.open(recording).astype(np.float32) / 32767.0

    def wave(self, recording: Recording, later_s: float = 0.0) -> Samples:
        """(samples, 2): the middle `seconds` of the recording, or all of a shorter one; begun so much later,
        but no later than in the middle of the recording.
        """
        whole = self.cache.open(recording)
        wanted = round(self.seconds * self.rate)
        start = max(0, (len(whole) - wanted) // 2)
        start = min(start + round(later_s * self.rate), max(start, len(whole) // 2))
        wave = whole[start : start + wanted].astype(np.float32) / 32767.0
        shortest = round(SHORTEST_S * self.rate)
        return np.tile(wave, (-(-shortest // len(wave)), 1))[:shortest] if len(wave) < shortest else wave


def choose(
    manifests: Sequence[Path], split: str, limit: int | None, real: RealClips, report: Report
) -> Choice:
    """The rows of `split`, or `limit` of them, evenly spaced, and the train rows that are not among them.

    A broken file is left out and named in `skipped`. Raises UsageError for a manifest that cannot be used
    and a split without rows, EngineError when no file of it can be read.
    """
    recordings, named = read_manifests(manifests), " and ".join(map(str, manifests))
    rows = [Row(number, one) for number, one in enumerate(select(recordings, split))]
    if not rows:
        raise UsageError(f'{named} has no row of the split "{split}": name another with --split.')
    whole = rows
    if limit is not None and limit < len(rows):
        rows = [rows[place] for place in np.linspace(0, len(rows) - 1, limit).round().astype(int)]
    measured = dict.fromkeys(row.recording for row in rows)
    others = [one for one in select(recordings, "train") if one not in measured]
    learnt = set(others)
    unlearnt = [row for row in whole if row.recording not in learnt]
    built = real.cache.build(
        [*(row.recording for row in unlearnt), *others],
        report=lambda _, fraction: report("decoding recordings", fraction),
    )
    ready = set(built.ready)
    rows = [row for row in rows if row.recording in ready]
    others = [one for one in others if one in ready]
    if not rows:
        path, reason = built.broken[0]
        raise EngineError(f"No clip of {named} can be used; of {path.name}, for one: {reason}.")
    return Choice(
        rows=tuple(rows),
        others=tuple(others or (row.recording for row in rows)),
        apart=bool(others),
        skipped=built.broken,
        unlearnt=tuple(row for row in unlearnt if row.recording in ready),
    )


def counterparts(rows: Sequence[Row], others: Sequence[Recording]) -> list[int]:
    """Places in `others`, one for each row as far as they reach: of the same scene, then of any, none twice.

    So the real clips are compared with as many real clips, of the same scenes, as the model has rendered.
    """
    free: dict[str, list[int]] = defaultdict(list)
    for place, recording in enumerate(others):
        free[scene_of(recording)].append(place)
    found = [_spread(free[row.scene]) for row in rows]
    rest = sorted(place for places in free.values() for place in places)
    missing = sum(place is None for place in found)
    chosen = [place for place in found if place is not None]
    step = max(1, len(rest) // max(1, missing))
    return sorted(chosen + rest[::step][:missing])


def _spread(places: list[int]) -> int | None:
    """Takes the middle one, then the middle of what is left: not the neighbours of one source."""
    return places.pop(len(places) // 2) if places else None
