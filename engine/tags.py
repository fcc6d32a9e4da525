"""What a take's file says about itself: bext, iXML, LIST/INFO and the recipe in WAV, comments in FLAC.

Sources: EBU Tech 3285 v2 (bext, coding history as in EBU R 98), iXML 2.10 with the USER fields that the
Universal Category System's tools read, RIFF INFO, Vorbis comments. This module measures nothing and decides
no name; it puts words where other programs look for them.
"""

from __future__ import annotations

import errno
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from engine import ucs
from engine.digests import NO_DIGEST, samples_digest
from engine.labels import LABEL_CHUNK, empty_slots
from engine.loopchunks import loop_chunks
from engine.recipe import RECIPE_CHUNK, RECIPE_COMMENT, Recipe, to_json
from engine.wavechunks import Chunk, info_list, places

if TYPE_CHECKING:
    from engine.mastering import Sound

BEXT_UNUSED = 0x7FFF
"""What EBU Tech 3285 v2 wants in a loudness field that was not measured."""
KEYWORD_LETTERS = 256
"""Room for the tags in iXML and INFO: ASCII of a fixed length; a write cut off at any byte leaves text."""
_BEXT = struct.Struct("<256s32s32s10s8sQH64s5h180x")


@dataclass(frozen=True)
class Names:
    """The parts of a take's file name, which stand in its tags too: FXName, CreatorID, SourceID."""

    fx_name: str
    creator: str
    source: str


def wav_chunks(recipe: Recipe, sound: Sound, names: Names) -> tuple[list[Chunk], list[Chunk]]:
    """The chunks that stand before the samples, and those after them."""
    before = [(b"bext", bext(recipe, sound))]
    after = [
        *loop_chunks(recipe.scene, sound.rate, sound.samples),
        (b"LIST", info_list(_info(recipe, names))),
        (b"iXML", ixml(recipe, sound, names)),
        (RECIPE_CHUNK, to_json(recipe, {**sound_figures(sound), "digest": NO_DIGEST}).encode("ascii")),
        # Last, so that a rewritten label lies beyond everything that a player reads.
        (LABEL_CHUNK, empty_slots()),
    ]
    return before, after


def write_digest(path: Path) -> None:
    """Put the digest of the samples into the recipe of a WAV file that nobody else knows of yet.

    The recipe has its place only when the samples are written, so it is written with room for the digest.
    """
    with path.open("r+b") as file:
        for place in places(file, path):
            if place.name == RECIPE_CHUNK:
                file.seek(place.start)
                room = file.read(place.size).rindex(NO_DIGEST.encode("ascii"))
                digest = samples_digest(path).encode("ascii")
                file.seek(place.start + room)
                file.write(digest)


def write_flac_comments(path: Path, recipe: Recipe, sound: Sound, names: Names) -> None:
    """Put the same words into a finished FLAC file, as Vorbis comments. Raises OSError, as disks do."""
    from mutagen import MutagenError
    from mutagen.flac import FLAC

    try:
        flac: Any = FLAC(path)
        flac.delete()
        for name, text in _flac_comments(recipe, sound, names, samples_digest(path)).items():
            flac[name] = text
        flac.save()
    except MutagenError as error:
        raise OSError(getattr(error.args[0], "errno", None) or errno.EIO, str(error)) from error


def sound_figures(sound: Sound) -> dict[str, Any]:
    """The measured figures as JSON has them; what was not measured, or is silence, is null."""
    loudness = sound.loudness
    figures = {
        "gain_db": sound.gain_db,
        "true_peak_db": sound.true_peak_db,
        "lufs": loudness.integrated_lufs,
        "range_lu": loudness.range_lu,
        "momentary_lufs": loudness.momentary_lufs,
        "short_term_lufs": loudness.short_term_lufs,
    }
    rounded = {name: _rounded(value) for name, value in figures.items()}
    rounded["gain_db"] = sound.gain_db  # stems get the same one: rounded, they would not add up to their mix
    return {**rounded, "samples": sound.samples, "channels": sound.channels, "notes": list(sound.notes)}


def bext(recipe: Recipe, sound: Sound) -> bytes:
    """The content of a bext chunk, version 2: with loudness. Its texts are ASCII, as the standard wants."""
    made = _made(recipe)
    loudness = sound.loudness
    measured = (
        loudness.integrated_lufs,
        loudness.range_lu,
        sound.true_peak_db,
        loudness.momentary_lufs,
        loudness.short_term_lufs,
    )
    fixed = _BEXT.pack(
        _fixed(recipe.scene.prompt, 256),
        _fixed(f"Roomtone {recipe.version}", 32),
        _fixed(f"RT{made:%Y%m%d%H%M%S}{recipe.scene.seed or 0:08x}", 32),
        _fixed(f"{made:%Y-%m-%d}", 10),
        _fixed(f"{made:%H:%M:%S}", 8),
        0,
        2,
        b"",
        *(_hundredths(value) for value in measured),
    )
    return fixed + _coding_history(recipe, sound).encode("ascii", "replace") + b"\0"


