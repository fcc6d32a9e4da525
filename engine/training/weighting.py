"""How often each recording is drawn, so that neither long files nor many short ones of one source rule.

Mathematics on seconds, scenes and sources; refuses to know any audio.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import UsageError
from engine.training.manifest import Recording


@dataclass(frozen=True)
class WeightingConfig:
    """Exponents: 1 is as the seconds are, 0 is all alike.

    `source_cap` is the largest share of the draws that one source may take. `low_bandwidth` multiplies the
    weight of recordings without highs: 0 leaves them out, as VAE and vocoder should.
    """

    seconds_exponent: float = 0.5
    scene_exponent: float = 0.5
    source_cap: float = 0.15
    low_bandwidth: float = 1.0

    def checked(self) -> WeightingConfig:
        """Itself. Raises UsageError where a value cannot work."""
        for name in ("seconds_exponent", "scene_exponent", "low_bandwidth"):
            if not 0 <= getattr(self, name) <= 2:
                raise UsageError(f"The weighting's {name} is {getattr(self, name):g}; choose 0 to 2.")
        if not 0.001 <= self.source_cap <= 1:
            raise UsageError(f"The weighting's source_cap is {self.source_cap:g}; choose 0.001 to 1.")
        return self


def probabilities(
    recordings: Sequence[Recording], seconds: Sequence[float], config: WeightingConfig
) -> NDArray[np.float64]:
    """The share of draws of each file, (files,), sum 1; `seconds` are those of its active part.

    Files of one recording share its weight by their seconds. Raises UsageError when all weights are 0.
    """
    lengths = np.asarray(seconds, dtype=np.float64)
    factors = np.array([config.low_bandwidth if r.low_bandwidth else 1.0 for r in recordings])
    lengths = np.where(factors > 0, lengths, 0.0)
    takes = _groups([(r.scene, r.recording_id) for r in recordings])
    scenes = _groups([r.scene for r in recordings])
    within = _share(lengths, takes, _sums(lengths, takes) ** config.seconds_exponent) * factors
    weights = _share(within, scenes, _sums(lengths, scenes) ** config.scene_exponent)
    if not weights.sum() > 0:
        raise UsageError(
            "No recording is left to draw from; all are marked low_bandwidth, so add others or raise "
            "weighting.low_bandwidth."
        )
    return _capped(weights / weights.sum(), recordings, config.source_cap)


def _groups(keys: Sequence[Hashable]) -> NDArray[np.intp]:
    """The number of each key's group, in order of first appearance."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.intp)


def _sums(values: NDArray[np.float64], groups: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.asarray(np.bincount(groups, weights=values), dtype=np.float64)


def _share(
    values: NDArray[np.float64], groups: NDArray[np.intp], totals: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Each group's total, dealt out within the group as the values are; a group of zeros stays zero."""
    sums = _sums(values, groups)
    return values * np.divide(totals, sums, out=np.zeros_like(sums), where=sums > 0)[groups]


def _capped(shares: NDArray[np.float64], recordings: Sequence[Recording], cap: float) -> NDArray[np.float64]:
    """Takes what a source has beyond the cap and gives it to the others in proportion.

    A recording without a source stands for itself. Where too few sources are there, the cap is 1 / sources.
    """
    sources = _groups([r.source or (r.recording_id,) for r in recordings])
    totals = _sums(shares, sources)
    cap = max(cap, 1.0 / np.count_nonzero(totals))
    capped = np.zeros(len(totals), dtype=bool)
    allowed = totals
    while (over := (allowed > cap * (1 + 1e-9)) & ~capped).any():
        capped |= over
        free = totals[~capped].sum()
        rest = 1.0 - cap * capped.sum()
        allowed = np.where(capped, cap, totals * (rest / free if free > 0 else 0.0))
    result = _share(shares, sources, allowed)
    return np.asarray(result / result.sum(), dtype=np.float64)
