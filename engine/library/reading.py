"""What one sound file in the library says of itself: its recipe, its labels, its length.

Only headers and chunks of text are read, no sample, so that a library of years is read in a minute. A file of
another program has no recipe, and is known by a hash over the ends of its sound. This module knows no index.
"""

from __future__ import annotations

import hashlib
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from engine.errors import EngineError
from engine.labels import LABEL_CHUNK, LABEL_COMMENT, Labels, labels_of_slots, labels_of_text
from engine.recipe import RECIPE_CHUNK, RECIPE_COMMENT, Recipe, recipe_and_sound
from engine.wavechunks import LARGEST_TAG_CHUNK, Place, places

SOUND_ENDINGS = frozenset({".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3", ".opus", ".w64", ".caf"})
_ENDS_BYTES = 4_096
_SIMPLE_FORMATS = (1, 3, 0xFFFE)


@dataclass(frozen=True)
class SoundFile:
    """A file as it is now. recipe: None for a foreign file. clip: the id in the file, or derived from it.

    digest: of the samples as they were when the file was made, empty when the file does not say. complaint: a
    sentence when the recipe is damaged or of a newer Roomtone; the file then counts as a foreign one.
    """

    path: Path
    size: int
    mtime_ns: int
    recipe: Recipe | None
    clip: str
    labels: Labels
    seconds: float
    rate: int
    channels: int
    lufs: float | None = None
    true_peak_db: float | None = None
    digest: str = ""
    complaint: str = ""


def is_sound(path: Path) -> bool:
    """Whether a name is that of a sound file, and of no hidden one: those are half-written, or not for us."""
    return path.suffix.lower() in SOUND_ENDINGS and not path.name.startswith(".")


def read_sound_file(path: Path) -> SoundFile:
    """What the file says. Raises EngineError when it is not there, unreadable or no sound."""
    try:
        # Before the content: a file that changes meanwhile is then read once more, not never.
        state = path.stat()
        with path.open("rb") as file:
            start = file.read(4)
            found = {b"RIFF": _wav, b"fLaC": _flac}.get(start, _other)(file, path)
    except FileNotFoundError:
        raise EngineError(f"There is no file {path}: check its name.") from None
    except OSError as error:
        raise EngineError(f"The file {path} cannot be read: {error.strerror or error}.") from error
    recipe, figures, complaint = _recipe(found.recipe, path)
    return SoundFile(
        path=path,
        size=state.st_size,
        mtime_ns=state.st_mtime_ns,
        recipe=recipe,
        clip=recipe.clip if recipe else found.stranger,
        labels=found.labels or Labels(),
        seconds=found.samples / found.rate,
        rate=found.rate,
        channels=found.channels,
        lufs=_number(figures.get("lufs")),
        true_peak_db=_number(figures.get("true_peak_db")),
        digest=str(figures.get("digest") or ""),
        complaint=complaint,
    )


@dataclass(frozen=True)
class _Content:
    recipe: str | None
    labels: Labels | None
    samples: int
    rate: int
    channels: int
    stranger: str


def _wav(file: BinaryIO, path: Path) -> _Content:
    found: dict[bytes, Place] = {}
    for place in places(file, path):
        found.setdefault(place.name, place)
    if b"fmt " not in found or b"data" not in found or found[b"fmt "].size < 16:
        raise EngineError(f"The WAV file {path} is damaged: it says nothing of its samples. Copy it again.")
    kind, channels, rate, _, frame_bytes = struct.unpack("<HHIIH", _bytes(file, found[b"fmt "])[:14])
    samples = found[b"data"].size // max(1, frame_bytes)
    if kind not in _SIMPLE_FORMATS or not (channels and rate and frame_bytes):
        from engine.audio import sound_info  # numpy and libsndfile: not before they are needed

        info = sound_info(path)
        samples, rate, channels = info.samples, info.rate, info.channels
    recipe, slots = (_text_chunk(file, found.get(name)) for name in (RECIPE_CHUNK, LABEL_CHUNK))
    return _Content(
        recipe=None if recipe is None else recipe.decode("utf-8", "replace"),
        labels=None if slots is None else labels_of_slots(slots),
        samples=samples,
        rate=rate,
        channels=channels,
        stranger=_ends(file, found[b"data"].start, found[b"data"].size),
    )


def _flac(_file: BinaryIO, path: Path) -> _Content:
    from mutagen import MutagenError
    from mutagen.flac import FLAC

    try:
        flac: Any = FLAC(path)
    except MutagenError as error:
        raise EngineError(f"The FLAC file {path} is damaged: {error}.") from error
    comments = flac.tags or {}
    recipe, labels = (comments.get(name, [None])[0] for name in (RECIPE_COMMENT, LABEL_COMMENT))
    info = flac.info
    return _Content(
        recipe=recipe,
        labels=None if labels is None else labels_of_text(labels),
        samples=int(info.total_samples),
        rate=int(info.sample_rate),
        channels=int(info.channels),
        # Every FLAC file carries a hash of its samples.
        stranger=f"{info.md5_signature:032x}"[:12],
    )


def _other(file: BinaryIO, path: Path) -> _Content:
    from engine.audio import sound_info

    info = sound_info(path)
    size = file.seek(0, os.SEEK_END)
    return _Content(None, None, info.samples, info.rate, info.channels, _ends(file, 0, size))


def _recipe(text: str | None, path: Path) -> tuple[Recipe | None, dict[str, Any], str]:
    if text is None:
        return None, {}, ""
    try:
        return *recipe_and_sound(text, str(path)), ""
    except EngineError as error:
        return None, {}, str(error)


def _text_chunk(file: BinaryIO, place: Place | None) -> bytes | None:
    return None if place is None or place.size > LARGEST_TAG_CHUNK else _bytes(file, place)


def _bytes(file: BinaryIO, place: Place) -> bytes:
    file.seek(place.start)
    return file.read(place.size)


def _ends(file: BinaryIO, start: int, size: int) -> str:
    content = hashlib.sha256(str(size).encode())
    for place in (start, start + max(0, size - _ENDS_BYTES)):
        file.seek(place)
        content.update(file.read(min(size, _ENDS_BYTES)))
    return content.hexdigest()[:12]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
