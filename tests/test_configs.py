"""Typed values from mappings, and what is said when they are wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from engine.configs import from_mapping, nearest, override, to_mapping
from engine.errors import UsageError


@dataclass(frozen=True)
class Optim:
    lr: float = 1e-3
    warm_up: int = 100
    betas: tuple[float, float] = (0.9, 0.99)


@dataclass(frozen=True)
class Run:
    stage: Literal["vae", "clap"]
    optim: Optim = Optim()
    widths: tuple[int, ...] = (32, 64)
    amp: bool = False
    seed: int | None = None
    folder: Path = Path("runs")
    parts: dict[str, str] = field(default_factory=dict)


def test_a_mapping_becomes_the_dataclass_with_its_nested_ones() -> None:
    run = from_mapping(Run, {"stage": "vae", "optim": {"lr": 2}, "widths": [1, 2, 3], "parts": {"a": "B"}})
    assert run == Run("vae", Optim(lr=2.0), (1, 2, 3), parts={"a": "B"})
    assert isinstance(run.optim.lr, float)


def test_what_is_written_is_read_back_the_same() -> None:
    run = Run("clap", Optim(betas=(0.5, 0.9)), (1,), True, 7, Path("a/b"), {"x": "y"})
    assert from_mapping(Run, to_mapping(run)) == run


def test_a_wrong_key_is_refused_with_the_nearest_right_one() -> None:
    with pytest.raises(UsageError, match=r"run\.toml: optim: .*'warmup'.*did you mean 'warm_up'\?$"):
        from_mapping(Run, {"stage": "vae", "optim": {"warmup": 3}}, "run.toml")


def test_a_key_like_no_other_is_refused_with_all_right_ones() -> None:
    with pytest.raises(UsageError, match="known are lr, warm_up, betas"):
        from_mapping(Optim, {"qqqqqq": 3})


def test_a_missing_key_is_named() -> None:
    with pytest.raises(UsageError, match="'stage' is missing"):
        from_mapping(Run, {})


@pytest.mark.parametrize(("text", "number"), [("5e-4", 5e-4), (" 2 ", 2.0), ("1E3", 1000.0)])
def test_text_that_is_a_number_is_taken_for_one(text: str, number: float) -> None:
    assert from_mapping(Optim, {"lr": text}).lr == number


@pytest.mark.parametrize(
    ("text", "truth"), [("yes", True), ("No", False), ("true", True), ("off", False), (True, True)]
)
def test_words_of_truth_are_taken_for_truth(text: Any, truth: bool) -> None:
    assert from_mapping(Run, {"stage": "vae", "amp": text}).amp is truth


@pytest.mark.parametrize(
    "wrong",
    [
        {"stage": "tea"},
        {"stage": "vae", "amp": 1},
        {"stage": "vae", "amp": "perhaps"},
        {"stage": "vae", "seed": True},
        {"stage": "vae", "seed": 1.5},
        {"stage": "vae", "seed": "much"},
        {"stage": "vae", "widths": "32"},
        {"stage": "vae", "widths": 32},
        {"stage": "vae", "widths": [1, "x"]},
        {"stage": "vae", "folder": 3},
        {"stage": "vae", "parts": ["a"]},
        {"stage": "vae", "optim": 3},
        {"stage": "vae", "optim": {"betas": [0.9]}},
        {"stage": "vae", "optim": {"lr": "nan"}},
        {"stage": "vae", "optim": {"lr": None}},
        {"stage": "vae", "optim": {"lr": True}},
        {"stage": "vae", 3: 4},
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_in_one_sentence(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as refusal:
        from_mapping(Run, wrong, "here")
    text = str(refusal.value)
    assert text.startswith("here: ")
    assert text.endswith((".", "?"))
    assert "\n" not in text


def test_whole_numbers_written_with_a_point_are_whole_numbers() -> None:
    assert from_mapping(Optim, {"warm_up": "4e3"}).warm_up == 4000
    assert from_mapping(Optim, {"warm_up": 10.0}).warm_up == 10


def test_an_optional_number_may_be_nothing() -> None:
    assert from_mapping(Run, {"stage": "vae", "seed": None}).seed is None
    assert from_mapping(Run, {"stage": "vae", "seed": "5"}).seed == 5


def test_an_override_reaches_a_nested_setting_and_leaves_the_original_alone() -> None:
    mapping = {"stage": "vae", "optim": {"lr": 1.0, "warm_up": 5}}
    changed = override(mapping, "optim.lr=1e-4")
    assert changed == {"stage": "vae", "optim": {"lr": 1e-4, "warm_up": 5}}
    assert mapping["optim"] == {"lr": 1.0, "warm_up": 5}


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("a=true", True),
        ("a=[1, 2]", [1, 2]),
        ('a="x"', "x"),
        ("a=plain words", "plain words"),
        ("a=", ""),
        ("a=b=c", "b=c"),
    ],
)
def test_an_override_is_read_as_toml_or_else_as_text(assignment: str, value: Any) -> None:
    assert override({}, assignment) == {"a": value}


@pytest.mark.parametrize("assignment", ["lr", "=3", "a..b=3", ".=1"])
def test_an_override_without_a_key_is_refused(assignment: str) -> None:
    with pytest.raises(UsageError, match="key=value"):
        override({}, assignment)


def test_an_override_below_a_plain_value_is_refused() -> None:
    with pytest.raises(UsageError, match="too deep"):
        override({"a": 3}, "a.b=4")


def test_the_nearest_word_is_found_whatever_its_case() -> None:
    assert nearest("MIMI", ["mini", "full"]) == "; did you mean 'mini'?"
