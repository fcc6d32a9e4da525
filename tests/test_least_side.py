"""A sound out of nothing is wide, in a loop as well, whatever the denoiser has missed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor

from engine import speaking
from engine.evaluation.sound import side_to_mid
from engine.pipeline import Pipeline
from engine.reports import never, silent
from engine.scene import Scene
from engine.synthesis import LEAST_SIDE
from tests.sounds import noise
from tests.test_pipeline import opened

SCENE = Scene("rain on a roof", seconds=2.0, seed=7, steps=2, guidance=2.5, sampler="dpmpp_2m", model="tiny")


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """A model whose sides are 87 dB below their mids, and whose mels are spoken as they are."""
    monkeypatch.setattr(speaking, "STEPS", 0)
    engine = opened()
    decode = engine.model.vae.decode

    def without_side(latents: Tensor) -> Tensor:
        mel = decode(latents)
        return torch.stack([mel[:, 0], mel[:, 0] - 10 / engine.model.mel.config.scale], dim=1)

    monkeypatch.setattr(engine.model.vae, "decode", without_side)
    return engine


def width(engine: Pipeline, **changes: Any) -> float:
    return side_to_mid(np.concatenate(list(engine.render(replace(SCENE, **changes), silent, never))))


@pytest.mark.parametrize("loop", [False, True])
def test_a_new_sound_has_its_least_side(narrow: Pipeline, loop: bool) -> None:
    assert width(narrow, loop=loop) == pytest.approx(LEAST_SIDE, rel=0.3)


def test_a_prompt_that_speaks_of_mono_gets_it(narrow: Pipeline) -> None:
    assert width(narrow, prompt="rain on a roof, mono") < 0.01


def test_a_variation_is_the_narrower_the_nearer_it_is_to_its_clip(narrow: Pipeline, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "clip.wav", noise(2.0, channels=1), 44_100)
    clip, half, fresh = (
        width(narrow, source=str(tmp_path / "clip.wav"), strength=strength) for strength in (0.0, 0.5, 1.0)
    )
    assert clip < 0.01
    assert half == pytest.approx(LEAST_SIDE / 2, rel=0.3)
    assert fresh == pytest.approx(LEAST_SIDE, rel=0.3)
