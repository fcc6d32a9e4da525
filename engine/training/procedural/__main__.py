"""python -m engine.training.procedural FOLDER: write the recordings of our own making and their manifest."""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

import numpy as np
import soundfile

from engine.errors import UsageError
from engine.training.procedural.tools import RATE, Wave
from engine.training.procedural.voices import VOICES

TAKES = 8
SECONDS = 12.0
LEVEL_DB, SOFT_DB, FLOOR_DB = -24.0, -31.0, -72.0
SOFT = re.compile(r"\b(light|calm|gentle|small|few|single|distant|quiet|low)\b")
SOURCE = "Roomtone, engine/training/procedural"
COLUMNS = (
    "path",
    "scene",
    "caption_1",
    "caption_2",
    "caption_3",
    "split",
    "recording_id",
    "source",
    "licence",
)


def write(folder: Path, takes: int = TAKES, length: float = SECONDS) -> Path:
    """`takes` recordings of each voice as FLAC, and the manifest; its path. The same each time.

    Raises UsageError where the folder cannot be written.
    """
    rows = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, (scene, voice) in enumerate(VOICES.items()):
            for take in range(takes):
                wave, captions = voice(np.random.default_rng([number, take]), length)
                name = f"{scene}-{take}.flac"
                level_db = SOFT_DB if SOFT.search(captions[0]) else LEVEL_DB
                soundfile.write(folder / name, levelled(wave, level_db), RATE, subtype="PCM_16")
                about = ("train", f"procedural-{scene}-{take}", SOURCE, "CC0-1.0")
                rows.append((name, scene, *captions, *about))
        manifest = folder / "manifest.csv"
        with manifest.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
    except (OSError, soundfile.LibsndfileError) as error:
        raise UsageError(f"{folder} cannot be written ({error}); choose another folder.") from error
    return manifest


def levelled(wave: Wave, level_db: float) -> Wave:
    """Brought to `level_db` RMS, or less where the peak would pass full scale; neither offset nor silence."""
    wave = wave - wave.mean(0)
    floor = 10 ** (FLOOR_DB / 20) * np.random.default_rng(0).standard_normal(wave.shape)
    gain = min(10 ** (level_db / 20) / np.sqrt(np.square(wave).mean()), 0.98 / np.abs(wave).max())
    return np.asarray(wave * gain + floor)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m engine.training.procedural FOLDER", file=sys.stderr)
        return 2
    try:
        print(write(Path(arguments[0])))
    except UsageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
