"""The shares of the draw: by seconds, by scene, and none for a source beyond its cap."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import UsageError
from engine.training.manifest import Recording
from engine.training.weighting import WeightingConfig, probabilities


def recording(name: str, scene: str, source: str = "", **known: object) -> Recording:
    return Recording(Path(name), ("sound",), scene, **{"recording_id": name, "source": source, **known})  # type: ignore[arg-type]


RAIN, WIND, LONG_WIND = (recording(*names) for names in (("r", "rain"), ("w", "wind"), ("lw", "wind")))
UNCAPPED = WeightingConfig(source_cap=1.0)


def test_exponent_one_follows_the_seconds_and_zero_makes_scenes_alike() -> None:
    plain = WeightingConfig(seconds_exponent=1, scene_exponent=1, source_cap=1)
    assert probabilities([RAIN, WIND, LONG_WIND], [10, 20, 70], plain) == pytest.approx([0.1, 0.2, 0.7])
    even = WeightingConfig(seconds_exponent=0, scene_exponent=0, source_cap=1)
    assert probabilities([RAIN, WIND, LONG_WIND], [10, 20, 70], even) == pytest.approx([0.5, 0.25, 0.25])


def test_by_default_a_long_file_counts_as_the_root_of_its_seconds() -> None:
    shares = probabilities([WIND, LONG_WIND], [4, 100], UNCAPPED)
    assert shares[1] / shares[0] == pytest.approx(5.0)


def test_a_recording_cut_into_pieces_weighs_as_much_as_in_one() -> None:
    pieces = [recording(f"p{number}", "wind", recording_id="p") for number in range(4)]
    shares = probabilities([WIND, *pieces], [16, 4, 4, 4, 4], UNCAPPED)
    assert shares == pytest.approx([0.5, 0.125, 0.125, 0.125, 0.125])


def test_no_source_takes_more_than_its_cap_and_the_rest_keep_their_proportions() -> None:
    many = [recording(f"m{number}", f"scene{number % 5}", "many") for number in range(100)]
    others = [recording(f"o{number}", f"other{number}", f"source{number}") for number in range(12)]
    config = WeightingConfig(source_cap=0.2)
    shares = probabilities([*many, *others], [5.0] * 100 + [10.0 + n for n in range(12)], config)
    assert shares.sum() == pytest.approx(1.0)
    assert shares[:100].sum() == pytest.approx(0.2)
    assert shares[100:] / shares[100] == pytest.approx(np.sqrt((10.0 + np.arange(12)) / 10.0))


def test_a_cap_that_few_sources_cannot_fill_gives_way() -> None:
    pair = [recording("a", "rain", "one"), recording("b", "wind", "two")]
    assert probabilities(pair, [1, 99], WeightingConfig(source_cap=0.1)) == pytest.approx([0.5, 0.5])
    assert probabilities(pair[:1], [1], WeightingConfig(source_cap=0.1)) == pytest.approx([1.0])


def test_dull_recordings_are_weighed_down_or_left_out() -> None:
    dull = recording("d", "wind", flags=("low_bandwidth",))
    half = WeightingConfig(source_cap=1, low_bandwidth=0.5)
    assert probabilities([WIND, dull], [10, 10], half) == pytest.approx([2 / 3, 1 / 3])
    none = WeightingConfig(source_cap=1, low_bandwidth=0)
    assert probabilities([WIND, dull, RAIN], [10, 10, 10], none) == pytest.approx([0.5, 0, 0.5])
    with pytest.raises(UsageError, match="low_bandwidth"):
        probabilities([dull], [10], none)


def test_values_that_cannot_work_are_refused() -> None:
    for config in (WeightingConfig(source_cap=0), WeightingConfig(scene_exponent=-1)):
        with pytest.raises(UsageError, match="choose"):
            config.checked()
