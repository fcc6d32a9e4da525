"""A model's own ears: clips and sentences become unit vectors in the space that both towers share.

Knows towers, rates and levels; refuses to know files and scenes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from engine.audio import resample
from engine.models.audio_encoder import AudioEncoder
from engine.models.text import TextEncoder
from engine.training.decode import SILENT_RMS, CacheConfig

Samples = NDArray[np.float32]
Vectors = NDArray[np.float32]

SENTENCES_AT_ONCE = 64


class Listener:
    """Hears every clip at the level that training gives to recordings: loudness is measured elsewhere."""

    def __init__(self, audio: AudioEncoder, text: TextEncoder, device: torch.device) -> None:
        self.audio, self.text, self.device = audio.to(device), text.to(device), device

    @property
    def rate(self) -> int:
        """The sample rate of the audio tower in Hz."""
        return self.audio.config.sample_rate

    @torch.inference_mode()
    def hear(self, wave: Samples, rate: int) -> Vectors:
        """(samples, any channels) at any rate -> (d,) of length 1."""
        mono = _levelled(resample(wave.mean(axis=1, keepdims=True), rate, self.rate)[:, 0])
        vector = self.audio(torch.from_numpy(np.ascontiguousarray(mono))[None].to(self.device))
        return np.asarray(functional.normalize(vector.float(), dim=-1)[0].cpu().numpy())

    @torch.inference_mode()
    def read(self, sentences: Sequence[str]) -> Vectors:
        """n sentences -> (n, d), each of length 1."""
        starts = range(0, len(sentences), SENTENCES_AT_ONCE)
        rows = [self.text.encode(sentences[start : start + SENTENCES_AT_ONCE]) for start in starts]
        return np.asarray(functional.normalize(torch.cat(rows).float(), dim=-1).cpu().numpy())


def _levelled(mono: Samples) -> Samples:
    level = CacheConfig()
    rms = float(np.sqrt(np.mean(np.square(mono, dtype=np.float64))))
    if rms < SILENT_RMS:
        return mono
    return mono * np.float32(min(10 ** (level.rms_dbfs / 20) / rms, level.peak / float(np.abs(mono).max())))
