"""Dataclasses from mappings and back: the one door by which TOML, JSON, YAML and CSV become typed values.

A wrong key is refused with the nearest right one; a wrong type is refused in the user's words. This module
knows no particular config and no file.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import sys
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from engine.errors import UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Config = TypeVar("Config")

_HINTS: dict[type[Any], dict[str, Any]] = {}
_TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text", Path: "a path"}


def from_mapping(cls: type[Config], mapping: Mapping[str, Any], where: str = "") -> Config:
    """Build the dataclass `cls` from `mapping`; nested dataclasses from nested mappings.

    `where` names the source in error messages ("run.toml", "[optim] of run.toml").
    Lists become tuples, whole numbers become floats where a float is wanted, and text becomes a number or a
    truth value where one is wanted, because YAML reads `5e-4` as text and CSV knows nothing but text.
    Raises UsageError for an unknown or missing key and for a value of the wrong type.
    """
    if not isinstance(mapping, Mapping):
        raise UsageError(
            f"{_place(where)}a table of names and values is expected here, not {_shown(mapping)}."
        )
    fields = {field.name: field for field in dataclasses.fields(cls) if field.init}  # type: ignore[arg-type]
    for key in mapping:
        if key not in fields:
            raise UsageError(
                f"{_place(where)}there is no setting {_shown(key)} here{nearest(str(key), fields)}"
            )
    hints = _hints(cls)
    values = {key: _converted(hints[key], mapping[key], _below(where, key)) for key in mapping}
    missing = [name for name, field in fields.items() if name not in values and _is_required(field)]
    if missing:
        raise UsageError(f"{_place(where)}the setting '{missing[0]}' is missing.")
    return cls(**values)


def to_mapping(config: Any) -> dict[str, Any]:
    """The dataclass as plain values that JSON can write: tuples as lists, paths as text, nested as dicts."""
    return {
        field.name: _plain(getattr(config, field.name)) for field in dataclasses.fields(config) if field.init
    }


def override(mapping: Mapping[str, Any], assignment: str) -> dict[str, Any]:
    """A copy of `mapping` with one `key.below=value` set, as given to `--set`.

    The value is read as TOML (`1e-4`, `true`, `[1, 2]`, `"text"`); what is not TOML is taken as text.
    Raises UsageError when there is no `=`, no key, or the key leads through something that is not a table.
    """
    key, equals, value = assignment.partition("=")
    steps = [step.strip() for step in key.split(".")]
    if not equals or not all(steps):
        raise UsageError(f"'{assignment}' is not of the form key=value, for example optim.lr=1e-4.")
    return _with(mapping, steps, _toml_value(value.strip()), assignment)


def nearest(word: str, known: Mapping[str, Any] | Sequence[str]) -> str:
    """The end of an error's sentence: "; did you mean ...?" with the nearest known word, else all of them."""
    names = list(known)
    close = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; known are {', '.join(names)}." if names else "."


def _hints(cls: type[Any]) -> dict[str, Any]:
    """The types of the fields. Kept: Python reads them anew at each call, which takes a millisecond."""
    if cls not in _HINTS:
        _HINTS[cls] = typing.get_type_hints(cls)
    return _HINTS[cls]


def _converted(kind: Any, value: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return value
    if origin in (typing.Union, types.UnionType):
        return _from_union(arguments, value, where)
    if origin is typing.Literal:
        return _from_literal(arguments, value, where)
    if origin is tuple:
        return _from_list(arguments, value, where)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _from_table(arguments, value, where)
    if dataclasses.is_dataclass(kind):
        if isinstance(kind, type) and isinstance(value, kind):
            return value
        return from_mapping(typing.cast("type[Any]", kind), value, where)
    return _scalar(kind, value, where)


def _from_union(kinds: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    choices = [kind for kind in kinds if kind is not type(None)]
    for kind in choices[:-1]:
        try:
            return _converted(kind, value, where)
        except UsageError:
            continue
    return _converted(choices[-1], value, where)


def _from_literal(choices: tuple[Any, ...], value: Any, where: str) -> Any:
    if value in choices:
        return value
    raise UsageError(
        f"{_place(where)}{_shown(value)} is not one of {', '.join(str(choice) for choice in choices)}."
    )


def _from_list(kinds: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise UsageError(f"{_place(where)}a list is expected, not {_shown(value)}.")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise UsageError(f"{_place(where)}a list of {len(kinds)} is expected, not of {len(value)}.")
    return tuple(_converted(kind, one, f"{where}[{n}]") for n, (kind, one) in enumerate(zip(kinds, value)))


def _from_table(kinds: tuple[Any, ...], value: Any, where: str) -> dict[Any, Any]:
    if not isinstance(value, Mapping):
        raise UsageError(f"{_place(where)}a table of names and values is expected here, not {_shown(value)}.")
    return {
        _converted(kinds[0], key, where): _converted(kinds[1], one, _below(where, key))
        for key, one in value.items()
    }


def _scalar(kind: Any, value: Any, where: str) -> Any:
    if kind is bool and isinstance(value, str):
        value = _TRUTHS.get(value.strip().lower(), value)
    elif kind in (int, float) and isinstance(value, str):
        value = _number(value)
    elif kind is Path and isinstance(value, str):
        value = Path(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = _as_float(value)
    if kind is int and isinstance(value, float) and value.is_integer():
        value = int(value)
    fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if not fits:
        raise UsageError(f"{_place(where)}{_KINDS.get(kind, str(kind))} is expected, not {_shown(value)}.")
    return value


def _as_float(number: int | float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _number(text: str) -> int | float | str:
    for read in (int, float):
        try:
            number = read(text)
        except ValueError:
            continue
        return number if math.isfinite(_as_float(number)) else text
    return text


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return to_mapping(value)
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return str(value) if isinstance(value, Path) else value


def _with(mapping: Mapping[str, Any], steps: list[str], value: Any, assignment: str) -> dict[str, Any]:
    if not isinstance(mapping, Mapping):
        raise UsageError(f"'{assignment}' goes one name too deep: '{steps[0]}' has nothing below it.")
    below = value if len(steps) == 1 else _with(mapping.get(steps[0], {}), steps[1:], value, assignment)
    return {**mapping, steps[0]: below}


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _below(where: str, key: Any) -> str:
    return f"{where}: {key}" if where else str(key)


def _place(where: str) -> str:
    return f"{where}: " if where else ""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
