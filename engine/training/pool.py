"""A pool of encoded segments on disk: latents with the vectors of their sound and of their captions.

Written once for a source and the weights that encode, then read by memory map; nobody sees half a pool.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchaudio.functional import resample

from engine.devices import autocast, choose_training_precision
from engine.errors import EngineError
from engine.models.store import Model
from engine.training.segments import SegmentSource

log = logging.getLogger(__name__)

ENCODED_AT_ONCE = 16
TOLD_EVERY = 320
ARRAYS = ("latents", "audio", "text", "other")


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
        arrays = {name: np.load(file / f"{name}.npy", mmap_mode="r") for name in ARRAYS}
        self._latents, self._audio = arrays["latents"], arrays["audio"]
        self._text, self._other = arrays["text"], arrays["other"]
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

    def other(self, rows: NDArray[np.int64]) -> Tensor:
        """(b, d) of the text tower, for the segment's other caption."""
        return _tensor(self._other, rows)


def build(
    folder: Path, config: PoolConfig, source: SegmentSource, model: Model, device: torch.device
) -> Pool:
    """The pool for this config, these recordings and these weights; encoded now if it is not in `folder` yet.

    Raises EngineError when the folder cannot be written.
    """
    place = folder / f"{config.split}-{_fingerprint(config, source, model)}"
    if not place.exists():
        _write(place, _encode(config, source, model, device))
    return Pool(place)


@torch.no_grad()
def _encode(
    config: PoolConfig, source: SegmentSource, model: Model, device: torch.device
) -> dict[str, NDArray[np.float16]]:
    model.to(device)
    rows: dict[str, list[NDArray[np.float16]]] = {name: [] for name in ARRAYS}
    fixed = source.fixed(config.segments) if config.split == "test" else None
    for start in range(0, config.segments, ENCODED_AT_ONCE):
        count = min(ENCODED_AT_ONCE, config.segments - start)
        batch = fixed or source.draw(0, 0, count, first=start)
        part = slice(start, start + count) if fixed else slice(None)
        wave = torch.from_numpy(batch.wave[part]).to(device)
        with autocast(device, choose_training_precision(device)):
            mel = model.mel(wave)
            # Whole strides of the denoiser: what it renders is never odd, so what it learns need not be.
            grid = model.vae.frames_per_latent * model.unet.stride
            latents = model.vae.encode(mel[:, :, : mel.shape[2] // grid * grid])
            audio = model.audio_encoder(heard(wave, model))
            text = model.text_encoder.encode(batch.captions[part])
            other = model.text_encoder.encode(batch.others[part])
        for name, tensor in zip(ARRAYS, (latents, audio, text, other)):
            rows[name].append(tensor.float().cpu().numpy().astype(np.float16))
        if start % TOLD_EVERY == 0:
            log.info("encoding %s segments: %d of %d", config.split, start + count, config.segments)
    return {name: np.concatenate(parts) for name, parts in rows.items()}


def heard(wave: Tensor, model: Model) -> Tensor:
    """(b, c, n) at the mel's rate -> (b, n') mono at the audio tower's."""
    mono = wave.mean(1)
    rates = model.mel.config.sample_rate, model.audio_encoder.config.sample_rate
    return mono if rates[0] == rates[1] else resample(mono, *rates)


def _write(place: Path, rows: dict[str, NDArray[np.float16]]) -> None:
    half = place.with_name(f"{place.name}.{os.getpid()}.part")
    try:
        half.mkdir(parents=True, exist_ok=True)
        for name, array in rows.items():
            np.save(half / f"{name}.npy", array)
        half.replace(place)
    except OSError as error:
        if not place.exists():  # else another process was faster with the same
            raise EngineError(
                f"The latents cannot be kept in {place.parent} ({error.strerror}); choose another data.cache."
            ) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _fingerprint(config: PoolConfig, source: SegmentSource, model: Model) -> str:
    """A name that changes with the draw, the recordings, the mel and the encoding weights."""
    drawn = (astuple(config), source.augmentation, source.weighting, model.mel.config)
    told = hashlib.sha256(repr(drawn).encode())
    for recording in source.recordings:
        told.update(repr(replace(recording, path=Path(recording.path.name))).encode())
    for part in (model.vae, model.audio_encoder, model.text_encoder):
        for name, tensor in sorted(part.state_dict().items()):
            told.update(f"{name} {tensor.cpu().double().sum().item():.9g}\n".encode())
    return told.hexdigest()[:20]


def _tensor(array: NDArray[np.float16], rows: NDArray[np.int64]) -> Tensor:
    return torch.from_numpy(np.asarray(array[rows], dtype=np.float32))
