"""What the user has set once and for all, and the folders in which things live.

Settings are a TOML file in the user's configuration folder. With ROOMTONE_HOME in the environment every
folder is below that one, so that a test, a second installation or a stick never touches the user's own.
This module knows no model and no file format of sound.
"""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from engine.configs import from_mapping, to_mapping
from engine.errors import EngineError, UsageError
from engine.ranges import check_choice
from engine.scene import Output
from engine.templates import check_template
from engine.tomlfiles import read_toml, write_toml

DEVICES = ("auto", "cuda", "mps", "cpu")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")
SWITCHES = ("auto", "on", "off")

_APP = "roomtone"


@dataclass(frozen=True)
class Folders:
    """Where things live. None of them need exist yet.

    library: finished takes. models: the user's own model folders. presets: the user's own presets.
    state: what programs write for themselves (queue, index). cache: may be deleted at any time.
    """

    settings_file: Path
    library: Path
    models: Path
    presets: Path
    state: Path
    cache: Path
    logs: Path


@dataclass(frozen=True)
class BridgeSettings:
    """How the bridge to the DAW listens. on: whether the panel opens it. A TCP port of 0 is not opened.

    host: 127.0.0.1 is this machine alone; any other address needs open_to_network, because whoever reaches
    the bridge can render, cancel and search the library without a password. next_free: take the next free
    port when one is taken. oscquery: on, off, or auto, which is on for this machine alone. mailbox: take
    requests from a folder too.
    """

    on: bool = True
    host: str = "127.0.0.1"
    open_to_network: bool = False
    port: int = 9000
    next_free: bool = False
    tcp_slip_port: int = 9001
    tcp_length_port: int = 9002
    oscquery: str = "auto"
    oscquery_port: int = 9003
    mailbox: bool = True

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            raise UsageError(
                f"The bridge's host {self.host[:60]!r} is no address: use 127.0.0.1 for this machine alone."
            ) from None

    def checked(self) -> BridgeSettings:
        """Itself. Raises UsageError, one sentence."""
        check_choice("oscquery", self.oscquery, SWITCHES)
        for name in ("port", "tcp_slip_port", "tcp_length_port", "oscquery_port"):
            if not 0 <= getattr(self, name) <= 65_535:
                raise UsageError(
                    f"The bridge's {name} is {getattr(self, name)}, but must be from 0 to 65535."
                )
        if not self.is_local and not self.open_to_network:
            raise UsageError(
                f"At {self.host} every machine of the network could reach the bridge, without a password: it "
                "could render, cancel and read your library. If you mean that, set open_to_network = true "
                "under [bridge]; else use the host 127.0.0.1."
            )
        return self


@dataclass(frozen=True)
class Settings:
    """What the user has set. An empty folder means the place that `folders()` names.

    threads: CPU threads for the engine, 0 for as many as the machine has cores.
    creator, source: CreatorID and SourceID in the file names of takes, as in the Universal Category System;
    file_name: how the names are made, with the fields that `naming.FIELDS` names in braces. hang_seconds: an
    engine that gives no sign of life for so long is ended, which costs its clip.
    """

    library: str = ""
    models: str = ""
    device: str = "auto"
    precision: str = "auto"
    threads: int = 0
    creator: str = "RMTN"
    source: str = "Roomtone"
    file_name: str = "{category}_{name}_{creator}_{source}"
    hang_seconds: float = 300.0
    output: Output = field(default_factory=Output)
    bridge: BridgeSettings = field(default_factory=BridgeSettings)

    @property
    def library_folder(self) -> Path:
        """Where finished takes go."""
        return _chosen(self.library, folders().library)

    @property
    def models_folder(self) -> Path:
        """Where the user's own model folders are."""
        return _chosen(self.models, folders().models)

    def checked(self) -> Settings:
        """Itself. Raises UsageError, one sentence, when a value is out of its range."""
        check_choice("device", self.device.partition(":")[0], DEVICES)
        check_choice("precision", self.precision, PRECISIONS)
        if not 0 <= self.threads <= 1024:
            raise UsageError(
                f"The number of threads is {self.threads}, but must be from 0 (all cores) to 1024."
            )
        if not 1.0 <= self.hang_seconds <= 86_400.0:
            raise UsageError(
                f"The time after which a silent engine is ended is {self.hang_seconds:g} s, but must be from "
                "1 to 86400 s."
            )
        for name, part in (("creator", self.creator), ("source", self.source)):
            if not re.fullmatch(r"[A-Za-z0-9]{1,16}", part):
                raise UsageError(
                    f"The {name} {part[:40]!r} is part of file names: use 1 to 16 letters and digits."
                )
        check_template(self.file_name)
        self.output.checked()
        self.bridge.checked()
        return self


def folders() -> Folders:
    """The folders of this user on this system, or those below ROOMTONE_HOME when that is set."""
    home = os.environ.get("ROOMTONE_HOME", "")
    if home:
        top = Path(home).expanduser().absolute()
        names = ("library", "models", "presets", "state", "cache", "logs")
        return Folders(top / "settings.toml", *(top / name for name in names))
    places = platformdirs.PlatformDirs(_APP, appauthor=False, roaming=False)
    own = places.user_data_path
    return Folders(
        settings_file=places.user_config_path / "settings.toml",
        library=places.user_music_path / "Roomtone",
        models=own / "models",
        presets=own / "presets",
        state=places.user_state_path,
        cache=places.user_cache_path,
        logs=places.user_log_path,
    )


def load_settings(path: Path | None = None) -> Settings:
    """The user's settings, or the defaults when there is no such file.

    Raises UsageError when the file holds something wrong, EngineError when it cannot be read.
    """
    path = path or folders().settings_file
    if not path.exists():
        return Settings()
    settings = from_mapping(Settings, read_toml(path), where=str(path))
    try:
        return settings.checked()
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Check the settings and write them, atomically. Raises UsageError or EngineError."""
    write_toml(path or folders().settings_file, to_mapping(settings.checked()), "Settings of Roomtone.")


def make_folder(folder: Path) -> Path:
    """The folder, made if need be. Raises EngineError when that cannot be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(
            f"The folder {folder} cannot be made ({error.strerror or error}): choose another in the settings."
        ) from error
    return folder


def _chosen(text: str, otherwise: Path) -> Path:
    return Path(text).expanduser().absolute() if text else otherwise
