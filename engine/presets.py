"""A Preset is a Scene in a TOML file: the factory's in the package, the user's own in a folder.

The file holds the fields of a Scene and nothing else; its folder is the family, its name the scene
("weather/rain-on-canvas-tent"). This module knows no model and no take.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import presets as factory_package
from engine.configs import from_mapping, nearest, to_mapping
from engine.errors import EngineError, UsageError
from engine.scene import Scene
from engine.settings import folders
from engine.tomlfiles import read_toml, write_toml

FACTORY = Path(factory_package.__file__).parent
SUFFIX = ".toml"

_NAME = re.compile(r"[\w][\w -]{0,63}")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


@dataclass(frozen=True)
class Preset:
    """A scene with a name. `factory` presets come with the package and are never written to."""

    family: str
    name: str
    scene: Scene
    path: Path
    factory: bool = False

    @property
    def key(self) -> str:
        """What one calls it by: "family/name", or the name alone when it is in no family."""
        return f"{self.family}/{self.name}" if self.family else self.name

    @property
    def title(self) -> str:
        """The name as a label: "rain-on-canvas-tent" is shown as "Rain on canvas tent"."""
        words = self.name.replace("-", " ").replace("_", " ").strip()
        return words[:1].upper() + words[1:]


def list_presets() -> list[Preset]:
    """The factory's presets, then the user's own, by family and name. Wrong ones: `broken_presets`."""
    return [preset for preset in each_preset() if isinstance(preset, Preset)]


def broken_presets() -> list[EngineError]:
    """One sentence for each preset file that cannot be read."""
    return [error for error in each_preset() if isinstance(error, EngineError)]


def each_preset() -> Iterator[Preset | EngineError]:
    """The presets one after the other, an error in the place of each that cannot be read.

    About 1 ms a file the first time, less than 0.1 ms when it has not changed since: a front end that must
    not wait takes some, and goes on later.
    """
    for place in (FACTORY, folders().presets):
        for path in _files(place):
            yield _read_again(path)


def find_preset(name: str) -> Preset:
    """The preset of that key, that name alone, or in that file; the user's own goes before the factory's.

    Raises UsageError with the nearest known key when there is none or more than one.
    """
    if name.endswith(SUFFIX):
        return read_preset(Path(name).expanduser())
    known = {preset.key: preset for preset in list_presets()}
    matching = [preset for preset in known.values() if name in (preset.key, preset.name)]
    if len(matching) == 1 or name in known:
        return known.get(name) or matching[0]
    if matching:
        raise UsageError(
            f"More than one preset is called {name!r}: say {' or '.join(p.key for p in matching)}."
        )
    raise UsageError(f"There is no preset {name[:80]!r}{_hint(name[:80], list(known))}")


def read_preset(path: Path) -> Preset:
    """The preset in a file. Raises EngineError or UsageError, naming the file, when it holds no scene."""
    scene = from_mapping(Scene, read_toml(path), where=str(path))
    try:
        scene = scene.checked()
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None
    family, is_factory = _place(path)
    return Preset(family, path.stem, scene, path, is_factory)


def save_preset(name: str, scene: Scene, *, replace: bool = False) -> Preset:
    """Write `scene` as the user's own preset "family/name" or "name", and return it.

    Raises UsageError for a name that no file system could carry, for a scene that cannot be rendered, and
    when there is such a preset already and `replace` is False; EngineError when the file cannot be written.
    """
    scene = scene.checked()
    path = own_path(name)
    if path.exists() and not replace:
        raise UsageError(f"There is a preset {name!r} already: choose another name, or replace it.")
    write_toml(path, to_mapping(scene))
    return read_preset(path)


def own_path(name: str) -> Path:
    """Where the user's own preset "family/name" or "name" lies, or would lie.

    Raises UsageError for a name that no file system could carry.
    """
    *family, stem = _steps(name)
    return folders().presets.joinpath(*family, stem + SUFFIX)


def delete_preset(preset: Preset) -> None:
    """Delete one of the user's own presets. Raises UsageError for a factory preset, EngineError otherwise."""
    if preset.factory:
        raise UsageError(f"{preset.title} comes with Roomtone and cannot be deleted.")
    try:
        preset.path.unlink(missing_ok=True)
    except OSError as error:
        raise EngineError(f"{preset.path} cannot be deleted ({error.strerror or error}).") from error


def _read_again(path: Path) -> Preset | EngineError:
    try:
        state = path.stat()
    except OSError:
        return EngineError(f"{path} does not exist any more.")
    return _read_once(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=8192)
def _read_once(path: Path, changed_ns: int, size: int) -> Preset | EngineError:
    try:
        return read_preset(path)
    except EngineError as error:
        return error


def _files(place: Path) -> list[Path]:
    found = [*place.glob(f"*{SUFFIX}"), *place.glob(f"*/*{SUFFIX}")]
    visible = [
        path for path in found if not any(part.startswith(".") for part in path.relative_to(place).parts)
    ]
    return sorted(visible, key=lambda path: (path.parent.name if path.parent != place else "", path.stem))


def _place(path: Path) -> tuple[str, bool]:
    for place, is_factory in ((FACTORY, True), (folders().presets, False)):
        if path.absolute().is_relative_to(place):
            return "/".join(path.absolute().relative_to(place).parts[:-1]), is_factory
    return "", False


def _steps(name: str) -> list[str]:
    steps = [unicodedata.normalize("NFC", step.strip()) for step in name.split("/")]
    right = [_NAME.fullmatch(step) and step.lower() not in _RESERVED for step in steps]
    if len(steps) > 2 or not all(right):
        raise UsageError(
            f"{name[:80]!r} cannot be a preset's name: use letters, digits, spaces and hyphens, "
            "and at most one slash after the family."
        )
    return steps


def _hint(name: str, keys: list[str]) -> str:
    hint = nearest(name, keys)
    return hint if "did you mean" in hint else ": the list of presets shows what there is."
