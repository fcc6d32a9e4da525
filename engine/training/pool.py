"""A pool of encoded segments on disk: latents with the vectors of their sound and of their caption.

Written once for a source and the weights that encode, then read by memory map; a pool half-written is never seen.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.errors import EngineError
from engine.models.store import Model
from engine.training.segments import SegmentSource

ENCODED_AT_ONCE = 16


@dataclass(frozen=True)
class PoolConfig:
    """What is drawn: `split` "train" draws and augments, "test" takes the fixed segments."""

    split: str
    segments: int
    seed: int
    seconds: float


class Pool:
    """`len(pool)` segments; every method takes row numbers (b,) and gives float32 tensors on the CPU."""

    def __init__(self, file: Path) -> None:
        arrays = {name: np.load(file / f"{name}.npy", mmap_mode="r") for name in ("latents", "audio", "text")}
        self._latents, self._audio, self._text = arrays["latents"], arrays["audio"], arrays["text"]
        self.width = int(self._audio.shape[1])

    def __len__(self) -> int:
        return len(self._latents)

    def latents(self, rows: NDArray[np.int64]) -> Tensor:
        """(b, z, t', m'), normalised."""
        return _tensor(self._latents, rows)

    def audio(self, rows: NDArray[np.int64]) -> Tensor:
        """(b, d) of the audio tower."""
        return _tensor(self._audio, rows)

    def text(self, rows: NDArray[np.int64]) -> Tensor:
        """(b, d) of the text tower."""
        return _tensor(self._text, rows)


def build(
    folder: Path, config: PoolConfig, source: SegmentSource, model: Model, device: torch.device
) -> Pool:
    """The pool for this config, these recordings and these weights; encoded now if it is not in `folder` yet.

    Raises EngineError when the folder cannot be written.
    """
    parts = (model.vae, model.audio_encoder, model.text_encoder)
    place = folder / f"{config.split}-{_fingerprint(config, source, parts)}"
    if not place.exists():
        rows = _encode(config, source, model, device)
        try:
            _write(place, rows)
        except OSError as error:
            raise EngineError(
                f"The latents cannot be kept in {folder} ({error.strerror}); choose another data.cache."
            ) from error
    return Pool(place)


@torch.no_grad()
def _encode(
    config: PoolConfig, source: SegmentSource, model: Model, device: torch.device
) -> dict[str, NDArray[np.float16]]:
    model.to(device)
    rows: dict[str, list[NDArray[np.float16]]] = {"latents": [], "audio": [], "text": []}
    fixed = source.fixed(config.segments) if config.split == "test" else None
    for start in range(0, config.segments, ENCODED_AT_ONCE):
        count = min(ENCODED_AT_ONCE, config.segments - start)
        batch = fixed or source.draw(0, 0, count, first=start)
        part = slice(start, start + count) if fixed else slice(None)
        wave = torch.from_numpy(batch.wave[part]).to(device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            mel = model.mel(wave)
            # Whole strides of the denoiser: what it renders is never odd, so what it learns need not be.
            grid = model.vae.frames_per_latent * model.unet.stride
            latents = model.vae.encode(mel[:, :, : mel.shape[2] // grid * grid])
            audio = model.audio_encoder(wave.mean(1))
            text = model.text_encoder.encode(batch.captions[part])
        for name, tensor in (("latents", latents), ("audio", audio), ("text", text)):
            rows[name].append(tensor.float().cpu().numpy().astype(np.float16))
        print(
            f"\rencoding {config.split} segments: {start + count} of {config.segments}",
            end="",
            file=sys.stderr,
        )
    print(file=sys.stderr)
    return {name: np.concatenate(parts) for name, parts in rows.items()}


def _write(place: Path, rows: dict[str, NDArray[np.float16]]) -> None:
    half = place.with_name(f"{place.name}.{os.getpid()}.part")
    half.mkdir(parents=True, exist_ok=True)
    for name, array in rows.items():
        np.save(half / f"{name}.npy", array)
    os.replace(half, place)


def _fingerprint(config: PoolConfig, source: SegmentSource, parts: tuple[nn.Module, ...]) -> str:
    """A name that changes with the draw, the recordings and the encoding weights."""
    told = hashlib.sha256(repr((astuple(config), source.augmentation, source.weighting)).encode())
    for recording in source.recordings:
        told.update(f"{recording.path.name} {recording.recording_id}\n".encode())
    for part in parts:
        for name, tensor in sorted(part.state_dict().items()):
            told.update(f"{name} {tensor.double().sum().item():.9g}\n".encode())
    return told.hexdigest()[:20]


def _tensor(array: NDArray[np.float16], rows: NDArray[np.int64]) -> Tensor:
    return torch.from_numpy(np.asarray(array[rows], dtype=np.float32))
