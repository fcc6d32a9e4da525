"""Where the scenes of a corpus lie for the text tower, and along which directions a word changes a scene.

Plain vectors of captions; refuses to know sounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.text import TextEncoder
from engine.training.character import CHARACTERS

EXAMPLES = 40
"""Captions, of as many scenes, that each word is tried with."""


@torch.no_grad()
def note_landmarks(tower: TextEncoder, captions: Mapping[str, Sequence[str]]) -> None:
    """Give the tower the landmarks of the named scenes; one scene alone is none. captions: by scene."""
    named = [said for scene, said in captions.items() if scene]
    if len(named) > 1:
        means = torch.stack([_units(tower, said).mean(0) for said in named])
        tower.set_landmarks(means, _nuances(tower, [said[0] for said in named[:EXAMPLES]]))


def _nuances(tower: TextEncoder, captions: Sequence[str]) -> Tensor:
    """(k, d) orthonormal, of k characters: what each adds to a caption's vector lies in their span."""
    plain = _units(tower, captions).mean(0)
    ways = [
        _units(tower, [f"{word} {said}" for word in character.words for said in captions]).mean(0) - plain
        for character in CHARACTERS
    ]
    directions: Tensor = torch.linalg.svd(F.normalize(torch.stack(ways), dim=-1), full_matrices=False)[2]
    return directions.contiguous()


def _units(tower: TextEncoder, sentences: Sequence[str]) -> Tensor:
    return F.normalize(tower.encode(sentences).float(), dim=-1).cpu()
