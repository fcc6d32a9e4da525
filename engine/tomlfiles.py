"""TOML files, read and written whole: presets, settings and training runs are what people write by hand.

A file is written under a temporary name in its own folder and renamed, so that no reader sees half of it.
This module knows no setting and no scene.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from engine.errors import EngineError, UsageError
from engine.textfiles import replace_text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_MAX_BYTES = 1_000_000


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises EngineError when the file cannot be read, UsageError with line and column when it is not TOML.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise EngineError(f"{path} is too large for a TOML file of Roomtone: is it the right file?")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise EngineError(f"{path} does not exist: check the name.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not a text file in UTF-8: save it as UTF-8.") from None
    except OSError as error:
        raise EngineError(
            f"{path} cannot be read ({_reason(error)}): check the file and its rights."
        ) from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML ({error}): mend it there, or remove it.") from error


def write_toml(path: Path, mapping: Mapping[str, Any], comment: str = "") -> None:
    """Write `mapping` as TOML, in place of whatever was there; settings that are None are left out.

    `comment` becomes the first lines of the file. Raises EngineError when the folder cannot be written to.
    """
    text = "".join(f"# {line}\n" for line in comment.splitlines()) + tomli_w.dumps(_without_none(mapping))
    replace_text(path, text)


def _without_none(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _plain(value) for key, value in mapping.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return _without_none(value) if isinstance(value, Mapping) else value


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
