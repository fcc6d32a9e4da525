"""Randomness as a function of where we are: the run's seed and a few whole numbers (step, share, ...).

Nothing here is remembered between two draws, which is why a run resumes bit for bit: the numbers of step 812
are the same whether steps 0-811 ran a minute ago or last week. Knows no step, no stage: numbers in,
generators out.
"""

from __future__ import annotations

import zlib

import numpy as np
import torch

Address = int | str  # words are folded to whole numbers, so that ("vae", 3) is an address as well


def number(*address: Address) -> int:
    """A whole number in [0, 2^63) that depends on every part of `address`, by NumPy's SeedSequence."""
    state = np.random.SeedSequence(_words(address)).generate_state(1, np.uint64)
    return int(state[0] >> np.uint64(1))


def torch_generator(*address: Address, device: torch.device | str = "cpu") -> torch.Generator:
    """A generator on `device`, seeded by `address`, for example (seed, step, share)."""
    return torch.Generator(device=device).manual_seed(number(*address))


def numpy_generator(*address: Address) -> np.random.Generator:
    """NumPy's counterpart of `torch_generator`."""
    return np.random.default_rng(np.random.SeedSequence(_words(address)))


def _words(address: tuple[Address, ...]) -> list[int]:
    return [zlib.crc32(part.encode()) if isinstance(part, str) else int(part) for part in address]
