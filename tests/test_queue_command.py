"""`roomtone queue` where no Roomtone runs; with one that runs it is tested beside the hand-over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.jobs import Job
from engine.jobstore import JobStore
from engine.scene import Output, Scene
from engine.settings import folders
from tests.noise_model import roomtone

JOB = Job("a1", Scene("rain on a tent", seconds=4.0, seed=7), Output())


@pytest.fixture(autouse=True)
def left_over(roomtone_home: Path) -> None:
    """What a program that lives no more left behind."""
    store = JobStore(folders().state).open()
    store.keep(replace(JOB, state="running"))
    store.keep(replace(JOB, id="b2", scene=Scene("wind")))
    store.keep(replace(JOB, id="c3", state="failed", code="memory", sentence="There was not enough memory."))
    store.keep(replace(JOB, id="d4", state="done", path="/clips/rain.wav"))
    store.close()


@pytest.fixture
def living() -> Iterator[JobStore]:
    """Another command that renders by itself just now."""
    store = JobStore(folders().state).open()
    store.keep(replace(JOB, id="e5", state="running"))
    yield store
    store.close()


def lines(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert roomtone("queue", *words) == 0
    return capsys.readouterr().out.splitlines()


def test_what_is_left_over_is_listed_and_nothing_is_started(capsys: pytest.CaptureFixture[str]) -> None:
    assert lines(capsys) == [
        'a1  left over  "rain on a tent", 4 s',
        'b2  left over  "wind", 10 s',
        "c3  failed  There was not enough memory.",
        "d4  done  /clips/rain.wav",
    ]
    assert lines(capsys) == lines(capsys, "list")


def test_json_has_one_job_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    first = json.loads(lines(capsys, "--json")[0])
    assert (first["id"], first["state"], first["scene"]["seed"]) == ("a1", "left over", 7)


def test_what_is_left_over_can_be_cancelled_and_cleared(capsys: pytest.CaptureFixture[str]) -> None:
    assert lines(capsys, "cancel", "b2") == []
    assert lines(capsys, "clear") == ["2 jobs forgotten."]
    assert [line.split()[0] for line in lines(capsys)] == ["a1"]
    assert lines(capsys, "cancel", "all") == ["1 job cancelled."]
    assert lines(capsys) == []


def test_the_jobs_of_another_command_are_shown_and_left_alone(
    living: JobStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 'e5  running, another command  "rain on a tent", 4 s' in lines(capsys)
    assert roomtone("queue", "cancel", "e5") == 2
    assert "press Ctrl-C there" in capsys.readouterr().err
    assert lines(capsys, "cancel", "all") == ["2 jobs cancelled."]
    assert [line.split()[0] for line in lines(capsys)] == ["e5", "c3", "d4"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["cancel"], "which job"),
        (["cancel", "x9"], "no job 'x9'"),
        (["cancel", "c3"], "no job 'c3' to cancel"),
        (["list", "a1"], "one word too many"),
        (["clear", "all"], "one word too many"),
        (["burn"], "invalid choice"),
    ],
)
def test_a_wrong_request_is_refused_in_one_sentence(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert roomtone("queue", *words) == 2
    told = capsys.readouterr()
    assert expected in told.err
    assert (told.out, told.err.count("\n")) == ("", 1)
