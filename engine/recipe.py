"""The Recipe: everything that is needed to make the same take again, carried inside the take's own file.

This module knows where a recipe lies in a WAV or FLAC file; it renders nothing and writes no file.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.configs import from_mapping, to_mapping
from engine.errors import EngineError, UsageError
from engine.scene import Output, Scene
from engine.wavechunks import read_chunk

RECIPE_CHUNK = b"rtrc"
RECIPE_COMMENT = "ROOMTONE_RECIPE"
CLIP_ID = r"[0-9a-f]{12}"
RECIPE_FORMAT = 1
"""Grows when an older Roomtone could no longer make the same clip from a newer recipe."""


@dataclass(frozen=True)
class Recipe:
    """How a take was made.

    scene: resolved, so with the seed, steps, guidance and sampler that were really used. model: its name;
    weight_hash: first 16 hex digits over its weights. created: ISO 8601 with the zone. version: of Roomtone.
    device, precision, threads: where the model ran, since bits may differ between devices and, on a CPU, with
    the number of threads (0: not known, or no CPU). category: UCS CatID. clip: 12 hex digits by which the
    library knows the take, wherever its file goes. parent: the clip that it was made from, empty for none.
    """

    scene: Scene
    output: Output = field(default_factory=Output)
    model: str = ""
    weight_hash: str = ""
    created: str = ""
    version: str = ""
    device: str = ""
    precision: str = ""
    threads: int = 0
    category: str = ""
    clip: str = ""
    parent: str = ""


def to_json(recipe: Recipe, sound: dict[str, Any] | None = None) -> str:
    """One line of ASCII: the recipe, and with `sound` the measured figures of the take beside it."""
    document = {"format": RECIPE_FORMAT, "recipe": to_mapping(recipe), "sound": sound or {}}
    return json.dumps(document, ensure_ascii=True, separators=(",", ":"))


def from_json(text: str, where: str = "") -> Recipe:
    """The recipe of such a line. `where` names its source in messages. Raises EngineError when it is none."""
    return recipe_and_sound(text, where)[0]


def read_recipe(path: Path | str) -> Recipe:
    """The recipe inside a WAV or FLAC file. Raises EngineError when the file is not there or has none."""
    return read_recipe_and_sound(path)[0]


def read_recipe_and_sound(path: Path | str) -> tuple[Recipe, dict[str, Any]]:
    """The recipe inside a WAV or FLAC file and the figures measured when it was written.

    Raises EngineError when the file is not there, cannot be read, or has no recipe of Roomtone's.
    """
    path = Path(path)
    text = _recipe_text(path)
    if text is None:
        raise EngineError(
            f"{path} carries no recipe: it was not made by Roomtone, or another program wrote it anew."
        )
    return recipe_and_sound(text, str(path))


def recipe_and_sound(text: str, where: str = "") -> tuple[Recipe, dict[str, Any]]:
    """The recipe and the measured figures in a line that `to_json` wrote.

    A recipe from before clips had ids gets one from its own text: the same for every copy of the file.
    Raises EngineError when it is none.
    """
    document = _document(text, where)
    recipe, sound = _recipe(document, where), document.get("sound")
    if not re.fullmatch(CLIP_ID, recipe.clip):
        recipe = replace(recipe, clip=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12])
    return recipe, sound if isinstance(sound, dict) else {}


def _recipe_text(path: Path) -> str | None:
    start = _first_bytes(path)
    if start == b"RIFF":
        content = read_chunk(path, RECIPE_CHUNK)
        return None if content is None else content.decode("utf-8", errors="replace")
    if start == b"fLaC":
        return _flac_comment(path)
    return None


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except FileNotFoundError:
        raise EngineError(f"There is no file {path}: check its name.") from None
    except OSError as error:
        raise EngineError(f"The file {path} cannot be read: {error.strerror or error}.") from error


def _flac_comment(path: Path) -> str | None:
    from mutagen import MutagenError
    from mutagen.flac import FLAC

    try:
        comments: Any = FLAC(path).tags or {}
    except MutagenError as error:
        raise EngineError(f"The FLAC file {path} is damaged: {error}.") from error
    texts = comments.get(RECIPE_COMMENT, [])
    return str(texts[0]) if texts else None


def _document(text: str, where: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("recipe"), dict):
        raise EngineError(f"The recipe{_of(where)} is damaged: it is not the JSON that Roomtone writes.")
    version = document.get("format")
    if isinstance(version, int) and version > RECIPE_FORMAT:
        made_by = str(document["recipe"].get("version", "a newer version"))[:20]
        raise EngineError(f"The recipe{_of(where)} is of a newer Roomtone ({made_by}): update Roomtone.")
    return document


def _recipe(document: dict[str, Any], where: str) -> Recipe:
    try:
        return from_mapping(Recipe, document["recipe"])
    except UsageError as error:
        raise EngineError(f"The recipe{_of(where)} is damaged: {error}") from error


def _of(where: str) -> str:
    return f" in {where}" if where else ""
