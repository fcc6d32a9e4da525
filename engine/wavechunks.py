"""The RIFF container of a WAV file: whole files out, chunks in, chunks exchanged in a finished file.

soundfile writes none of the chunks that tell a library what a sound is, so the container is written here.
Sources: Microsoft RIFF (1991), EBU Tech 3285 v2 (bext), Microsoft WAVEFORMATEX. This module knows no recipe
and no take; what stands in the chunks is the business of `tags`. RF64 is neither written nor read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from engine.errors import EngineError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LARGEST_RIFF = 2**32 - 1
LARGEST_TAG_CHUNK = 16 * 2**20
"""A chunk of text larger than this is not read: no program writes one, a damaged size field may claim one."""

_BITS = {"16": 16, "24": 24, "32f": 32}
_PCM, _IEEE_FLOAT = 1, 3

Chunk = tuple[bytes, bytes]
"""Four letters and the content, without size and padding."""


@dataclass(frozen=True)
class WavFormat:
    """rate in Hz; bits "16", "24" or "32f"; samples: sample frames, known before the first is written."""

    rate: int
    channels: int
    bits: str
    samples: int

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample frame."""
        return self.channels * _BITS[self.bits] // 8

    @property
    def data_bytes(self) -> int:
        """Bytes of all samples."""
        return self.samples * self.frame_bytes


@dataclass(frozen=True)
class Place:
    """Where a chunk's content lies in a file."""

    name: bytes
    start: int
    size: int


def write_wav(
    file: BinaryIO,
    wav_format: WavFormat,
    blocks: Iterable[NDArray[np.float32]],
    before: Sequence[Chunk] = (),
    after: Sequence[Chunk] = (),
) -> None:
    """Write a whole WAV file: header, chunks `before`, samples, chunks `after`.

    blocks: (samples, channels) in [-1, 1], `wav_format.samples` altogether. Whole numbers are rounded to
    nearest without dither, full scale is 2^(bits - 1), so that a file read as float and written again is the
    same.
    Raises EngineError when it would exceed the 4 GB of a RIFF file, ValueError for a wrong number of samples.
    """
    head = [(b"fmt ", _format_chunk(wav_format)), *before]
    if wav_format.bits == "32f":
        head.insert(1, (b"fact", struct.pack("<I", wav_format.samples)))
    size = 4 + _size(head) + 8 + _padded(wav_format.data_bytes) + _size(after)
    _check_size(size)
    file.write(struct.pack("<4sI4s", b"RIFF", size, b"WAVE"))
    _write_chunks(file, head)
    file.write(struct.pack("<4sI", b"data", wav_format.data_bytes))
    written = 0
    for block in blocks:
        file.write(_sample_bytes(block, wav_format.bits))
        written += len(block)
    if written != wav_format.samples:
        raise ValueError(f"{written} samples came where {wav_format.samples} were announced")
    file.write(b"\0" * (wav_format.data_bytes % 2))
    _write_chunks(file, after)


def quantised(block: NDArray[np.float32], bits: int) -> NDArray[np.int32]:
    """Samples in [-1, 1] to whole numbers of `bits` bits: rounded to nearest, clipped at full scale."""
    import numpy as np  # here: who only reads recipes need not wait for it

    full_scale = 2 ** (bits - 1)
    rounded = np.rint(block.astype(np.float64) * full_scale)
    whole: NDArray[np.int32] = np.clip(rounded, -full_scale, full_scale - 1).astype(np.int32)
    return whole


def places(file: BinaryIO, path: Path) -> list[Place]:
    """All chunks of an open RIFF/WAVE file in order. Raises EngineError when it is none or cut short."""
    end = file.seek(0, 2)
    file.seek(0)
    head = file.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise EngineError(f"{path} is not a WAV file.")
    found, start = [], 12
    while start + 8 <= end:
        file.seek(start)
        name, size = struct.unpack("<4sI", file.read(8))
        if start + 8 + size > end:
            raise EngineError(
                f"The WAV file {path} is damaged: its chunk {_shown(name)} is cut short. Copy it again."
            )
        found.append(Place(name, start + 8, size))
        start += 8 + _padded(size)
    return found


