"""Which models there are: those that come with the package, the user's own, and any folder one names.

It reads the index of a model folder, never its weights' meaning: no torch here, so that a list of models, a
form or an error message costs nothing.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from engine.configs import from_mapping, nearest, to_mapping
from engine.errors import EngineError, UsageError
from engine.scene import SAMPLER_NAMES, check_choice, check_number
from engine.settings import load_settings

INDEX_FILE = "model_index.json"
PACKAGED = Path(__file__).parent / "weights"

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class ModelIndex:
    """What model_index.json says of a model.

    sample_rate in Hz; window_seconds: the longest clip the network sees at once; sale_allowed: whether clips
    made with the model may be sold, None for unknown; parts: part name ("unet") -> class of the closed list.
    """

    name: str
    size: Literal["mini", "full", "custom"] = "custom"
    sample_rate: int = 44_100
    channels: int = 2
    window_seconds: float = 10.0
    default_steps: int = 20
    default_guidance: float = 3.5
    default_sampler: str = "dpmpp_2m"
    licence: str = ""
    sale_allowed: bool | None = None
    description: str = ""
    parts: dict[str, str] = field(default_factory=dict)

    def checked(self) -> ModelIndex:
        """Itself. Raises UsageError, one sentence, when a value makes no sense."""
        if self.channels not in (1, 2):
            raise UsageError(f"a model has 1 or 2 channels, not {self.channels}.")
        if not (math.isfinite(self.window_seconds) and self.window_seconds > 0):
            raise UsageError(f"the window is {self.window_seconds} s, but must be longer than nothing.")
        check_number("rate", self.sample_rate)
        check_number("steps", self.default_steps)
        check_number("guidance", self.default_guidance)
        check_choice("sampler", self.default_sampler, SAMPLER_NAMES)
        return self


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


def read_index(folder: Path) -> ModelIndex:
    """The index of a model folder. Keys with a leading underscore, as diffusers writes them, are passed over.

    Raises EngineError when it is missing, unreadable or wrong.
    """
    path = folder / INDEX_FILE
    try:
        mapping = json.loads(path.read_text(encoding="utf-8"))
        own = {key: one for key, one in mapping.items() if not key.startswith("_")}
        return from_mapping(ModelIndex, own).checked()
    except OSError as error:
        raise EngineError(
            f"{path} cannot be read ({error.strerror or error}): install the model anew."
        ) from error
    except (ValueError, AttributeError, UsageError) as error:
        raise EngineError(f"{path} is damaged ({str(error).rstrip('.')}): install the model anew.") from error


def write_index(folder: Path, index: ModelIndex) -> None:
    """Write `index` into `folder`, which must exist. OSError comes as it is: the store owns the folder."""
    mapping: dict[str, Any] = {"_class_name": "RoomtonePipeline", **to_mapping(index.checked())}
    text = json.dumps(mapping, indent=2, ensure_ascii=False) + "\n"
    (folder / INDEX_FILE).write_text(text, encoding="utf-8")


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
