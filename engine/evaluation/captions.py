"""`python -m engine.evaluation.captions MANIFEST...`: captions that say what their recording does not do.

Nobody may have listened when a caption was written. What it says of steadiness, width and colour can be
measured; what it says of scenes cannot, and is left to the judges of `roomtone evaluate`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError, UsageError
from engine.evaluation.sound import measure
from engine.settings import folders
from engine.training.cache import AudioCache
from engine.training.decode import CacheConfig
from engine.training.manifest import read_manifests

Samples = NDArray[np.float32]

RATE = 44_100
LEVEL_S = 0.4


@dataclass(frozen=True)
class Claim:
    """One of `words` in a caption says that `figure` of the recording lies between two numbers."""

    words: tuple[str, ...]
    figure: str
    least: float
    most: float

    def made_in(self, caption: str) -> bool:
        """Whether the caption says so."""
        return bool(set(self.words) & set(re.findall(r"[a-z]+", caption.lower())))

    def holds(self, value: float) -> bool:
        """Whether a measured value is what was claimed."""
        return self.least <= value <= self.most


LEVEL, WIDTH, CENTROID = "level spread (dB)", "side to mid", "centroid (Hz)"
CLAIMS = (
    Claim(("steady", "constant", "even", "continuous", "unchanging"), LEVEL, 0.0, 8.0),
    Claim(("changing", "rising", "gusty", "swelling", "varying"), LEVEL, 0.7, np.inf),
    Claim(("mono",), WIDTH, 0.0, 0.1),
    Claim(("stereo", "wide"), WIDTH, 0.01, np.inf),
    Claim(("low", "deep", "rumble", "rumbling", "muffled"), CENTROID, 0.0, 6_000.0),
    Claim(("bright", "hiss", "hissy", "hissing", "airy"), CENTROID, 800.0, np.inf),
)
"""Generous: a caption is only wrong where nobody could mean it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print every claim that does not hold, and how many were looked at. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m engine.evaluation.captions",
        description="Find captions that say what their recording does not do.",
    )
    parser.add_argument("manifests", type=Path, nargs="+", metavar="MANIFEST")
    parser.add_argument("--cache", type=Path, help="where decoded recordings are kept")
    words = parser.parse_args(argv)
    try:
        for line in report(words.manifests, words.cache or folders().cache / "audio"):
            sys.stdout.write(f"{line}\n")
    except EngineError as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, UsageError) else 1
    return 0


def report(manifests: Sequence[Path], folder: Path) -> list[str]:
    """A line for each contradicted claim, and one that counts them all."""
    recordings = read_manifests(manifests)
    cache = AudioCache(folder, CacheConfig(sample_rate=RATE, channels=2))
    lines, made = [], 0
    for recording in cache.build(recordings).ready:
        wave = cache.open(recording).astype(np.float32) / 32767.0
        figures = measured(wave)
        for caption in recording.captions:
            for claim in CLAIMS:
                if claim.made_in(caption):
                    made += 1
                    value = figures[claim.figure]
                    if not claim.holds(value):
                        lines.append(f"{recording.path.name}: '{caption}', but {claim.figure} {value:.4g}")
    return [
        *lines,
        f"{made} claims in the captions of {len(recordings)} recordings, {len(lines)} do not hold",
    ]


def measured(wave: Samples) -> dict[str, float]:
    """(samples, channels) at RATE -> the figures that claims are about."""
    sound = measure(wave, RATE)
    return {LEVEL: level_spread(wave), WIDTH: sound.side_to_mid, CENTROID: sound.centroid_hz or 0.0}


def level_spread(wave: Samples) -> float:
    """(samples, channels) at RATE -> standard deviation of its level in stretches of LEVEL_S, in dB."""
    length = min(len(wave), round(LEVEL_S * RATE))
    stretches = wave[: len(wave) // length * length].reshape(-1, length * wave.shape[1])
    power = np.square(stretches, dtype=np.float64).mean(1)
    return float(np.std(10 * np.log10(power + 1e-10)))


if __name__ == "__main__":
    sys.exit(main())
