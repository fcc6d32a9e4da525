"""The bounds of every number one may ask for, and the refusal when a number or a word is outside them.

One table, read by the checks of a Scene, by the command line's help and by the form. It knows no Scene.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.configs import nearest
from engine.errors import UsageError

SAMPLER_NAMES = ("ddim", "euler", "heun", "dpmpp_2m")


@dataclass(frozen=True)
class Range:
    """The bounds of one number, both inclusive, in `unit`. `whole` numbers have no fraction."""

    low: float
    high: float
    unit: str = ""
    whole: bool = False

    def __str__(self) -> str:
        return f"{_shown(self.low)} to {_shown(self.high)}{' ' + self.unit if self.unit else ''}"


RANGES: dict[str, Range] = {
    "seconds": Range(0.5, 600.0, "s"),
    "bars": Range(0.25, 999.0),
    "bpm": Range(20.0, 400.0, "bpm"),
    "seed": Range(0, 2**32 - 1, whole=True),
    "variations": Range(1, 64, whole=True),
    "steps": Range(1, 200, whole=True),
    "guidance": Range(0.0, 20.0),
    "guidance_rescale": Range(0.0, 1.0),
    "strength": Range(0.0, 1.0),
    "blend": Range(0.0, 1.0),
    "width": Range(0.0, 1.0),
    "gain_db": Range(-60.0, 12.0, "dB"),
    "pan": Range(-1.0, 1.0),
    "distance": Range(0.0, 1.0),
    "best_of": Range(1, 16, whole=True),
    "rate": Range(8_000, 192_000, "Hz", whole=True),
    "output_gain_db": Range(-60.0, 60.0, "dB"),
    "lufs": Range(-60.0, -6.0, "LUFS"),
}

DRAFT_STEPS = 2
"""Sampler steps of a quick sketch."""


def check_number(name: str, value: float | None) -> None:
    """Raise UsageError when `value` is outside RANGES[name]; None, the model's default, is always right."""
    if value is None:
        return
    bounds = RANGES[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UsageError(f"{spoken(name)} is {value!r}, but must be a number from {bounds}.")
    if not bounds.low <= value <= bounds.high:  # nor is NaN
        raise UsageError(f"{spoken(name)} is {_shown(value)}, but must be from {bounds}.")
    if bounds.whole and value != int(value):
        raise UsageError(f"{spoken(name)} is {_shown(value)}, but must be a whole number from {bounds}.")


def check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Raise UsageError, naming the nearest right word, when `value` is not one of `choices`."""
    if value not in choices:
        raise UsageError(f"{spoken(name)} {value[:40]!r} is not known{nearest(value, choices)}")


def spoken(name: str) -> str:
    """The name of a setting as the beginning of a sentence."""
    names = {
        "avoid": "The text to avoid",
        "morph": "A prompt of the morph",
        "lufs": "The loudness",
        "seconds": "The length",
        "bars": "The number of bars",
        "bpm": "The tempo",
        "best_of": "The number of candidates",
        "at": "The end to extend",
        "output_gain_db": "The gain",
        "gain_db": "The gain of a layer",
        "pan": "The pan of a layer",
        "distance": "The distance of a layer",
    }
    return names.get(name, f"The {name.replace('_', ' ')}")


def _shown(number: float) -> str:
    if isinstance(number, int):
        return str(number) if abs(number) < 10**12 else "beyond any measure"
    return f"{number:.10g}"
