"""Libraries for the tests of the panel: some true takes of noise, or very many clips in the index alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np

from engine.labels import Labels
from engine.library import Clip, Library
from engine.library.entries import enter
from engine.library.reading import SoundFile
from engine.recipe import Recipe
from engine.scene import Output, Scene
from engine.takes import write_take

_PLACES = ("tent", "tin roof", "harbour", "pine forest", "subway", "cathedral", "kitchen", "desert")
_SOUNDS = ("steady rain", "slow waves", "distant thunder", "wind", "a crowd", "crickets", "machines", "fire")
_CATEGORIES = ("RAINVege", "WATRWave", "WEATThun", "WINDVege", "CRWDCnv", "INSCCric", "MACHMisc", "FIREMisc")
_START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def some_takes(library: Library, prompts: Sequence[str], seconds: float = 2.0, **recipe: Any) -> list[Clip]:
    """True takes of noise in an open library, one for each prompt, each a minute younger than the last."""
    clips = []
    for number, prompt in enumerate(prompts):
        scene = Scene(prompt, seconds=seconds, seed=number + 1, steps=6, guidance=2.0, sampler="euler")
        sound = np.random.default_rng(number).standard_normal((round(seconds * 8_000), 2)) * 0.1
        sound *= np.linspace(0.2, 1, len(sound))[:, None]
        created = (_START + timedelta(minutes=number)).isoformat(timespec="seconds")
        made = Recipe(replace(scene, **recipe), Output(), model="noise", created=created)
        take = write_take([sound.astype(np.float32)], 8_000, made, None, library.folder)
        clips.append(library.add(take))
    return clips


def fill_index(library: Library, clips: int) -> None:
    """So many clips in the index of an open library, without their files.

    Some hundred are entered one by one, and then copied inside the database: that is what takes seconds.
    """
    known = min(clips, 400)
    with library._index.changing() as connection:
        for number in range(known):
            enter(connection, _entry(number, library.folder), library.folder)
        for table in ("clips", "details"):
            names = [row["name"] for row in connection.execute(f"PRAGMA table_info({table})")]
            for round_ in range(1, -(-clips // known)):
                changes = {
                    "number": f"number + {round_ * known * 60_000_000}",
                    "id": f"substr(id, 1, 8) || 'x{round_:03x}'",
                    "path": f"CAST(path AS TEXT) || '{round_:04x}'",
                }
                values = ", ".join(changes.get(name, name) for name in names)
                connection.execute(
                    f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table}"
                    f" WHERE number IN (SELECT number FROM {table} ORDER BY number LIMIT {known})"
                )


def _entry(number: int, folder: Path) -> SoundFile:
    kind = number % 8
    prompt = f"{_SOUNDS[kind]} in a {_PLACES[number // 8 % 8]}, take {number}"
    scene = Scene(prompt, seconds=4.0 + number % 50, loop=number % 5 == 0, seed=number, bpm=90.0)
    clip = hashlib.sha256(str(number).encode()).hexdigest()[:12]
    created = (_START + timedelta(minutes=number)).isoformat(timespec="seconds")
    recipe = Recipe(scene, model="noise", created=created, category=_CATEGORIES[kind], clip=clip)
    return SoundFile(
        path=folder / f"{_CATEGORIES[kind]}_{clip}.wav",
        size=1_000,
        mtime_ns=number,
        recipe=recipe,
        clip=clip,
        labels=Labels(tags=("wet",) if kind < 3 else (), starred=number % 11 == 0),
        seconds=scene.seconds,
        rate=44_100,
        channels=2,
        lufs=-26.0,
    )
