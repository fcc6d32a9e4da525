from __future__ import annotations

from dataclasses import replace

import pytest

from engine.commands.console import Console
from engine.commands.progress import JobLines, job_progress
from engine.jobs import Job
from engine.scene import Output, Scene

JOB = Job("a", Scene("rain"), Output(), state="running")


def test_a_line_is_said_when_a_stage_begins_and_then_every_ten_seconds() -> None:
    said: list[str] = []
    now_s = [0.0]
    report = JobLines(said.append, lambda: now_s[0])
    report(replace(JOB, state="waiting", stage=""))
    for stage, fraction, left in (
        ("denoising", 0.0, None),
        ("denoising", 0.45, 65.0),
        ("decoding", 0.9, 2.0),
    ):
        report(replace(JOB, stage=stage, fraction=fraction, seconds_left=left))
        now_s[0] += 5.0
        report(replace(JOB, stage=stage, fraction=fraction, seconds_left=left))
        now_s[0] += 5.0
    report(replace(JOB, state="done", stage="", fraction=1.0))
    assert said == ["  denoising", "  denoising: 45%, about 1 min 5 s left", "  decoding"]


def test_what_is_not_known_is_not_promised() -> None:
    said: list[str] = []
    now_s = [0.0]
    report = JobLines(said.append, lambda: now_s[0])
    for now_s[0] in (0.0, 11.0):
        report(replace(JOB, stage="denoising", fraction=0.05))
    assert said == ["  denoising", "  denoising: 5%"]


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with job_progress(Console(quiet=True)) as report:
        report(replace(JOB, stage="denoising"))
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar_of_the_whole_job(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with job_progress(Console()) as report:
        report(replace(JOB, stage="denoising [x]", fraction=0.5, seconds_left=3.0))
        report(replace(JOB, state="done", stage="", fraction=1.0))
    told = capsys.readouterr()
    assert told.out == ""
