"""Which models there are: those that come with the package, the user's own, and any folder one names.

It reads the index of a model folder, never its weights' meaning: no torch here, so that a list of models, a
form or an error message costs nothing.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.configs import nearest
from engine.errors import EngineError, UsageError
from engine.model_index import INDEX_FILE, ModelIndex, read_index
from engine.settings import load_settings

__all__ = [
    "ModelEntry",
    "ModelIndex",
    "broken_models",
    "find_model",
    "list_models",
    "read_index",
    "weight_hash",
]

PACKAGED = Path(__file__).parent / "weights"

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class ModelEntry:
    """One model of the catalogue: how it is called, where it is, what its index says."""

    name: str
    folder: Path
    index: ModelIndex


def list_models() -> list[ModelEntry]:
    """The models that come with the package, then the user's own. Damaged ones: `broken_models`."""
    entries = (_entry_or_error(folder) for folder in _known_folders().values())
    return [entry for entry in entries if isinstance(entry, ModelEntry)]


def broken_models() -> list[EngineError]:
    """One sentence for each model folder of the catalogue whose index cannot be read."""
    entries = (_entry_or_error(folder) for folder in _known_folders().values())
    return [entry for entry in entries if isinstance(entry, EngineError)]


def find_model(name_or_folder: str | Path) -> ModelEntry:
    """The model of that name, or in that folder.

    Raises UsageError with the nearest known name when there is none, EngineError when the model is damaged.
    """
    known = _known_folders()
    name = str(name_or_folder)
    if name in known:
        return _entry(known[name])
    folder = Path(name).expanduser()
    if _is_model(folder):
        return _entry(folder.absolute())
    if _exists(folder):
        raise UsageError(f"{folder} is not a model folder: it has no {INDEX_FILE}.")
    raise UsageError(f"There is no model {name[:80]!r}{nearest(name[:80], known)}")


def weight_hash(folder: Path) -> str:
    """The first 16 hex digits of the SHA-256 over name, length and bytes of every *.safetensors, by name.

    Raises EngineError when the folder holds no weights or they cannot be read.
    """
    try:
        files = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*.safetensors"))
        states = tuple(
            (name, str(path), path.stat().st_size, path.stat().st_mtime_ns) for name, path in files
        )
        if not states:
            raise EngineError(f"{folder} holds no weights (*.safetensors): install the model anew.")
        return _hash_of(states)
    except OSError as error:
        raise EngineError(f"The weights in {folder} cannot be read ({error.strerror or error}).") from error


@functools.lru_cache(maxsize=32)
def _hash_of(states: tuple[tuple[str, str, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for name, path, size, _changed in states:
        digest.update(name.encode() + b"\0" + size.to_bytes(8, "little"))
        with Path(path).open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
    return digest.hexdigest()[:16]


def _known_folders() -> dict[str, Path]:
    folders: dict[str, Path] = {}
    for place in (PACKAGED, load_settings().models_folder):
        for folder in _model_folders(place):
            folders.setdefault(folder.name, folder)
    return folders


def _model_folders(place: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder for folder in place.iterdir() if _is_model(folder))
    except OSError:
        return  # there is no such place, or we may not look into it: then it offers no models


def _entry(folder: Path) -> ModelEntry:
    return ModelEntry(folder.name, folder, read_index(folder))


def _entry_or_error(folder: Path) -> ModelEntry | EngineError:
    try:
        return _entry(folder)
    except EngineError as error:
        return error


def _is_model(folder: Path) -> bool:
    return _exists(folder / INDEX_FILE)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False  # a name too long or with a zero byte names nothing
