"""The figures of an evaluation as plain text and as JSON. Knows words and widths; measures nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from engine.configs import to_mapping
from engine.evaluation.bars import Bar
from engine.evaluation.evaluation import COLUMNS, Evaluation
from engine.evaluation.factory import HeardPreset
from engine.evaluation.sound import NEAR_SILENT_LUFS, ClipSound
from engine.evaluation.unheard import TOP


def _number(places: int) -> Callable[[float], str]:
    return lambda value: f"{value:.{places}f}"


def _percent(share: float) -> str:
    return f"{share:.0%}"


LINES: dict[str, tuple[str, Callable[[float], str]]] = {
    "frechet": ("Frechet distance to the real clips", _number(3)),
    "clip_to_scene_r1": ("clip to scene by text, R@1", _percent),
    "clip_to_scene_r5": ("clip to scene by text, R@5", _percent),
    "caption_to_scene_r1": ("caption to scene by clips, R@1", _percent),
    "caption_to_scene_r5": ("caption to scene by clips, R@5", _percent),
    "caption_cosine": ("cosine of clip and caption", _number(3)),
    "nearest_scene": ("nearest scene is right", _percent),
    "nearest_family": ("nearest family is right", _percent),
    "judged_family": ("right family by texture statistics", _percent),
    "lufs_mean": ("loudness, mean (LUFS)", _number(1)),
    "lufs_lowest": ("loudness, lowest", _number(1)),
    "lufs_highest": ("loudness, highest", _number(1)),
    "clipped": ("clips beyond full scale", _percent),
    "near_silent": (f"near-silent clips (under {NEAR_SILENT_LUFS:g} LUFS)", _percent),
    "mono": ("mono clips", _percent),
    "side_to_mid": ("side to mid", _number(3)),
    "centroid_hz": ("spectral centroid (Hz)", _number(0)),
    "mel_distance": ("mel distance to the original (nepers)", _number(3)),
}
"""Figure -> its words and how it is written."""

NOTES = (
    "Frechet distance of the real clips: as many real clips of other recordings, of the same scenes.",
    "Real clips have the level that training gives them; rendered ones that of the model, before finishing.",
)


def text_table(evaluation: Evaluation) -> str:
    """What a person reads."""
    figures = {key: asdict(column) for key, column in evaluation.columns.items()}
    table = [["", *COLUMNS.values()]]
    table += [
        [words, *(_cell(figures[key][name], form) for key in COLUMNS)]
        for name, (words, form) in LINES.items()
    ]
    families = [["right family of", "clips", *COLUMNS.values()]]
    for family, shares in evaluation.families.items():
        cells = [_cell(shares.get(key), _percent) for key in COLUMNS]
        families.append([family or "unnamed", f"{shares['clips']:.0f}", *cells])
    lines = [_heading(evaluation), "", *_aligned(table), "", *_aligned(families), ""]
    return "\n".join(
        [*lines, *_bars(evaluation.bars), *_prompts(evaluation), *_presets(evaluation.presets), *NOTES]
    )


def json_document(evaluation: Evaluation) -> dict[str, Any]:
    """What a program reads: every figure unrounded, null where there is none, and each row by itself."""
    rows = []
    for row in evaluation.rows:
        sound = row.rendered.sound
        rows.append(
            {
                "path": str(row.path),
                "prompt": row.scene.prompt,
                "seed": row.scene.seed,
                "scene": row.name,
                "family": row.family,
                "nearest": row.nearest,
                **_sound(sound),
            }
        )
    plain = ("model", "weight_hash", "seconds", "steps", "guidance", "sampler", "device", "precision")
    return {
        **{name: getattr(evaluation, name) for name in plain},
        "figures": {key: to_mapping(column) for key, column in evaluation.columns.items()},
        "families": evaluation.families,
        "rows": rows,
        "prompts": [asdict(one) for one in evaluation.prompts],
        "prompts_real": evaluation.prompts_real,
        "bars": [_bar_mapping(bar) for bar in evaluation.bars],
        "presets": [
            {"key": one.key, "likeliest": list(one.likeliest), **_sound(one.sound)}
            for one in evaluation.presets
        ],
        "skipped": [{"path": str(path), "reason": reason} for path, reason in evaluation.skipped],
    }


def _sound(sound: ClipSound) -> dict[str, float | None]:
    return {
        "lufs": _finite(sound.lufs),
        "clipped_share": sound.clipped_share,
        "side_to_mid": _finite(sound.side_to_mid),
        "centroid_hz": sound.centroid_hz,
    }


def _bars(bars: Sequence[Bar]) -> list[str]:
    """The table of the quality bars and what each figure comes from, nothing where none was measured."""
    if not bars:
        return []
    table = [["quality bar", "clips", "figure", "required", "verdict"]]
    for bar in bars:
        limit = f"{bar.requirement.bound} {bar.requirement.limit:g}"
        figure = _cell(bar.figure, _significant)
        table.append([bar.requirement.words, str(bar.clips), figure, limit, _verdict(bar)])
    details = [
        f"  {bar.requirement.words}: "
        + "; ".join(f"{name} {_detail(value)}" for name, value in named.items())
        for bar in bars
        if (named := bar.details)
    ]
    return [*_aligned(table), "", *details, ""]


def _bar_mapping(bar: Bar) -> dict[str, Any]:
    words = {"bar": bar.key, "words": bar.requirement.words, "figure": bar.figure, "clips": bar.clips}
    required = {"bound": bar.requirement.bound, "required": bar.requirement.limit}
    return {**words, **required, "verdict": _verdict(bar), "details": dict(bar.details)}


def _verdict(bar: Bar) -> str:
    return "pass" if bar.passed else "fail"


def _significant(value: float) -> str:
    return f"{value:.3g}"


def _detail(value: float | str | None) -> str:
    return value if isinstance(value, str) else _cell(value, _significant)


def _prompts(evaluation: Evaluation) -> list[str]:
    """A line and a blank on the held-back prompts, nothing where none was rendered."""
    placed = evaluation.prompts
    if not placed:
        return []
    first, top = (sum(one.within(depth) for one in placed) for depth in (1, TOP))
    lines = [
        f"Of {len(placed)} held-back prompts the judge of textures places {first} in their family, "
        f"{top} with the right one among its first {TOP}."
    ]
    if evaluation.prompts_real:
        real, real_top = (round(share * len(placed)) for share in evaluation.prompts_real)
        lines.append(
            f"Of as many real clips of those scenes, from recordings that it was not taught, it would place "
            f"{real} and {real_top}."
        )
    return [*lines, ""]


def _presets(heard: Sequence[HeardPreset]) -> list[str]:
    """The presets with what the judge hears in them, nothing where none was rendered."""
    if not heard:
        return []
    table = [["preset", "LUFS", "width", "heard as"]]
    table += [
        [one.key, f"{one.sound.lufs:.1f}", f"{one.sound.side_to_mid:.2f}", ", ".join(one.likeliest)]
        for one in heard
    ]
    return [*_aligned(table), ""]


def _heading(evaluation: Evaluation) -> str:
    clips = evaluation.columns["rendered"].clips
    return (
        f"{evaluation.model} ({evaluation.weight_hash}): {clips} clips of {evaluation.seconds:g} s, "
        f"{evaluation.steps} steps of {evaluation.sampler}, guidance {evaluation.guidance:g}, "
        f"{evaluation.device} in {evaluation.precision}"
    )


def _aligned(table: list[list[str]]) -> list[str]:
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    return [
        "  ".join(
            [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))]
        )
        for line in table
    ]


def _cell(value: float | None, form: Callable[[float], str]) -> str:
    return "-" if value is None else form(value)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
