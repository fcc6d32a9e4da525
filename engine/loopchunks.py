"""The chunks by which samplers and DAWs know a loop and its tempo: `smpl` and `acid` in a WAV file.

Sources: Microsoft's Multimedia Data Standards Update (1994) for `smpl`; `acid`, of Sonic Foundry, was never
published and stands here as ACIDized files have it (libsndfile, wav.c: flags, root, beats, meter, tempo).
This module knows a Scene's tempo and nothing of files.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from engine.scene import check_meter

if TYPE_CHECKING:
    from engine.scene import Scene
    from engine.wavechunks import Chunk

MIDDLE_C = 60
"""The key at which a sampler plays it as it is."""
ONE_SHOT, STRETCHED, ON_DISK = 1, 4, 8
"""Flags of `acid`: not to be fitted into the project's tempo, or to be; read from disk while it plays."""
BEAT_TOLERANCE = 1e-3


def loop_chunks(scene: Scene, rate: int, samples: int) -> list[Chunk]:
    """`smpl` for a scene that loops, `acid` for one with a tempo; nothing for any other.

    samples: sample frames of the file, rate in Hz.
    """
    chunks: list[Chunk] = []
    if scene.loop:
        chunks.append((b"smpl", _smpl(rate, samples)))
    if scene.bpm is not None:
        chunks.append((b"acid", _acid(scene, scene.bpm, samples / rate)))
    return chunks


def _smpl(rate: int, samples: int) -> bytes:
    """One forward loop, for ever, over the whole file; its last sample belongs to it."""
    head = struct.pack("<9I", 0, 0, round(1e9 / rate), MIDDLE_C, 0, 0, 0, 1, 0)
    return head + struct.pack("<6I", 0, 0, 0, samples - 1, 0, 0)


def _acid(scene: Scene, bpm: float, seconds: float) -> bytes:
    """Beats are quarter notes, as bpm counts them. What is no whole number of them must not be stretched."""
    numerator, denominator = check_meter(scene.meter)
    beats = seconds * bpm / 60
    whole = abs(beats - round(beats)) < BEAT_TOLERANCE * max(1.0, beats / 100)
    flags = (STRETCHED if scene.loop and whole else ONE_SHOT) | ON_DISK
    return struct.pack(
        "<IHHfIHHf", flags, MIDDLE_C, 0x8000, 0.0, max(1, round(beats)), denominator, numerator, bpm
    )
