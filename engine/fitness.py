"""How well a sound fits words, by the two CLAP towers of a model. It knows vectors and samples, no scene."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray

from engine.audio import resample
from engine.models.audio_encoder import AudioEncoder
from engine.models.clap import similarity
from engine.models.text import TextEncoder
from engine.sources import level_gain

Samples = NDArray[np.float32]


@torch.inference_mode()
def fitness(
    text_encoder: TextEncoder, audio_encoder: AudioEncoder, prompt: str, blocks: Iterable[Samples], rate: int
) -> float:
    """The cosine between the vectors of a prompt and a sound, blocks (samples, channels) at `rate` Hz.

    The sound is heard in mono, at the level that the towers were trained at.
    """
    mono = np.concatenate([block.mean(axis=1, keepdims=True, dtype=np.float32) for block in blocks])
    heard = resample(mono, rate, audio_encoder.config.sample_rate)[:, 0] * level_gain(mono)
    device = next(audio_encoder.parameters()).device
    audio = audio_encoder(torch.from_numpy(np.ascontiguousarray(heard))[None].to(device))
    return float(similarity(audio, text_encoder.encode([prompt]))[0, 0])
