"""Frechet distance of two sets of vectors (Heusel et al. 2017, Kilgour et al. 2019). Knows numbers only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def frechet_distance(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """(n, d) and (m, d) -> |mean difference|^2 + trace(A + B - 2 sqrt(A B)), each set seen as a Gaussian.

    With fewer clips than dimensions the covariances are singular, which the symmetric product
    sqrt(A) B sqrt(A) does not mind. But few clips make the distance larger than that of the sources they were
    drawn from: compare only distances between sets of the same sizes. A single vector has no spread.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    spread_a, spread_b = _covariance(a), _covariance(b)
    root = _root(spread_a)
    # A B and sqrt(A) B sqrt(A) have the same eigenvalues; rounding can leave some a hair below 0.
    shared = np.linalg.eigvalsh(root @ spread_b @ root)
    between = np.square(a.mean(0) - b.mean(0)).sum() + np.trace(spread_a) + np.trace(spread_b)
    return float(max(0.0, between - 2 * np.sqrt(shared.clip(min=0.0)).sum()))


def _covariance(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = vectors - vectors.mean(0)
    covariance: NDArray[np.float64] = centred.T @ centred / max(1, len(vectors) - 1)
    return covariance


def _root(symmetric: NDArray[np.float64]) -> NDArray[np.float64]:
    values, axes = np.linalg.eigh(symmetric)
    root: NDArray[np.float64] = (axes * np.sqrt(values.clip(min=0.0))) @ axes.T
    return root
