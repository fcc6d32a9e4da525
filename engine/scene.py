"""The Scene: what is asked for, in a producer's words; and the Output: how the file shall be.

Both are frozen values that cross threads, processes and files. This module knows no model and makes no sound;
a None or an empty text means the model's own default, which the catalogue knows.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.configs import nearest
from engine.errors import UsageError

PROMPT_CHARACTERS = 2_000
SAMPLER_NAMES = ("ddim", "euler", "heun", "dpmpp_2m")
FORMATS = ("wav", "flac")
BITS = ("16", "24", "32f")


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
    "seed": Range(0, 2**32 - 1, whole=True),
    "variations": Range(1, 64, whole=True),
    "steps": Range(1, 200, whole=True),
    "guidance": Range(0.0, 20.0),
    "guidance_rescale": Range(0.0, 1.0),
    "rate": Range(8_000, 192_000, "Hz", whole=True),
    "lufs": Range(-60.0, -6.0, "LUFS"),
}


@dataclass(frozen=True)
class Scene:
    """What is asked for.

    seconds: length of the clip. seed, steps, guidance, sampler: None or "" is the model's default, and a seed
    of None is drawn anew for each clip. guidance_rescale: 0 is off (Lin et al. 2023, eq. 16). model: a name
    of the catalogue or a folder.
    """

    prompt: str
    avoid: str = ""
    seconds: float = 10.0
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None
    guidance_rescale: float = 0.0
    sampler: str = ""
    model: str = "mini"

    def checked(self) -> Scene:
        """The scene with blanks trimmed. Raises UsageError, one sentence, when it cannot be rendered."""
        prompt, avoid = self.prompt.strip(), self.avoid.strip()
        if not prompt:
            raise UsageError(
                "The prompt is empty: say what shall be heard, for example 'rain on a tin roof'."
            )
        check_text("prompt", prompt)
        check_text("avoid", avoid)
        if not any(character.isalnum() for character in prompt):
            raise UsageError(
                "The prompt has no word in it: say what shall be heard, for example 'rain on a tin roof'."
            )
        for name in ("seconds", "seed", "steps", "guidance", "guidance_rescale"):
            check_number(name, getattr(self, name))
        if self.sampler:
            check_choice("sampler", self.sampler, SAMPLER_NAMES)
        if not self.model.strip():
            raise UsageError("The model has no name: leave it out for the model that comes with Roomtone.")
        return replace(self, prompt=prompt, avoid=avoid)


@dataclass(frozen=True)
class Output:
    """How the file shall be: container, sample rate in Hz, sample width, integrated loudness in LUFS."""

    format: str = "wav"
    rate: int = 44_100
    bits: str = "24"
    lufs: float = -26.0

    def checked(self) -> Output:
        """Itself. Raises UsageError, one sentence, when no such file can be written."""
        check_choice("format", self.format, FORMATS)
        check_choice("bits", self.bits, BITS)
        check_number("rate", self.rate)
        check_number("lufs", self.lufs)
        if self.format == "flac" and self.bits == "32f":
            raise UsageError("FLAC has no floating point: choose 16 or 24 bits, or the format wav.")
        return self


def check_number(name: str, value: float | None) -> None:
    """Raise UsageError when `value` is outside RANGES[name]; None, the model's default, is always right."""
    if value is None:
        return
    bounds = RANGES[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UsageError(f"{_name(name)} is {value!r}, but must be a number from {bounds}.")
    if not (math.isfinite(value) and bounds.low <= value <= bounds.high):
        raise UsageError(f"{_name(name)} is {_shown(value)}, but must be from {bounds}.")
    if bounds.whole and value != int(value):
        raise UsageError(f"{_name(name)} is {_shown(value)}, but must be a whole number from {bounds}.")


def check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Raise UsageError, naming the nearest right word, when `value` is not one of `choices`."""
    if value not in choices:
        raise UsageError(f"{_name(name)} {value[:40]!r} is not known{nearest(value, choices)}")


def check_text(name: str, text: str) -> None:
    """Raise UsageError when `text` is too long or has characters that no file could carry."""
    if len(text) > PROMPT_CHARACTERS:
        raise UsageError(
            f"{_name(name)} has {len(text)} characters, but at most {PROMPT_CHARACTERS} are read: shorten it."
        )
    for place, character in enumerate(text, start=1):
        # Cc: control; Cs: half of a pair, as from broken UTF-8; U+FFFE and U+FFFF: forbidden in XML.
        if unicodedata.category(character) in ("Cc", "Cs") or character in "\ufffe\uffff":
            raise UsageError(
                f"{_name(name)} has a control character (U+{ord(character):04X}) at place {place}: remove it."
            )


def _name(name: str) -> str:
    return {"avoid": "The text to avoid", "lufs": "The loudness"}.get(name, f"The {name.replace('_', ' ')}")


def _shown(number: float) -> str:
    return f"{number:.10g}"
