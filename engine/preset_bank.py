"""What one does with presets beyond reading and saving: rename, copy, take back, star, trade as files.

A bank is a .zip of TOML files in folders that are families. Factory presets are never written to. This module
knows no model, no take and no window.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.configs import to_mapping
from engine.errors import EngineError, UsageError
from engine.presets import FACTORY, SUFFIX, Preset, delete_preset, own_path, read_preset, save_preset
from engine.settings import folders
from engine.textfiles import replace_text
from engine.tomlfiles import write_toml

BANK_SUFFIX = ".zip"
MOST_IN_A_BANK = 5_000
MOST_BYTES = 1_000_000
"""Of one preset in a bank, unpacked: a preset is a few hundred bytes, so this is only a guard."""


@dataclass(frozen=True)
class Deleted:
    """A preset that was deleted, with what its file held, so that it can be taken back."""

    preset: Preset
    content: bytes
    starred: bool


@dataclass(frozen=True)
class Imported:
    """What came in from a file, and one sentence for each preset in it that could not be read."""

    presets: tuple[Preset, ...]
    refused: tuple[str, ...]


def rename_preset(preset: Preset, name: str) -> Preset:
    """Give one of the user's own presets another name or family; its star goes with it.

    Raises UsageError for a factory preset, a name that cannot be, and one that is taken.
    """
    if preset.factory:
        raise UsageError(f"{preset.title} comes with Roomtone and keeps its name: duplicate it first.")
    path = own_path(name)
    if path == preset.path:
        return preset
    if path.exists() and not path.samefile(preset.path):
        raise UsageError(f"There is a preset {name!r} already: choose another name.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        preset.path.rename(path)
    except OSError as error:
        raise EngineError(f"{preset.path} cannot be renamed ({error.strerror or error}).") from error
    renamed = read_preset(path)
    if preset.key in starred_presets():
        star_preset(preset, False)
        star_preset(renamed, True)
    return renamed


def duplicate_preset(preset: Preset) -> Preset:
    """A copy among the user's own presets, under the next free name: "rain copy", "rain copy 2"."""
    return _save_under_free_name(f"{preset.key} copy", preset)


def trash_preset(preset: Preset) -> Deleted:
    """Delete one of the user's own presets and return what `restore_preset` needs to bring it back."""
    if preset.factory:
        raise UsageError(f"{preset.title} comes with Roomtone and cannot be deleted.")
    try:
        content = preset.path.read_bytes()
    except OSError as error:
        raise EngineError(f"{preset.path} cannot be read ({error.strerror or error}).") from error
    deleted = Deleted(preset, content, preset.key in starred_presets())
    delete_preset(preset)
    star_preset(preset, False)
    return deleted


def restore_preset(deleted: Deleted) -> Preset:
    """Bring a deleted preset back as it was. Raises UsageError when its name has been taken since."""
    path = deleted.preset.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(deleted.content)
    except FileExistsError:
        raise UsageError(f"There is another preset {deleted.preset.key!r} now: rename that first.") from None
    except OSError as error:
        raise EngineError(f"{path} cannot be written ({error.strerror or error}).") from error
    if deleted.starred:
        star_preset(deleted.preset, True)
    return read_preset(path)


def starred_presets() -> frozenset[str]:
    """The keys of the presets that wear a star; a list that cannot be read counts as empty."""
    try:
        keys = json.loads(_stars_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return frozenset()
    return frozenset(key for key in keys if isinstance(key, str)) if isinstance(keys, list) else frozenset()


def star_preset(preset: Preset, on: bool) -> None:
    """Give a preset a star or take it away. Raises EngineError when that cannot be written down."""
    now = starred_presets()
    keys = now | {preset.key} if on else now - {preset.key}
    if keys == now:
        return
    replace_text(_stars_file(), json.dumps(sorted(keys), indent=0))


def export_preset(preset: Preset, path: Path) -> Path:
    """Write one preset as a TOML file and return its path; what stands there is replaced."""
    path = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
    write_toml(path, to_mapping(preset.scene))
    return path


def export_bank(presets: Iterable[Preset], path: Path) -> int:
    """Write presets into one .zip, a folder a family, and say how many. What stands there is replaced."""
    part = path.with_name(f".{path.name}.part")
    keys: set[str] = set()
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as bank:
            for preset in presets:
                key = preset.key if preset.key not in keys else f"{preset.key} {len(keys)}"
                keys.add(key)
                bank.writestr(key + SUFFIX, preset.path.read_bytes())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise EngineError(f"{path} cannot be written ({error.strerror or error}).") from error
    return len(keys)


def import_presets(path: Path) -> Imported:
    """Take a TOML file or a whole bank into the user's own presets; a name that is taken gets a number.

    Raises UsageError when the file is no preset or no bank. In a bank one wrong preset spoils no other.
    """
    if path.suffix.lower() != BANK_SUFFIX:
        return Imported((_save_under_free_name(path.stem, read_preset(path)),), ())
    try:
        with zipfile.ZipFile(path) as bank:
            return _from_bank(bank)
    except zipfile.BadZipFile:
        raise UsageError(f"{path} is not a bank of presets: choose a .zip or a .toml file.") from None
    except OSError as error:
        raise EngineError(f"{path} cannot be read ({error.strerror or error}).") from error


def presets_stamp() -> int:
    """A number that is another one whenever a preset file came, went or changed. A few stats, no reading."""
    files = []
    for place in (FACTORY, folders().presets):
        for path in (*place.glob(f"*{SUFFIX}"), *place.glob(f"*/*{SUFFIX}")):
            try:
                state = path.stat()
            except OSError:
                continue  # it went between the listing and the look
            files.append((str(path), state.st_mtime_ns, state.st_size))
    return hash(tuple(sorted(files)))


def _from_bank(bank: zipfile.ZipFile) -> Imported:
    taken: list[Preset] = []
    refused: list[str] = []
    entries = [entry for entry in bank.infolist() if entry.filename.endswith(SUFFIX)]
    if not entries:
        raise UsageError(f"{bank.filename} holds no presets (*{SUFFIX}).")
    if len(entries) > MOST_IN_A_BANK:
        raise UsageError(
            f"{bank.filename} holds {len(entries)} presets, but at most {MOST_IN_A_BANK} are read."
        )
    with tempfile.TemporaryDirectory() as folder:
        for entry in entries:
            try:
                taken.append(_from_entry(bank, entry, Path(folder) / "preset.toml"))
            except EngineError as error:
                refused.append(f"{entry.filename}: {str(error).removeprefix(f'{folder}/preset.toml: ')}")
    return Imported(tuple(taken), tuple(refused))


def _from_entry(bank: zipfile.ZipFile, entry: zipfile.ZipInfo, unpacked: Path) -> Preset:
    if entry.file_size > MOST_BYTES:
        raise UsageError("it is too large for a preset.")
    name = PurePosixPath(entry.filename).with_suffix("").as_posix()
    own_path(name)  # refuses a name that leads out of the folder, before anything is unpacked
    unpacked.write_bytes(bank.read(entry))
    return _save_under_free_name(name, read_preset(unpacked))


def _save_under_free_name(name: str, preset: Preset) -> Preset:
    number = 1
    while own_path(numbered := name if number == 1 else f"{name} {number}").exists():
        number += 1
    return save_preset(numbered, preset.scene)


def _stars_file() -> Path:
    return folders().state / "starred-presets.json"
