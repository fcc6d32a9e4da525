"""Rows of a manifest for the tests of the evaluation, without their recordings."""

from __future__ import annotations

from pathlib import Path

from engine.evaluation.clips import Row
from engine.training.manifest import Recording


def scene_row(number: int, scene: str) -> Row:
    """A row of a manifest: a recording of that scene, which is not there, with its caption."""
    return Row(number, Recording(Path(f"{scene}-{number}.wav"), (f"the sound of {scene}",), scene=scene))
