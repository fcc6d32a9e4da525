"""The factory's presets, each rendered once, and what the judge of textures takes the clip for.

Refuses to know tables and the command line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from engine.evaluation.judge import Judge
from engine.evaluation.pictures import Strip, draw_strips
from engine.evaluation.rendering import Renderings
from engine.evaluation.sound import ClipSound, measure
from engine.evaluation.texture import textures
from engine.evaluation.unheard import TOP
from engine.presets import list_presets
from engine.reports import CancelledCheck, Report

SEED = 1


@dataclass(frozen=True)
class HeardPreset:
    """A preset by its key, the families that its clip is likest to, best first, and its plain measures."""

    key: str
    likeliest: tuple[str, ...]
    sound: ClipSound


def hear_presets(
    renderings: Renderings,
    judge: Judge,
    out: Path | None,
    images: bool,
    report: Report,
    cancelled: CancelledCheck,
) -> tuple[HeardPreset, ...]:
    """Render every factory preset, at the length of measured clips and with one seed, and have it judged.

    out: the folder that keeps the clips, as family-name.wav, with their spectrograms where images are wanted.
    """
    presets = [preset for preset in list_presets() if preset.factory]
    heard = []
    for done, preset in enumerate(presets):
        report("rendering presets", done / len(presets))
        scene = replace(renderings.scene(preset.scene.prompt, SEED), avoid=preset.scene.avoid).checked()
        wave = renderings.wave(scene, cancelled)
        likeliest = judge.likeliest(textures(wave, renderings.rate), TOP)
        heard.append(HeardPreset(preset.key, likeliest, measure(wave, renderings.rate)))
        if out is not None:
            path = out / f"{preset.family}-{preset.name}.wav"
            renderings.keep(wave, scene, path)
            if images:
                draw_strips([Strip("rendered", wave, renderings.rate)], preset.key, path.with_suffix(".png"))
    return tuple(heard)
