"""How the recordings of a scene differ from one another, for the audio tower: the ways that seeds go.

It hears recordings and tells the text tower; refuses to know captions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.devices import autocast, choose_training_precision
from engine.models.store import Model
from engine.training.material import waves
from engine.training.pool import heard
from engine.training.segments import SegmentSource

TAKES = 2
"""Places of a recording that are heard."""
HEARD_AT_ONCE = 8
MOST = 4
"""Ways of one scene: those that lie farthest apart."""


@torch.no_grad()
def note_ways(model: Model, source: SegmentSource, scenes: Sequence[str], device: torch.device) -> None:
    """Give the text tower the ways of the named scenes, its landmarks in their order.

    A way leads from the mean of a scene's recordings, as the audio tower hears them, to one of them. A scene
    of one recording has none.
    """
    vectors = _vectors(model, source, device)
    ways, places = [], []
    for place, scene in enumerate(scenes):
        recordings = [torch.stack(found).mean(0) for found in vectors[scene].values()]
        if len(recordings) > 1:
            apart = _farthest(torch.stack(recordings) - torch.stack(recordings).mean(0))
            ways.append(apart)
            places += [place] * len(apart)
    if ways:
        model.text_encoder.set_ways(torch.cat(ways), torch.tensor(places))


def _vectors(model: Model, source: SegmentSource, device: torch.device) -> dict[str, dict[str, list[Tensor]]]:
    """Scene -> recording -> vectors of length 1, on the CPU."""
    found: dict[str, dict[str, list[Tensor]]] = defaultdict(lambda: defaultdict(list))
    for start in range(0, len(source.recordings), HEARD_AT_ONCE):
        some = source.plain(source.recordings[start : start + HEARD_AT_ONCE])
        batch = some.fixed(TAKES * len(some.recordings))
        with autocast(device, choose_training_precision(device)):
            vectors = model.audio_encoder(heard(waves(batch, device), model))
        for scene, recording, vector in zip(
            batch.scenes, batch.recordings, F.normalize(vectors.float().cpu())
        ):
            found[scene][recording].append(vector)
    return found


def _farthest(vectors: Tensor) -> Tensor:
    """Of (n, d) at most MOST, each the farthest from those before, the longest first."""
    chosen = [int(vectors.norm(dim=1).argmax())]
    while len(chosen) < min(MOST, len(vectors)):
        chosen.append(int(torch.cdist(vectors, vectors[chosen]).min(1).values.argmax()))
    return vectors[chosen]
