"""Teaching the text tower what a sentence encoder knows: its pooled state learns to point where the teacher's
vector does.

Sentences come in batches of like length, a pure function of seed, step and share. It knows no audio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from engine.models.text import TextEncoder
from engine.training.seeds import numpy_generator

HELD_OUT = 50  # one sentence in so many is never learnt, to measure with
_BATCHES_SORTED_TOGETHER = 32


@dataclass(frozen=True)
class SentenceBatch:
    """Token rows of any lengths and the teacher's vectors (n, width) of length 1."""

    rows: list[list[int]]
    vectors: NDArray[np.float32]


class Distillation:
    """The sentences as tokens, the teacher's vectors, and the loss between tower and teacher."""

    def __init__(
        self,
        tower: TextEncoder,
        sentences: Sequence[str],
        vectors: NDArray[Any],
        batch: int,
        seed: int,
        relational: float = 0.0,
    ) -> None:
        self.tower = tower
        self.vectors = vectors
        self.rows = tower.token_ids(sentences)
        self.relational = relational
        same = vectors.shape[1] == tower.config.width
        self.head: nn.Module = (
            nn.Identity() if same else nn.Linear(tower.config.width, vectors.shape[1], bias=False)
        )
        places = numpy_generator(seed, "held out").permutation(len(self.rows))
        held = min(2000, len(self.rows) // HELD_OUT)
        self.held_out, self.learnt = np.sort(places[:held]), np.sort(places[held:])
        self.size, self.seed = min(batch, len(self.learnt)), seed
        self._order = lru_cache(maxsize=4)(self._shuffled)

    def batch(self, step: int, share: int) -> SentenceBatch:
        """The sentences of one share of one step; every sentence comes once before one comes again."""
        epoch, place = divmod(step, len(self.learnt) // self.size)
        return self._of(self._order(epoch, share)[place])

    def loss(self, batch: SentenceBatch) -> tuple[Tensor, dict[str, float]]:
        """1 - cosine between pooled state and teacher, plus how far the cosines within the batch differ."""
        learnt = functional.normalize(self.head(self.tower.pooled_tokens(batch.rows)).float(), dim=-1)
        teacher = torch.from_numpy(batch.vectors).to(learnt.device)
        cosine = (learnt * teacher).sum(-1).mean()
        loss = 1 - cosine
        if self.relational:
            loss = loss + self.relational * functional.mse_loss(learnt @ learnt.T, teacher @ teacher.T)
        return loss, {"cosine": float(cosine.detach())}

    def held_out_cosine(self) -> float:
        """The mean cosine over the sentences that are never learnt; 0 where there are none."""
        ordered = sorted(self.held_out.tolist(), key=lambda place: len(self.rows[place]))
        total = 0.0
        for start in range(0, len(ordered), self.size):
            chosen = np.array(ordered[start : start + self.size])
            _, figures = self.loss(self._of(chosen))
            total += figures["cosine"] * len(chosen)
        return total / max(1, len(ordered))

    def _of(self, places: NDArray[np.intp]) -> SentenceBatch:
        return SentenceBatch(
            [self.rows[place] for place in places], np.asarray(self.vectors[places], np.float32)
        )

    def _shuffled(self, epoch: int, share: int) -> list[NDArray[np.intp]]:
        """All sentences in batches of like length, the batches in random order."""
        generator = numpy_generator(self.seed, "sentences", epoch, share)
        order = self.learnt[generator.permutation(len(self.learnt))]
        lengths = np.array([len(self.rows[place]) for place in order])
        batches: list[NDArray[np.intp]] = []
        for start in range(0, len(order), self.size * _BATCHES_SORTED_TOGETHER):
            part = slice(start, start + self.size * _BATCHES_SORTED_TOGETHER)
            chosen = order[part][np.argsort(lengths[part], kind="stable")]
            batches += [chosen[first : first + self.size] for first in range(0, len(chosen), self.size)]
        full = [batch for batch in batches if len(batch) == self.size]
        return [full[place] for place in generator.permutation(len(full))]
