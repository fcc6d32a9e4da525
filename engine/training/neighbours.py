"""Sentences that nobody said of a recording, with the segments whose captions mean most nearly the same.

A denoiser that has learnt from captions alone finds nothing for other words, though the text tower has put
them near the right captions. It knows vectors; refuses to know latents.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import UsageError
from engine.models.text import TextEncoder

NEAREST = 16
"""Segments that stand for a sentence."""
LEAST_COSINE = 0.5
"""A sentence that no caption is this near to is about something else."""
_AT_ONCE = 256


class Neighbours:
    """Sentences as vectors, each with its nearest segments. Raises UsageError where none is near."""

    def __init__(self, sentences: Sequence[str], captions: Tensor, tower: TextEncoder) -> None:
        """captions: (segments, d), of the tower."""
        known = F.normalize(captions.float(), dim=-1)
        kept, rows = [], []
        for start in range(0, len(sentences), _AT_ONCE):
            vectors = tower.encode(sentences[start : start + _AT_ONCE]).float().cpu()
            near = (F.normalize(vectors, dim=-1) @ known.T).topk(min(NEAREST, len(known)))
            fits = near.values[:, 0] >= LEAST_COSINE
            kept.append(vectors[fits])
            rows.append(near.indices[fits])
        self.vectors, self.rows = torch.cat(kept), torch.cat(rows).numpy()
        if not len(self):
            raise UsageError(
                "No sentence is near a caption by the text tower; train that longer, or set "
                "ldm.sentence_share to 0."
            )

    def __len__(self) -> int:
        return len(self.rows)

    def draw(self, count: int, generator: np.random.Generator) -> tuple[NDArray[np.int64], Tensor]:
        """Segments (count,) and the vectors (count, d) of sentences that stand near their captions."""
        said = generator.integers(len(self), size=count)
        places = generator.integers(self.rows.shape[1], size=count)
        return self.rows[said, places], self.vectors[said]
