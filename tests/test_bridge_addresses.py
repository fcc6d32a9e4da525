"""The one table: what is made from it agrees with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge import browsing, rendering
from bridge.addresses import ANSWERS, CODES, KINDS, REQUESTS, Address
from bridge.checking import Refused, answer, checked, find_request, is_answer
from bridge.packets import Value
from bridge.reference import BEGIN, END, reference

README = Path(__file__).parents[1] / "README.md"
ROWS = [*REQUESTS.values(), *ANSWERS.values()]


def test_the_bridge_does_something_for_each_request_and_for_nothing_else() -> None:
    assert {**rendering.DEEDS, **browsing.DEEDS}.keys() == REQUESTS.keys()


def test_no_address_is_both_asked_and_answered() -> None:
    assert REQUESTS.keys() & ANSWERS.keys() == set()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_row_is_well_formed(row: Address) -> None:
    assert re.fullmatch(r"[a-z]+(/[a-z]+)?", row.name)
    assert row.sentence.endswith(".")
    assert all(argument.kind in KINDS and argument.name for argument in row.arguments)
    optional = [argument.optional for argument in row.arguments]
    assert optional == sorted(optional)
    assert set(row.answers) | set(row.ends) <= ANSWERS.keys()


def test_only_text_and_numbers_are_promised_to_go_out() -> None:
    assert set("".join(row.tags for row in ANSWERS.values())) <= set("sif")


def test_the_readme_holds_the_reference_as_the_table_makes_it() -> None:
    text = README.read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0].strip() == reference().strip()


def test_the_reference_names_every_address_and_every_code() -> None:
    text = reference()
    assert all(f"`{row.usage}`" in text for row in ROWS)
    assert all(f"`{code}`" in text for code in CODES)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("j", "rain"), {"seconds": 0.0, "bpm": 0.0, "rate": 0.0, "spool": "", "reply_port": 0}),
        (("j", "rain", 4, 120.0, 48_000), {"seconds": 4.0, "bpm": 120.0, "rate": 48_000.0}),
        (("j", "rain", 4.5, 0, 0, "", 9_800.0), {"seconds": 4.5, "reply_port": 9_800}),
        (("j", "rain", 2**40), {"seconds": float(2**40)}),
    ],
)
def test_numbers_come_whole_or_not_and_what_is_optional_may_be_missing(
    values: tuple[Value, ...], expected: dict[str, Value]
) -> None:
    named = checked(REQUESTS["render"], values)
    assert {name: named[name] for name in expected} == expected
    assert all(type(named[name]) is type(value) for name, value in expected.items())


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ((), "arguments are missing"),
        (("j",), "arguments are missing"),
        (("j", "p", 1, 2, 3, "s", 4, 5), "too many arguments"),
        ((3, "p"), "job is a text, not 3"),
        (("j", None), "prompt is a text, not nil"),
        (("j", "p", "4"), "seconds is a number, not '4'"),
        (("j", "p", True), "seconds is a number, not true"),
        (("j", "p", float("nan")), "no number one can use"),
        (("j", "p", float("inf")), "no number one can use"),
        (("j", "p", 1e300), "no number one can use"),
        (("j", "p", -(10**400)), "no number one can use"),
        (("j", "p", b"x"), "seconds is a number"),
        (("j", "p", 1, 1, 1, "", 1.5), "reply_port is a whole number, not 1.5"),
    ],
)
def test_wrong_arguments_are_refused_with_the_right_usage(values: tuple[Value, ...], sentence: str) -> None:
    with pytest.raises(Refused, match="(?i)" + re.escape(sentence)) as refused:
        checked(REQUESTS["render"], values)
    assert refused.value.code == "bad-arguments"
    assert REQUESTS["render"].usage in str(refused.value)


def test_an_unknown_address_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(Refused, match=r"did you mean '/roomtone/1/render/scene'\?"):
        find_request("/roomtone/1/render/scen")
    for wrong in ("/roomtone/2/ping", "/", "/roomtone/1/", "/ROOMTONE/1/PING", "ping"):
        with pytest.raises(Refused):
            find_request(wrong)


def test_answers_are_known_as_such_ours_and_other_programs() -> None:
    assert all(is_answer(row.path) for row in ANSWERS.values())
    assert is_answer("/live/error")
    assert not any(is_answer(row.path) for row in REQUESTS.values())


def test_an_answer_has_the_types_that_the_table_promises() -> None:
    assert answer("done", "j", "/x.wav", 4, 48_000.0, "c").values == ("j", "/x.wav", 4.0, 48_000, "c")
    with pytest.raises(ValueError, match="5 arguments"):
        answer("done", "j")
    with pytest.raises(ValueError, match="as text"):
        answer("accepted", 3)
