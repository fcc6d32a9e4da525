"""Width: from mono to decorrelated, and never at the cost of the sum to mono."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import UsageError
from engine.reports import never, silent
from engine.scene import Scene
from engine.widening import WIDEST, widened
from tests.sounds import cut, noise, sine
from tests.test_pipeline import AS_PUBLISHED, RATE, SCENE, opened

Wave = NDArray[np.float32]


def made(wave: Wave, width: float, loop: bool = False) -> Wave:
    return np.concatenate(list(widened(cut(wave), 44_100, width, loop)))


def correlation(wave: Wave) -> float:
    return float(np.corrcoef(wave.T)[0, 1])


def mono_loss_db(wave: Wave) -> float:
    """How much softer the mean of left and right is than the two are on average."""
    return float(
        10 * np.log10(np.square(wave, dtype=np.float64).mean() / np.square(wave.mean(axis=1)).mean())
    )


def sounds() -> dict[str, Wave]:
    """Wide, narrow, mono and out of phase."""
    mid, side = noise(3.0, channels=1), noise(3.0, channels=1, seed=1)
    return {
        "wide": noise(3.0),
        "narrow": np.hstack([mid + 0.1 * side, mid - 0.1 * side]),
        "mono": np.hstack([mid, mid]),
        "out of phase": np.hstack([0.2 * mid + side, 0.2 * mid - side]),
        "tone": sine(440, 3.0) + noise(3.0, level=0.001),
    }


@pytest.mark.parametrize("name", sounds())
def test_width_0_is_mono_and_width_1_is_decorrelated_and_still_mono_compatible(name: str) -> None:
    wave = sounds()[name]
    wave = wave - wave.mean(axis=0)
    narrow, wide = made(wave, 0.0), made(wave, 1.0)
    assert np.array_equal(narrow[:, 0], narrow[:, 1])
    assert abs(correlation(wide)) < 0.02 if name != "tone" else abs(correlation(wide)) < 0.3
    assert mono_loss_db(narrow) == pytest.approx(0, abs=1e-5)
    assert 2.9 < mono_loss_db(wide) <= 3.0
    for result in (narrow, wide):
        assert np.abs(result.mean(axis=1) - wave.mean(axis=1)).max() < 1e-5  # the sum is never touched


def test_the_wider_the_less_alike_left_and_right_are() -> None:
    steps = [correlation(made(noise(3.0), width)) for width in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert all(later < earlier - 0.05 for earlier, later in pairwise(steps))


def test_the_side_has_the_share_of_the_mid_that_was_asked_for() -> None:
    for name, wave in sounds().items():
        result = made(wave, 0.6)
        mid, side = (result[:, 0] + result[:, 1]) / 2, (result[:, 0] - result[:, 1]) / 2
        assert side.std() / mid.std() == pytest.approx(0.6 * WIDEST, rel=0.01), name


def test_silence_stays_silent() -> None:
    assert not made(np.zeros((44_100, 2), np.float32), 1.0).any()


def test_a_scene_is_as_wide_as_it_asks_for() -> None:
    engine = opened()
    scene = replace(SCENE, steps=1)
    for loop in (False, True):
        wave = np.concatenate(list(engine.render(replace(scene, width=0.0, loop=loop), silent, never)))
        assert np.array_equal(wave[:, 0], wave[:, 1])
        wide = np.concatenate(list(engine.render(replace(scene, width=1.0, loop=loop), silent, never)))
        assert wide.shape == wave.shape
        assert abs(correlation(wide)) < 0.1
    assert len(wave) % 512 == 0


def test_a_mono_model_has_no_width() -> None:
    wave = np.concatenate(
        list(opened(AS_PUBLISHED).render(replace(SCENE, steps=1, width=0.5), silent, never))
    )
    assert wave.shape == (2 * RATE, 1)


def test_more_than_all_is_refused() -> None:
    with pytest.raises(UsageError, match=r"width is 1\.1"):
        Scene("rain", width=1.1).checked()
