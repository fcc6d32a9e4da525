from __future__ import annotations

import io
import sys

import pytest

from engine.commands.console import Console, Lines, duration
from engine.commands.interrupts import interruptible


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_tell_each_stage_and_now_and_then_the_time_left() -> None:
    told: list[str] = []
    times_s = iter([0.0, 4.0, 12.0, 15.0, 30.0])
    report = Lines(told.append, lambda: next(times_s))
    for stage, fraction in [("denoising", 0.0), ("denoising", 0.1), ("denoising", 0.25), ("denoising", 0.3)]:
        report(stage, fraction)
    report("decoding", 0.0)
    assert told == ["  denoising", "  denoising: 25%, about 36.0 s left", "  decoding"]


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.04, "0.0 s"), (8.44, "8.4 s"), (125.2, "2 min 5 s"), (4_330, "1 h 12 min")]
)
def test_a_duration_is_said_as_people_say_it(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


def test_a_terminal_gets_a_bar_and_stdout_none_of_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with Console().progress() as report:
        report("denoising [/bold]", 0.5)
        print("a path")
        report("denoising [/bold]", 1.0)
    assert capsys.readouterr().out == "a path\n"
    assert "denoising [/bold]" in terminal.getvalue()


def test_a_quiet_console_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(quiet=True)
    console.say("hello")
    with console.progress() as report:
        report("denoising", 0.5)
    assert capsys.readouterr() == ("", "")


def test_signals_that_were_ignored_from_outside_stay_ignored() -> None:
    import signal

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
