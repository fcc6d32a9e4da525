"""Bounds and choices."""

from __future__ import annotations

import math

import pytest

from engine.errors import UsageError
from engine.ranges import RANGES, SAMPLER_NAMES, check_choice, check_number


@pytest.mark.parametrize("name", sorted(RANGES))
def test_both_bounds_are_allowed_and_nothing_beyond(name: str) -> None:
    low, high = RANGES[name].low, RANGES[name].high
    check_number(name, low)
    check_number(name, high)
    for wrong in (low - 1, high + 1, math.nan, math.inf, -math.inf):
        with pytest.raises(UsageError, match="must be from"):
            check_number(name, wrong)


def test_the_contract_of_the_command_line_holds() -> None:
    bounds = {name: (RANGES[name].low, RANGES[name].high) for name in RANGES}
    assert bounds["seconds"] == (0.5, 600)
    assert bounds["steps"] == (1, 200)
    assert bounds["guidance"] == (0, 20)
    assert bounds["seed"] == (0, 2**32 - 1)
    assert bounds["variations"] == (1, 64)


@pytest.mark.parametrize("wrong", [True, "12", [3]])
def test_what_is_no_number_is_refused(wrong: object) -> None:
    with pytest.raises(UsageError, match="must be a number"):
        check_number("steps", wrong)  # type: ignore[arg-type]


def test_a_fraction_is_refused_where_a_whole_number_is_wanted() -> None:
    with pytest.raises(UsageError, match="whole number"):
        check_number("steps", 2.5)


@pytest.mark.parametrize("value", [10**400, -(10**400), 1e300, float("inf"), float("nan")])
def test_a_number_beyond_any_measure_is_refused_like_any_other(value: float) -> None:
    for name in RANGES:
        with pytest.raises(UsageError, match="but must be"):
            check_number(name, value)


def test_nothing_means_the_default_and_is_always_right() -> None:
    for name in RANGES:
        check_number(name, None)


def test_a_range_is_spoken_with_its_unit() -> None:
    assert str(RANGES["seconds"]) == "0.5 to 600 s"
    assert str(RANGES["seed"]) == "0 to 4294967295"


def test_an_unknown_choice_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'euler'"):
        check_choice("sampler", "eular", SAMPLER_NAMES)
