"""The bars that follow from the columns of an evaluation: families, Frechet distance, the vocoder's loss.

Refuses to know clips and networks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.evaluation.bars import Bar, bar, ratio
from engine.evaluation.figures import Figures, Landmarks, Measured, nearest_families


def fidelity(
    columns: Mapping[str, Sequence[Measured]], figures: Mapping[str, Figures], landmarks: Landmarks
) -> list[Bar]:
    """columns, figures: by the keys of engine.evaluation.evaluation.COLUMNS; columns has "later" too."""
    rendered, real = figures["rendered"], figures["real"]
    spoken, heard, again = (nearest_families(columns[key], landmarks) for key in ("vocoder", "real", "later"))
    judged, known, anew = (
        [one.judged_family for one in columns[key]] for key in ("vocoder", "real", "later")
    )
    distance = {"mel distance in nepers": figures["vocoder"].mel_distance}
    return [
        _compared("families_by_texture", rendered.judged_family, real.judged_family, rendered.clips),
        _compared("families_by_tower", rendered.nearest_family, real.nearest_family, rendered.clips),
        _compared("frechet", rendered.frechet, real.frechet, rendered.clips),
        bar(
            "vocoder_by_texture",
            _agreement(judged, known),
            len(known),
            {**distance, "the same clip begun later": _agreement(anew, known)},
        ),
        bar(
            "vocoder_by_tower",
            _agreement(spoken, heard),
            len(heard),
            {"the same clip begun later": _agreement(again, heard)},
        ),
    ]


def _agreement(names: Sequence[str], others: Sequence[str]) -> float:
    return float(np.mean([one == other for one, other in zip(names, others, strict=True)]))


def _compared(key: str, rendered: float | None, real: float | None, clips: int) -> Bar:
    return bar(key, ratio(rendered, real), clips, {"rendered": rendered, "real": real})
