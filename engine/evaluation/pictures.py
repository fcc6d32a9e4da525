"""Mel spectrograms as pictures, so that one can look at what a model renders beside what is real.

Drawn with matplotlib's Agg, without pyplot's global state. Knows waves and files; refuses to know models.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.models.mel import MelConfig, MelFrontEnd

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Samples = NDArray[np.float32]

RANGE_DB = 80.0
BANDS = 128
TICKS_HZ = (100, 300, 1000, 3000, 10000, 20000)


@dataclass(frozen=True)
class Strip:
    """One sound of a picture: (samples, channels) at `rate` Hz."""

    title: str
    wave: Samples
    rate: int


def require_matplotlib() -> None:
    """Raise EngineError where it is missing."""
    if importlib.util.find_spec("matplotlib") is None:
        raise EngineError("Pictures need the package matplotlib: pip install 'roomtone[train]'.")


def draw_strips(strips: Sequence[Strip], title: str, path: Path) -> None:
    """Write a PNG: a picture of mid and, of a stereo sound, of side, in dB under its loudest cell."""
    require_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12.0, 3.4 * len(strips) + 0.5))
    FigureCanvasAgg(figure)
    figure.suptitle(title[:120], fontsize=10)
    figure.subplots_adjust(0.06, 0.08, 0.98, 0.9, wspace=0.15, hspace=0.4)
    for line, strip in enumerate(strips):
        pictures = mel_decibels(strip)
        loudest = float(pictures[0].max())
        for column, (side, picture) in enumerate(zip(("mid", "side"), pictures)):
            axes = figure.add_subplot(len(strips), 2, 2 * line + column + 1)
            _draw(axes, picture, loudest, f"{strip.title}, {side}", strip)
    _saved(figure, path, 80)


def draw_sheet(rows: Sequence[tuple[str, Strip, Strip]], path: Path) -> None:
    """Write a PNG: a title and the mids of two sounds, side by side, in each row."""
    require_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12.0, 1.9 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(rows), 2, squeeze=False)
    for line, (title, *strips) in zip(grid, rows):
        for axes, strip in zip(line, strips):
            picture = mel_decibels(strip)[0]
            _draw(axes, picture, float(picture.max()), f"{title}: {strip.title}"[:90], strip)
            axes.set_xlabel("")
            axes.set_ylabel("")
    _saved(figure, path, 60)


def mel_decibels(strip: Strip) -> NDArray[np.float32]:
    """(pictures, bands, frames) in dB: mid and side of a stereo sound, one picture of a mono one."""
    front = MelFrontEnd(_config(strip.rate))
    log_mel = front(torch.from_numpy(np.ascontiguousarray(strip.wave.T))[None])[0]
    decibels = log_mel.transpose(1, 2) * (20 / np.log(10))
    return np.asarray(decibels.numpy(), dtype=np.float32)


def _draw(axes: Axes, picture: NDArray[np.float32], loudest: float, title: str, strip: Strip) -> None:
    axes.imshow(
        picture,
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=loudest - RANGE_DB,
        vmax=loudest,
        interpolation="nearest",
        extent=(0.0, len(strip.wave) / strip.rate, 0.0, float(BANDS)),
    )
    centres = _centres_hz(strip.rate)
    ticks = [hertz for hertz in TICKS_HZ if hertz < centres[-1]]
    axes.set_yticks(np.interp(ticks, centres, np.arange(BANDS) + 0.5), [str(hertz) for hertz in ticks])
    axes.set_title(title, fontsize=9)
    axes.set_xlabel("s")
    axes.set_ylabel("Hz")


def _saved(figure: Figure, path: Path, dpi: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    figure.savefig(draft, format="png", dpi=dpi)
    draft.replace(path)


def _config(rate: int) -> MelConfig:
    return MelConfig(
        sample_rate=rate, n_mels=BANDS, f_min_hz=30.0, f_max_hz=rate / 2, offset=0.0, scale=1.0, floor=1e-6
    )


def _centres_hz(rate: int) -> NDArray[np.float64]:
    """The frequency in the middle of each band."""
    bank = MelFrontEnd(_config(rate)).spectrogram.mel_scale.fb.numpy().astype(np.float64)
    frequencies = np.linspace(0.0, rate / 2, len(bank))
    return np.asarray(frequencies @ bank / bank.sum(0).clip(min=1e-12))