def ixml(recipe: Recipe, sound: Sound, names: Names) -> bytes:
    """The content of an iXML chunk: what the file is, its tracks, and the fields of the category system."""
    root = ElementTree.Element("BWFXML")
    _fill(
        root,
        {
            "IXML_VERSION": "2.10",
            "PROJECT": names.source,
            "NOTE": recipe.scene.prompt,
            "FILE_UID": f"{recipe.weight_hash}{recipe.scene.seed or 0:08x}",
        },
    )
    _fill(ElementTree.SubElement(root, "SPEED"), {"FILE_SAMPLE_RATE": str(sound.rate)})
    tracks = ElementTree.SubElement(root, "TRACK_LIST")
    _fill(tracks, {"TRACK_COUNT": str(sound.channels)})
    for number in range(1, sound.channels + 1):
        name = ("Left", "Right")[number - 1] if sound.channels == 2 else str(number)
        track = {"CHANNEL_INDEX": str(number), "INTERLEAVE_INDEX": str(number), "NAME": name}
        _fill(ElementTree.SubElement(tracks, "TRACK"), track)
    fields = {**_ucs_fields(recipe, names), "KEYWORDS": " " * KEYWORD_LETTERS}
    _fill(ElementTree.SubElement(root, "USER"), fields)
    xml: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return xml


def _ucs_fields(recipe: Recipe, names: Names) -> dict[str, str]:
    category = _category(recipe)
    return {
        "CATID": category.cat_id,
        "CATEGORY": category.category,
        "SUBCATEGORY": category.subcategory,
        "CATEGORYFULL": category.full,
        "FXNAME": names.fx_name,
        "DESCRIPTION": recipe.scene.prompt,
        "DESIGNER": names.creator,
        "SHORTID": names.creator,
        "SHOW": names.source,
        "LIBRARY": "Roomtone",
        "RELEASEDATE": f"{_made(recipe):%Y-%m-%d}",
        "EMBEDDER": f"Roomtone {recipe.version}",
        "NOTES": _model_line(recipe),
    }


def keywords(category: ucs.Category, tags: Iterable[str] = ()) -> str:
    """The category and the tags as ASCII, whole words only, at most KEYWORD_LETTERS - 1 letters."""
    text = f"{category.cat_id}, {category.category}, {category.subcategory}"
    for tag in tags:
        word = re.sub(r"[<>&]", "", ucs.ascii_text(tag)).strip()
        if word and len(text) + len(word) + 3 <= KEYWORD_LETTERS:
            text += f", {word}"
    return text


def _info(recipe: Recipe, names: Names) -> dict[bytes, str]:
    return {
        b"INAM": names.fx_name,
        b"ICMT": recipe.scene.prompt,
        b"IGNR": _category(recipe).full,
        b"IART": names.creator,
        b"IPRD": names.source,
        b"ICRD": f"{_made(recipe):%Y-%m-%d}",
        b"IKEY": keywords(_category(recipe)).ljust(KEYWORD_LETTERS, "\0"),
        b"ISFT": f"Roomtone {recipe.version}",
    }


def _flac_comments(recipe: Recipe, sound: Sound, names: Names, digest: str) -> dict[str, str]:
    return {
        "TITLE": names.fx_name,
        "ARTIST": names.creator,
        "ALBUM": names.source,
        "GENRE": _category(recipe).full,
        "DATE": f"{_made(recipe):%Y-%m-%d}",
        "COMMENT": _model_line(recipe),
        "ENCODED-BY": f"Roomtone {recipe.version}",
        **_ucs_fields(recipe, names),
        RECIPE_COMMENT: to_json(recipe, {**sound_figures(sound), "digest": digest}),
    }


def _coding_history(recipe: Recipe, sound: Sound) -> str:
    width = recipe.output.bits.rstrip("f")
    mode = {1: "mono", 2: "stereo"}.get(sound.channels, "multichannel")
    text = f"Roomtone {recipe.version}; {_model_line(recipe)}".replace(",", ";")
    return f"A=PCM,F={sound.rate},W={width},M={mode},T={ucs.ascii_text(text)}\r\n"


def _model_line(recipe: Recipe) -> str:
    return f"model {recipe.model} {recipe.weight_hash}, seed {recipe.scene.seed}".replace("  ", " ")


def _category(recipe: Recipe) -> ucs.Category:
    return ucs.CATEGORIES.get(recipe.category) or ucs.choose(recipe.scene.prompt)


def _made(recipe: Recipe) -> datetime:
    return datetime.fromisoformat(recipe.created)


def _fixed(text: str, length: int) -> bytes:
    return ucs.ascii_text(text).encode("ascii")[:length]


def _hundredths(value: float | None) -> int:
    rounded = _rounded(value)
    if rounded is None:
        return BEXT_UNUSED
    return max(-0x8000, min(0x7FFE, round(rounded * 100)))


def _rounded(value: float | None) -> float | None:
    return None if value is None or value in (float("inf"), float("-inf")) else round(value, 2)


def _fill(parent: ElementTree.Element, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        ElementTree.SubElement(parent, name).text = text
