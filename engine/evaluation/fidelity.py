"""The bars that follow from the columns of an evaluation: families, Frechet distance, the vocoder's loss.

Refuses to know clips and networks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.evaluation.bars import Bar, bar, ratio
from engine.evaluation.figures import Figures, Measured


def fidelity(columns: Mapping[str, Sequence[Measured]], figures: Mapping[str, Figures]) -> list[Bar]:
    """columns, figures: by the keys of engine.evaluation.evaluation.COLUMNS."""
    rendered, real, vocoder = figures["rendered"], figures["real"], figures["vocoder"]
    kept = [
        spoken.judged_family == heard.judged_family
        for spoken, heard in zip(columns["vocoder"], columns["real"], strict=True)
    ]
    return [
        _compared("families_by_texture", rendered.judged_family, real.judged_family, rendered.clips),
        _compared("families_by_tower", rendered.nearest_family, real.nearest_family, rendered.clips),
        _compared("frechet", rendered.frechet, real.frechet, rendered.clips),
        bar(
            "vocoder_family",
            float(np.mean(kept)),
            len(kept),
            {"mel distance in nepers": vocoder.mel_distance},
        ),
    ]


def _compared(key: str, rendered: float | None, real: float | None, clips: int) -> Bar:
    return bar(key, ratio(rendered, real), clips, {"rendered": rendered, "real": real})
