"""The beginning of a long clip: little is denoised and decoded before it is heard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import synthesis
from engine.models.outset import Outset
from engine.pipeline import Pipeline
from engine.reports import never, silent
from tests.test_pipeline import RATE, SCENE, opened


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    monkeypatch.setattr(synthesis, "FIRST_S", 0.2)
    monkeypatch.setattr(synthesis, "DECODED_S", 1.0)
    return opened()


def test_each_of_the_first_chunks_is_twice_as_long_as_the_one_before(engine: Pipeline) -> None:
    first, most = round(0.2 * RATE / 256), round(1.0 * RATE / 256)
    lengths = np.diff(engine._borders(1000))
    assert lengths[:2].tolist() == [first, 2 * first]
    assert lengths.max() <= most
    assert np.ptp(lengths[2:]) <= 1
    assert len(engine._borders(most + 1)) == 3, "no more chunks than the rest needs"


def test_the_first_block_needs_few_calls_of_the_network(engine: Pipeline) -> None:
    asked: list[int] = []
    engine.model.unet.set_outset(Outset(4, 4, 1, 32))
    engine.model.unet.register_forward_pre_hook(lambda _, given: asked.append(len(given[0])))
    blocks = engine.render(replace(SCENE, seconds=20.0, steps=3), silent, never)
    block = next(blocks)
    assert len(block) == engine.samples_in(round(0.2 * RATE / 256))
    # Nothing at pure noise, then three windows, two and one: each hears what the next one was taken from.
    assert len(asked) == 3 + 2 + 1
    list(blocks)
    assert len(asked) % 3 == 0
