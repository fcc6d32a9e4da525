"""Rooms that a segment is put into: what comes straight, what dies away, and who is put there."""

from __future__ import annotations

import numpy as np
import pytest

from engine.training.rooms import DIRECT_DB, REVERBERATION_S, in_a_room, room_response
from tests.sounds import noise

RATE = 8000


def drawn(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("seed", range(8))
def test_a_response_is_a_click_and_a_tail_that_dies_away(seed: int) -> None:
    response = room_response(RATE, 2, drawn(seed))
    assert response[0].tolist() == [1, 1]
    tail = np.square(response[1:]).sum(0)
    assert DIRECT_DB[0] - 1e-9 <= -10 * np.log10(tail.max()) <= DIRECT_DB[1] + 1e-9
    assert REVERBERATION_S[0] <= len(response) / RATE <= REVERBERATION_S[1] + 0.05
    energy = np.square(response[1:][np.abs(response[1:, 0]) > 0]).sum(1)
    early, late = energy[: len(energy) // 4].mean(), energy[-len(energy) // 4 :].mean()
    assert 10 * np.log10(early / late) > 30
    assert abs(np.corrcoef(response[1:].T)[0, 1]) < 0.2, "each channel has a tail of its own"


def test_length_and_level_stay_and_the_beginning_sounds_like_the_rest() -> None:
    wave = np.repeat(noise(2.0, RATE)[:, :1], 2, axis=1)
    there = in_a_room(wave, RATE, drawn(3))
    assert there.shape == wave.shape
    assert there.dtype == np.float32
    assert np.sqrt(np.square(there).mean()) == pytest.approx(np.sqrt(np.square(wave).mean()), rel=1e-4)
    first, rest = there[: RATE // 8], there[RATE // 8 :]
    assert first.std() == pytest.approx(rest.std(), rel=0.15)
    assert np.abs(there[:, 0] - there[:, 1]).max() > 0.01
    assert np.array_equal(there, in_a_room(wave, RATE, drawn(3)))
