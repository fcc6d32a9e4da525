"""A judge of families that owes nothing to the model: linear discriminant analysis of texture statistics.

It learns from real clips in seconds and names the family of any clip. The covariance is shrunk towards its
diagonal (Friedman 1989, "Regularized discriminant analysis"), for statistics outnumber the recordings.
Refuses to know networks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.texture import Statistics

SHRINKAGE = 0.5
_LARGEST_Z = 4.0
"""Statistics are cut there: a click must not outvote everything else."""


class Judge:
    """Knows families by the texture statistics of real clips."""

    def __init__(self, clips: Sequence[Statistics], families: Sequence[str]) -> None:
        """clips: (windows, statistics) each. Every clip counts alike, however many windows it has."""
        self.families = sorted(set(families))
        rows = np.concatenate(clips).astype(np.float64)
        weights = np.concatenate([np.full(len(clip), 1 / len(clip)) for clip in clips])
        self._mean = np.average(rows, axis=0, weights=weights)
        self._spread = np.sqrt(np.average(np.square(rows - self._mean), axis=0, weights=weights)) + 1e-9
        owners = np.concatenate(
            [np.full(len(clip), self.families.index(f)) for clip, f in zip(clips, families)]
        )
        self._fit(self._scaled(rows), weights, owners)

    def family(self, clip: Statistics) -> str:
        """The likeliest family of a clip (windows, statistics)."""
        return self.likeliest(clip, 1)[0]

    def likeliest(self, clip: Statistics, count: int) -> tuple[str, ...]:
        """So many families of a clip (windows, statistics), the likeliest first."""
        return tuple(self.families[place] for place in np.argsort(-self.scores(clip), kind="stable")[:count])

    def scores(self, clip: Statistics) -> NDArray[np.float64]:
        """(families,) mean posterior over the clip's windows, all families alike beforehand."""
        logits = self._scaled(clip.astype(np.float64)) @ self._directions + self._offsets
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray((likely / likely.sum(axis=1, keepdims=True)).mean(0))

    def place(self, clip: Statistics) -> NDArray[np.float64]:
        """(statistics,) where a clip (windows, statistics) lies among the real ones, in their spreads."""
        return np.asarray(self._scaled(clip.astype(np.float64)).mean(0))

    def _fit(self, rows: NDArray[np.float64], weights: NDArray[np.float64], owners: NDArray[np.intp]) -> None:
        places = range(len(self.families))
        means = np.stack(
            [np.average(rows[owners == k], axis=0, weights=weights[owners == k]) for k in places]
        )
        rest = (rows - means[owners]) * np.sqrt(weights / weights.sum())[:, None]
        within = rest.T @ rest
        shrunk = (1 - SHRINKAGE) * within
        shrunk[np.diag_indices_from(shrunk)] += SHRINKAGE * np.diag(within) + 1e-6
        self._directions = np.linalg.solve(shrunk, means.T)
        self._offsets = -0.5 * (means.T * self._directions).sum(0)

    def _scaled(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip((rows - self._mean) / self._spread, -_LARGEST_Z, _LARGEST_Z)