def read_chunk(path: Path | str, name: bytes) -> bytes | None:
    """The content of the first chunk of that name, None when there is none.

    Raises EngineError when the file cannot be read or is no WAV file.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            for place in places(file, path):
                if place.name == name and place.size <= LARGEST_TAG_CHUNK:
                    file.seek(place.start)
                    return file.read(place.size)
    except OSError as error:
        raise EngineError(f"The file {path} cannot be read: {error.strerror or error}.") from error
    return None


def copy_with_chunks(
    source: BinaryIO, target: BinaryIO, path: Path, chunks: Mapping[bytes, bytes | None]
) -> None:
    """Copy a WAV file with some chunks exchanged, added at the end, or (None) left out; samples untouched.

    path: the source's name, for messages. Raises EngineError when it is no WAV file or would exceed 4 GB.
    """
    found = places(source, path)
    kept = [place for place in found if place.name not in chunks]
    new = [(name, content) for name, content in chunks.items() if content is not None]
    size = 4 + sum(8 + _padded(place.size) for place in kept) + _size(new)
    _check_size(size)
    target.write(struct.pack("<4sI4s", b"RIFF", size, b"WAVE"))
    for place in kept:
        target.write(struct.pack("<4sI", place.name, place.size))
        _copy(source, target, place)
    _write_chunks(target, new)


def info_list(texts: Mapping[bytes, str]) -> bytes:
    """The content of a LIST chunk of type INFO: four letters and a zero-terminated UTF-8 text each."""
    parts = [b"INFO"]
    for name, text in texts.items():
        content = text.encode("utf-8") + b"\0"
        parts += [struct.pack("<4sI", name, len(content)), content, b"\0" * (len(content) % 2)]
    return b"".join(parts)


def _format_chunk(wav_format: WavFormat) -> bytes:
    is_float = wav_format.bits == "32f"
    basic = struct.pack(
        "<HHIIHH",
        _IEEE_FLOAT if is_float else _PCM,
        wav_format.channels,
        wav_format.rate,
        wav_format.rate * wav_format.frame_bytes,
        wav_format.frame_bytes,
        _BITS[wav_format.bits],
    )
    return basic + (struct.pack("<H", 0) if is_float else b"")


def _sample_bytes(block: NDArray[np.float32], bits: str) -> bytes:
    if bits == "32f":
        return block.astype("<f4").tobytes()
    whole = quantised(block, _BITS[bits])
    if bits == "16":
        return whole.astype("<i2").tobytes()
    # The three lower bytes of each little-endian 32 bit number.
    return whole.astype("<i4").view("u1").reshape(-1, 4)[:, :3].tobytes()


def _copy(source: BinaryIO, target: BinaryIO, place: Place) -> None:
    source.seek(place.start)
    left = place.size
    while left:
        piece = source.read(min(left, 2**20))
        target.write(piece)
        left -= len(piece)
    target.write(b"\0" * (place.size % 2))


def _write_chunks(file: BinaryIO, chunks: Iterable[Chunk]) -> None:
    for name, content in chunks:
        file.write(struct.pack("<4sI", name, len(content)) + content + b"\0" * (len(content) % 2))


def _size(chunks: Iterable[Chunk]) -> int:
    return sum(8 + _padded(len(content)) for _, content in chunks)


def _padded(size: int) -> int:
    return size + size % 2


def _check_size(size: int) -> None:
    if size > LARGEST_RIFF:
        raise EngineError(
            f"A WAV file holds at most 4 GB, this one would need {size / 2**30:.1f} GB: "
            "make the clip shorter, or choose fewer bits, a lower rate or the format flac."
        )


def _shown(name: bytes) -> str:
    return repr(name.decode("latin-1"))
