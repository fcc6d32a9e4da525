"""Between files, rows of the index and Clips. This module reads no file and asks no database."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from engine import ucs
from engine.configs import from_mapping, to_mapping
from engine.labels import Labels
from engine.library.clip import Clip
from engine.library.queries import tag_key
from engine.library.reading import SoundFile
from engine.library.words import folded
from engine.scene import Scene

_SCENE_FIELDS = frozenset(field.name for field in fields(Scene))
CLIP_COLUMNS = (
    "id, path, prompt, scene, tags, starred, notes, category, seconds, rate, channels, bpm, bars, loop, lufs,"
    " true_peak_db, model, weight_hash, seed, parent, created, missing, rejected, trashed, own"
)
CLIP_TABLES = "clips JOIN details USING (number)"


def path_key(path: Path, folder: Path) -> bytes:
    """A path as the index keeps it: relative to the library where it lies below it."""
    try:
        path = path.relative_to(folder)
    except ValueError:
        path = path.absolute()
    return os.fsencode(path.as_posix())


def path_of(key: bytes, folder: Path) -> Path:
    """The whole path again."""
    return folder / os.fsdecode(key)


def copy_id(clip: str, key: bytes) -> str:
    """The id of one more file with the same clip in it: always the same for the same place."""
    return hashlib.sha256(clip.encode() + b"\0" + key).hexdigest()[:12]


def row_of(found: SoundFile, key: bytes, trashed: bool) -> dict[str, Any]:
    """The columns of both tables, but for the id, which depends on what else is in the index.

    `number` is the moment of making in microseconds, where a row may begin to look for a free number.
    """
    recipe = found.recipe
    scene = recipe.scene if recipe else Scene("", seconds=found.seconds)
    created, number = _moment(recipe.created if recipe else "", found.mtime_ns)
    row = {
        "number": number,
        "clip": found.clip,
        "path": key,
        "size": found.size,
        "mtime_ns": found.mtime_ns,
        "title": scene.prompt or found.path.stem,
        "title_key": " ".join(folded(scene.prompt or found.path.stem))[:40],
        "prompt": scene.prompt,
        "scene": json.dumps(to_mapping(scene), ensure_ascii=True),
        "category": recipe.category if recipe else _category_of_name(found.path.stem),
        "seconds": found.seconds,
        "rate": found.rate,
        "channels": found.channels,
        "bpm": scene.bpm,
        "bars": scene.bars,
        "loop": int(scene.loop),
        "lufs": found.lufs,
        "true_peak_db": found.true_peak_db,
        "model": recipe.model if recipe else "",
        "weight_hash": recipe.weight_hash if recipe else "",
        "seed": (scene.seed or 0) & (2**63 - 1),
        "parent": recipe.parent if recipe else "",
        "created": created,
        "digest": found.digest,
        "own": int(recipe is not None),
        "missing": 0,
        "trashed": int(trashed),
    }
    return {name: _sound_text(value) for name, value in {**row, **label_columns(found.labels, row)}.items()}


def label_columns(labels: Labels, row: Any) -> dict[str, Any]:
    """The columns that labels change; `row` gives title, prompt, category, model and path."""
    return {
        "tags": json.dumps(labels.tags, ensure_ascii=True),
        "starred": int(labels.starred),
        "notes": _sound_text(labels.notes),
        "rejected": int(labels.rejected),
        "words": _words(labels, row),
    }


def labels_of_row(row: Any) -> Labels:
    """The labels that a row holds."""
    return Labels(tuple(json.loads(row["tags"])), bool(row["starred"]), row["notes"], bool(row["rejected"]))


def tag_keys(labels: Labels) -> set[str]:
    """The tags as they are compared."""
    return {str(_sound_text(tag_key(tag))) for tag in labels.tags}


def clip_of(row: sqlite3.Row, folder: Path) -> Clip:
    """The Clip of a row with CLIP_COLUMNS."""
    return Clip(
        id=row["id"],
        path=path_of(row["path"], folder),
        prompt=row["prompt"],
        scene=_scene(row["scene"]),
        tags=tuple(json.loads(row["tags"])),
        starred=bool(row["starred"]),
        notes=row["notes"],
        category=row["category"],
        seconds=row["seconds"],
        rate=row["rate"],
        channels=row["channels"],
        bpm=row["bpm"],
        bars=row["bars"],
        loop=bool(row["loop"]),
        lufs=row["lufs"],
        true_peak_db=row["true_peak_db"],
        model=row["model"],
        weight_hash=row["weight_hash"],
        seed=row["seed"],
        parent=row["parent"],
        created=row["created"],
        missing=bool(row["missing"]),
        rejected=bool(row["rejected"]),
        trashed=bool(row["trashed"]),
        own=bool(row["own"]),
    )


def _scene(text: str) -> Scene:
    # Written by `row_of` from a Scene that was checked then; checking it again would cost a search its speed.
    document = {name: value for name, value in json.loads(text).items() if name in _SCENE_FIELDS}
    lists = [name for name, value in document.items() if isinstance(value, (list, dict))]
    for name in lists:
        if not document[name]:
            del document[name]
    return from_mapping(Scene, document) if set(lists) & set(document) else Scene(**document)


def _words(labels: Labels, row: Any) -> str:
    """Prompt, tags, notes, category with the words it stands for, model, and the name of the file."""
    category = ucs.CATEGORIES.get(row["category"])
    family = f"{category.category} {category.subcategory}" if category else ""
    texts = [row["title"], *labels.tags, labels.notes, row["category"], family, row["model"]]
    texts.append(_name(Path(os.fsdecode(row["path"])).stem))
    seen = dict.fromkeys(word for text in texts for word in folded(text))
    return str(_sound_text(" ".join(seen)))


def _name(stem: str) -> str:
    """The words of a file's name: of CatID_FXName_CreatorID_SourceID only the FXName, cut at its capitals."""
    parts = stem.split("_")
    name = parts[1] if len(parts) >= 4 and parts[0] in ucs.CATEGORIES else stem
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)


def _category_of_name(stem: str) -> str:
    """The CatID that a file of another program's carries in front of its name, as the system wants it."""
    cat_id = stem.partition("_")[0].partition("-")[0]
    return cat_id if cat_id in ucs.CATEGORIES else ""


def _moment(created: str, mtime_ns: int) -> tuple[str, int]:
    """The moment of making as it is written, and in microseconds; the file's own where none is known."""
    try:
        return created, round(datetime.fromisoformat(created).timestamp() * 1e6)
    except (ValueError, OverflowError, OSError):
        moment = datetime.fromtimestamp(mtime_ns / 1e9).astimezone()
        return moment.isoformat(timespec="seconds"), mtime_ns // 1_000


def _sound_text(value: Any) -> Any:
    """Text without halves of surrogate pairs, which SQLite and UTF-8 do not take."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
