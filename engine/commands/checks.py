"""What the doctor looks at without loading anything heavy: Python, packages, folders, the OSC port, models.

Each check is a generator of findings and changes nothing on the machine but a file that lives for a moment.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from engine import __version__
from engine.catalogue import ModelEntry, broken_models, list_models, weight_hash
from engine.commands.findings import Finding, State
from engine.errors import EngineError
from engine.settings import Folders, Settings, folders, load_settings

PYTHONS = ((3, 10), (3, 13))
RENDERING = (
    "torch",
    "torchaudio",
    "transformers",
    "diffusers",
    "safetensors",
    "tokenizers",
    "numpy",
    "scipy",
    "soundfile",
    "soxr",
    "pyloudnorm",
    "mutagen",
    "platformdirs",
    "tomli-w",
)
OTHERS = {
    "rich": "progress bars",
    "sounddevice": "listening",
    "python-osc": "the OSC bridge",
    "PyQt6": "the panel",
    "pyqtgraph": "the panel",
    "pyyaml": "training from YAML files",
}
TRAINING = ("accelerate", "tensorboard", "matplotlib")
SMALL_BYTES = 1_000_000_000


def machine() -> Iterator[Finding]:
    """Roomtone, Python, the system, cores and memory."""
    yield Finding("Roomtone", "ok", f"{__version__} in {Path(__file__).parents[1]}")
    low, high = (".".join(map(str, version)) for version in PYTHONS)
    right = PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]
    remedy = "" if right else f"Roomtone is made for Python {low} to {high}: install one of them."
    yield Finding(
        "Python", "ok" if right else "warn", f"{platform.python_version()} at {sys.executable}", remedy
    )
    yield Finding("Machine", "ok", f"{platform.platform()}, {os.cpu_count()} cores{_memory()}")


def packages() -> Iterator[Finding]:
    """Versions of the Python packages that Roomtone stands on."""
    for name in RENDERING:
        version = _version(name)
        remedy = "" if version else f"pip install {name}"
        yield Finding(name, "ok" if version else "fail", version or "not installed", remedy)
    for name, purpose in OTHERS.items():
        version = _version(name)
        remedy = "" if version else f"pip install {name} (for {purpose})"
        yield Finding(name, "ok" if version else "warn", version or "not installed", remedy)
    found = {name: _version(name) for name in TRAINING}
    says = ", ".join(f"{name} {version or 'not installed'}" for name, version in found.items())
    remedy = "" if all(found.values()) else "pip install 'roomtone[train]' (only to train models)"
    yield Finding("Training", "ok", says, remedy)


def settings() -> Iterator[Finding]:
    """Whether the settings file can be used."""
    path = folders().settings_file
    try:
        load_settings()
    except EngineError as error:
        yield Finding("Settings", "fail", str(error), f"Mend {path}, or remove it.")
        return
    yield Finding("Settings", "ok", f"{path}{'' if path.exists() else ' (not there yet: all defaults)'}")


def places() -> Iterator[Finding]:
    """The folders: whether they can be written to, and what space is left."""
    own = _settings()
    where: Folders = folders()
    yield _place("Library", own.library_folder, "Choose another folder in the settings, or use --out", "fail")
    yield _place("Models folder", own.models_folder, "Only needed for models of your own", "warn")
    for name, folder in (("Presets", where.presets), ("State", where.state), ("Cache", where.cache)):
        yield _place(name, folder, "Mend its rights", "warn")
    yield _place("Logs", where.logs, "Mend its rights, or no error can be looked into", "warn")


def port() -> Iterator[Finding]:
    """Whether the UDP port of the OSC bridge is free, or has Roomtone's own bridge on it."""
    wanted = _settings().bridge.port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            yield _taken_port(wanted, _reason(error))
            return
    yield Finding("OSC port", "ok", f"UDP {wanted} on 127.0.0.1 is free")


def models() -> Iterator[Finding]:
    """The models, and whether their files can be read."""
    try:
        found, broken = list_models(), broken_models()
    except EngineError as error:
        yield Finding("Models", "fail", str(error), "Mend the settings first.")
        return
    whole = [_model(model) for model in found]
    yield from whole
    for damage in broken:
        yield Finding("Model", "warn", str(damage), "Remove or mend the model folder.")
    if not any(finding.state == "ok" for finding in whole):
        own = _settings().models_folder
        remedy = f"Put a model folder into {own}, or install Roomtone anew."
        yield Finding("Models", "fail", "there is no model to render with", remedy)


def _taken_port(wanted: int, reason: str) -> Finding:
    own_port, process = _own_bridge()
    if own_port == wanted:
        says = f"UDP {wanted} on 127.0.0.1 is heard by Roomtone's own bridge (process {process})"
        return Finding("OSC port", "ok", says)
    if own_port:
        says = f"UDP {wanted} is not free ({reason}): Roomtone's bridge (process {process}) has {own_port}"
    else:
        says = f"UDP {wanted} on 127.0.0.1 is not free ({reason})"
    return Finding("OSC port", "warn", says, f"Who has it: ss -lunp 'sport = :{wanted}'")


def _own_bridge() -> tuple[int, int]:
    """UDP port and process of Roomtone's bridge, as its card says; zeros when none runs."""
    try:
        card = json.loads((folders().state / "bridge.json").read_text(encoding="utf-8"))
        port, process = int(card["udp_port"]), int(card["pid"])
    except (OSError, ValueError, TypeError, KeyError):
        return 0, 0
    return (port, process) if process > 0 and _lives(process) else (0, 0)


def _lives(process: int) -> bool:
    if sys.platform == "win32":
        return True  # there a signal would end it; the card is taken away with the bridge
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _model(model: ModelEntry) -> Finding:
    try:
        weights = weight_hash(model.folder)
    except EngineError as error:
        return Finding(f"Model {model.name}", "warn", str(error), f"Remove or mend {model.folder}.")
    return Finding(f"Model {model.name}", "ok", f"weights {weights} in {model.folder}")


def _place(name: str, folder: Path, remedy: str, worst: State) -> Finding:
    standing = next(path for path in (folder, *folder.parents) if path.exists())
    note = "" if standing == folder else ", made when needed"
    try:
        with tempfile.TemporaryFile(dir=standing):
            free = shutil.disk_usage(standing).free
    except OSError as error:
        return Finding(name, worst, f"{folder} cannot be written to ({_reason(error)})", remedy)
    says = f"{folder}, {free / 1e9:.1f} GB free{note}"
    if free < SMALL_BYTES:
        return Finding(name, "warn", says, "Free some space: a clip of ten minutes takes 160 MB.")
    return Finding(name, "ok", says)


def _settings() -> Settings:
    try:
        return load_settings()
    except EngineError:
        return Settings()  # `settings` tells of the fault


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _memory() -> str:
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return ""  # Windows does not tell it this way
    return f", {size / 1e9:.0f} GB of memory"


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
