"""The Scene: what is asked for, in a producer's words; and the Output: how the file shall be.

Both are frozen values that cross threads, processes and files. This module knows no model and makes no sound;
a None or an empty text means the model's own default, which the catalogue knows.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from engine.changes import KEEPING, check_change
from engine.errors import UsageError
from engine.layer import Layer, check_layers
from engine.ranges import RANGES, SAMPLER_NAMES, Range, check_choice, check_number, spoken

__all__ = [
    "BITS",
    "FORMATS",
    "PROMPT_CHARACTERS",
    "RANGES",
    "SAMPLER_NAMES",
    "Layer",
    "Output",
    "Range",
    "Scene",
]

PROMPT_CHARACTERS = 2_000
FORMATS = ("wav", "flac")
BITS = ("16", "24", "32f")


@dataclass(frozen=True)
class Scene:
    """What is asked for.

    seconds: length of the clip. bars, bpm, meter: with `bars`, the length is so many bars of that meter at so
    many quarter notes a minute, and `checked` sets `seconds` to it; a bpm alone is only remembered. loop: the
    end goes on into the beginning. seed, steps, guidance, sampler: None or "" is the model's default, and a
    seed of None is drawn anew for each clip. guidance_rescale: 0 is off (Lin et al. 2023, eq. 16). model: a
    name of the catalogue or a folder.

    source, change: a sound file, and what is made from it (changes.CHANGES; "" is a variation), which goes by
    strength (0 is the clip, 1 a fresh render), at (the end that is extended) or part ("3.0-5.5", in seconds).
    morph: prompts that follow `prompt` over time, evenly spaced; with a blend, one sound all along, so far on
    the way from the first to the last. layers: when there are any, they are what is rendered, and `prompt` is
    their title; stem: 0 is the mix of them, 1 the first alone. width: 0 mono, 1 decorrelated, None as it is.
    best_of: so many are rendered, and the one that fits the prompt best is the take; the others are rejected.
    """

    prompt: str
    avoid: str = ""
    seconds: float = 10.0
    bars: float | None = None
    bpm: float | None = None
    meter: str = "4/4"
    loop: bool = False
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None
    guidance_rescale: float = 0.0
    sampler: str = ""
    model: str = "mini"
    source: str = ""
    change: str = ""
    strength: float = 0.5
    at: str = "end"
    part: str = ""
    morph: tuple[str, ...] = ()
    blend: float | None = None
    layers: tuple[Layer, ...] = ()
    stem: int = 0
    width: float | None = None
    best_of: int = 1

    def checked(self) -> Scene:
        """The scene with blanks trimmed. Raises UsageError, one sentence, when it cannot be rendered."""
        prompt, avoid = self.prompt.strip(), self.avoid.strip()
        if not prompt:
            raise UsageError(
                "The prompt is empty: say what shall be heard, for example 'rain on a tin roof'."
            )
        for words in (prompt, *(layer.prompt for layer in self.layers)):
            check_prompt(words)
        for words in self.morph:
            check_prompt(words, "morph")
        check_text("avoid", avoid)
        for name in ("bars", "bpm"):
            check_number(name, getattr(self, name))
        seconds = self.seconds if self.bars is None else bar_seconds(self.bars, self.bpm, self.meter)
        check_meter(self.meter)
        check_number("seconds", seconds)
        for name in ("seed", "steps", "guidance", "guidance_rescale", "blend", "width", "best_of"):
            check_number(name, getattr(self, name))
        self._check_change()
        self._check_layers()
        if self.sampler:
            check_choice("sampler", self.sampler, SAMPLER_NAMES)
        if not self.model.strip():
            raise UsageError("The model has no name: leave it out for the model that comes with Roomtone.")
        return replace(self, prompt=prompt, avoid=avoid, seconds=seconds)

    def _check_change(self) -> None:
        check_change(self.source, self.change, self.strength, self.at, self.part)
        if self.change in KEEPING and self.width is not None:
            raise UsageError("The width of a clip that is kept cannot be changed: leave the width out.")
        if self.change == "extend" and self.loop:
            raise UsageError(
                "A clip that is extended does not loop: leave the loop out, or render a variation."
            )

    def _check_layers(self) -> None:
        check_layers(self.layers, self.stem)
        if self.stem and self.width is not None:
            raise UsageError("A stem is as wide as its layer is in the mix: leave the width out.")
        if self.layers and (self.source or self.morph):
            raise UsageError(
                "A scene of layers cannot be made from a clip or morph: render its parts one by one."
            )


@dataclass(frozen=True)
class Output:
    """How the file shall be: container, sample rate in Hz, sample width, integrated loudness in LUFS.

    gain_db: instead of the loudness, so many dB more than the model's own level: stems of one mix share it.
    """

    format: str = "wav"
    rate: int = 44_100
    bits: str = "24"
    lufs: float = -26.0
    gain_db: float | None = None

    def checked(self) -> Output:
        """Itself. Raises UsageError, one sentence, when no such file can be written."""
        check_choice("format", self.format, FORMATS)
        check_choice("bits", self.bits, BITS)
        check_number("rate", self.rate)
        check_number("lufs", self.lufs)
        check_number("output_gain_db", self.gain_db)
        if self.format == "flac" and self.bits == "32f":
            raise UsageError("FLAC has no floating point: choose 16 or 24 bits, or the format wav.")
        return self


def bar_seconds(bars: float, bpm: float | None, meter: str) -> float:
    """The length of so many bars: bars x numerator x 4/denominator x 60/bpm, with bpm in quarter notes.

    Raises UsageError when there is no tempo or the meter is none.
    """
    if bpm is None:
        raise UsageError("A length in bars needs a tempo: give the bpm too.")
    numerator, denominator = check_meter(meter)
    return bars * numerator * (4 / denominator) * 60 / bpm


def check_meter(meter: str) -> tuple[int, int]:
    """Numerator and denominator of a meter such as "7/8". Raises UsageError when it is none."""
    match = re.fullmatch(r"(\d{1,2})/(1|2|4|8|16|32)", meter.strip())
    if match is None or not 1 <= int(match[1]) <= 64:
        raise UsageError(f"The meter {meter[:40]!r} is not known: write it as 4/4, 3/4 or 7/8.")
    return int(match[1]), int(match[2])


def check_prompt(prompt: str, name: str = "prompt") -> None:
    """Raise UsageError when a prompt is too long, has no word in it, or characters that no file carries."""
    check_text(name, prompt)
    if not any(character.isalnum() for character in prompt):
        raise UsageError(
            f"{spoken(name)} has no word in it: say what shall be heard, for example 'rain on a tin roof'."
        )


def morph_seconds(scene: Scene) -> tuple[tuple[float, str], ...]:
    """When each prompt of a morph over time is reached: (second, prompt), evenly spaced over the clip.

    A loop comes back to its first prompt at the end. () for a blend, and for what is no morph.
    """
    if not scene.morph or scene.blend is not None:
        return ()
    prompts = (scene.prompt, *scene.morph, *([scene.prompt] if scene.loop else []))
    return tuple((scene.seconds * place / (len(prompts) - 1), words) for place, words in enumerate(prompts))


def check_text(name: str, text: str) -> None:
    """Raise UsageError when `text` is too long or has characters that no file could carry."""
    if len(text) > PROMPT_CHARACTERS:
        raise UsageError(
            f"{spoken(name)} has {len(text)} characters, but at most {PROMPT_CHARACTERS} are read."
        )
    for place, character in enumerate(text, start=1):
        # Cc: control; Cs: half of a pair, as from broken UTF-8; U+FFFE and U+FFFF: forbidden in XML.
        if unicodedata.category(character) in ("Cc", "Cs") or character in "\ufffe\uffff":
            raise UsageError(
                f"{spoken(name)} has a control character (U+{ord(character):04X}) at place {place}."
            )
