"""A message against the table: the right address, the right arguments of the right types, or one sentence.

Numbers are taken as whole or not, of 32 or 64 bits, because hosts cannot choose; what is optional is left
out, or is 0 or "". This module knows no socket and no studio.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from bridge.addresses import ANSWERS, KINDS, PREFIX, REQUESTS, Address, Argument
from bridge.packets import Message, Value
from engine.configs import nearest

Arguments = Mapping[str, str | int | float]
"""The arguments by name; optional ones that were left out are 0 or ""."""

_MISSING: Arguments = {"s": "", "i": 0, "f": 0.0}
_LARGEST = 2**53
_LONGEST_NAME = 20
_MEAN = "did you mean '"
_ERRORS_OF_OTHERS = ("error", "fail", "failed", "failure")


class Refused(Exception):
    """The message is refused. code: one of bridge.addresses.CODES; its text is one sentence."""

    def __init__(self, code: str, sentence: str, job: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.job = job


def is_answer(address: str) -> bool:
    """Whether it is an answer, ours or another program's refusal: answering that could go on for ever."""
    name = address.removeprefix(PREFIX)
    return name in ANSWERS or address.rpartition("/")[2] in (*_ERRORS_OF_OTHERS, "pong")


def find_request(address: str) -> Address:
    """The line of the table for an exact address. Raises Refused with the nearest one."""
    request = REQUESTS.get(address.removeprefix(PREFIX)) if address.startswith(PREFIX) else None
    if request is None:
        raise Refused("unknown-address", f"There is no address {address[:80]}{_hint(address[:80])}")
    return request


def checked(address: Address, values: tuple[Value, ...]) -> dict[str, str | int | float]:
    """The arguments by name, converted. Raises Refused, naming the argument and how it is used."""
    job = _job(address, values)
    needed = sum(not argument.optional for argument in address.arguments)
    if not needed <= len(values) <= len(address.arguments):
        what = "arguments are missing" if len(values) < needed else "there are too many arguments"
        raise Refused("bad-arguments", f"{_capital(what)}: {address.usage}", job)
    named: dict[str, str | int | float] = {}
    for number, argument in enumerate(address.arguments):
        if number >= len(values):
            named[argument.name] = _MISSING[argument.kind]
            continue
        try:
            named[argument.name] = _converted(argument, values[number])
        except ValueError as error:
            raise Refused("bad-arguments", f"{error}: {address.usage}", job) from None
    return named


def answer(name: str, *values: str | int | float) -> Message:
    """An answer of the table, with the types that it promises. Raises ValueError for a wrong one: our bug."""
    address = ANSWERS[name]
    if len(values) != len(address.arguments):
        raise ValueError(f"{name} has {len(address.arguments)} arguments, not {len(values)}")
    return Message(address.path, tuple(_sent(*pair) for pair in zip(address.arguments, values)))


@lru_cache(maxsize=256)
def _hint(address: str) -> str:
    # Names alone, and short ones: looking for the nearest must not cost more than sending does.
    hint = nearest(address.removeprefix(PREFIX)[:_LONGEST_NAME], list(REQUESTS)).rstrip("?")
    if "did you mean" not in hint:
        return f": {PREFIX}describe tells all that there are."
    return f"{hint.replace(_MEAN, _MEAN + PREFIX)}?"


def _converted(argument: Argument, value: Value) -> str | int | float:
    if argument.kind == "s":
        if not isinstance(value, str):
            raise ValueError(f"{argument.name} is a text, not {_shown(value)}")
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{argument.name} is {KINDS[argument.kind]}, not {_shown(value)}")
    if not abs(value) <= _LARGEST:  # nor is NaN
        raise ValueError(f"{argument.name} is {_shown(value)}, which is no number one can use")
    if argument.kind == "f":
        return float(value)
    if value != int(value):
        raise ValueError(f"{argument.name} is a whole number, not {_shown(value)}")
    return int(value)


def _sent(argument: Argument, value: str | int | float) -> Value:
    if argument.kind == "s":
        if not isinstance(value, str):
            raise ValueError(f"{argument.name} is sent as text, not as {value!r}")
        return value
    if isinstance(value, str):
        raise ValueError(f"{argument.name} is sent as a number, not as {value!r}")
    return int(value) if argument.kind == "i" else float(value)


def _job(address: Address, values: tuple[Value, ...]) -> str:
    first = values[0] if values and address.arguments and address.arguments[0].name == "job" else ""
    return first[:100] if isinstance(first, str) else ""


def _shown(value: Value) -> str:
    if value is None or isinstance(value, bool):
        return {True: "true", False: "false", None: "nil"}[value]
    return f"{value:g}" if isinstance(value, float) else repr(value)[:40]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
