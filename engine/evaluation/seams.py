"""How a loop's seam measures against its inside: jumps in value, slope, level and spectrum, as percentiles.

A seam that nobody hears is one whose jumps are like those anywhere in the clip. This module measures samples
and knows no model.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL_SECONDS = 0.02
FLUX_SAMPLES = 1_024
PLACES = 200
"""Places of the inside at which level and spectrum are compared."""


@dataclass(frozen=True)
class Seam:
    """For each kind of jump, which percentage of the places inside the clip jump less than the seam does.

    value: from the last sample to the first. slope: the change of that difference. level: RMS of 20 ms before
    and after, in dB. flux: the mean distance of the log spectra of 1,024 samples before and after.
    """

    value: float
    slope: float
    level: float
    flux: float


def seam(loop: NDArray[np.float32], rate: int) -> Seam:
    """Percentiles, 0 to 100, of the jumps from the end of a loop (samples, channels) to its beginning.

    Jumps of all channels are added up. Raises ValueError for a loop too short to have an inside.
    """
    if len(loop) < 4 * FLUX_SAMPLES:
        raise ValueError(f"a loop of {len(loop)} samples has no inside to compare its seam with")
    wave = loop.astype(np.float64)
    value = _steps(wave)
    slope = _steps(wave, 2)
    span = max(2, round(LEVEL_SECONDS * rate))
    places = np.linspace(span, len(wave), PLACES + 1).astype(int)
    level, flux = _level_jumps(wave, places, span), _fluxes(wave, places)
    return Seam(*(_percentile(jumps) for jumps in (value, slope, level, flux)))


def exceeding(seams: list[Seam], percentile: float = 95.0) -> dict[str, tuple[float, float]]:
    """For each kind of jump: the mean percentile over clips, and the share of clips above `percentile`.

    A seam that is like any other place has a mean of about 50, and 5 % of clips above the 95th.
    """
    table = {field.name: np.array([getattr(one, field.name) for one in seams]) for field in fields(Seam)}
    return {name: (float(row.mean()), float((row > percentile).mean())) for name, row in table.items()}


def _steps(wave: NDArray[np.float64], order: int = 1) -> NDArray[np.float64]:
    """|differences| from each sample to the next, round the circle: across the seam at the end."""
    steps = wave
    for _ in range(order):
        steps = np.roll(steps, -1, axis=0) - steps
    summed: NDArray[np.float64] = np.abs(steps).sum(axis=1)
    return summed


def _level_jumps(wave: NDArray[np.float64], places: NDArray[np.int_], span: int) -> NDArray[np.float64]:
    before, after = (
        np.square(_pieces(wave, starts, span)).mean(axis=(1, 2)) + 1e-12 for starts in (places - span, places)
    )
    jumps: NDArray[np.float64] = np.abs(10 * np.log10(after / before))
    return jumps


def _fluxes(wave: NDArray[np.float64], places: NDArray[np.int_]) -> NDArray[np.float64]:
    window = np.hanning(FLUX_SAMPLES)[:, None]
    before, after = (
        np.log(np.abs(np.fft.rfft(_pieces(wave, starts, FLUX_SAMPLES) * window, axis=1)) + 1e-7)
        for starts in (places - FLUX_SAMPLES, places)
    )
    distances: NDArray[np.float64] = np.abs(after - before).mean(axis=(1, 2))
    return distances


def _pieces(wave: NDArray[np.float64], starts: NDArray[np.int_], count: int) -> NDArray[np.float64]:
    """(samples, channels) -> (starts, count, channels), round the circle."""
    return np.take(wave, starts[:, None] + np.arange(count), axis=0, mode="wrap")


def _percentile(jumps: NDArray[np.float64]) -> float:
    """The place of the last jump, the seam's, among the others."""
    return float(100 * (jumps[:-1] < jumps[-1]).mean())
