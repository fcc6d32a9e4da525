"""The start of the panel, as a program of its own: fast, light, and gone without a trace."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from gui.__main__ import TELL_FIRST_PAINT

HOUSE = Path(__file__).parent.parent
FIRST_PAINT_S = 1.0


def start(*words: str) -> subprocess.Popen[str]:
    """`roomtone` with these words, now, told to say when it was painted first."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    compiled = str(Path(tempfile.gettempdir()) / f"roomtone-compiled-{os.getpid()}")
    # As on a user's machine, where only the very first start compiles.
    environment |= {"PYTHONPATH": str(HOUSE), "PYTHONPYCACHEPREFIX": compiled}
    environment[TELL_FIRST_PAINT] = f"{time.time():.6f}"
    return subprocess.Popen(
        [sys.executable, "-m", "engine", *words],
        cwd=HOUSE,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(panel: subprocess.Popen[str]) -> tuple[int, str]:
    """Ask it to end, as a session that is closed does; its exit code and what it said on stderr."""
    panel.send_signal(signal.SIGTERM)
    try:
        _, complaints = panel.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        panel.kill()
        raise
    return panel.returncode, complaints


def test_the_first_paint_comes_within_a_second_and_before_anything_heavy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # The best of several: other work on the machine can only slow a start, never speed it up. Where all cores
    # are busy with other work, only the time that the start itself computes can be judged.
    seconds, computing = [], []
    for _ in range(6):
        panel = start("panel", "--no-osc")
        assert panel.stdout is not None
        line = panel.stdout.readline()
        end(panel)
        told = re.match(
            r"first paint after ([\d.]+) s, ([\d.]+) s of them computing, loaded: nothing heavy", line
        )
        assert told, line
        seconds.append(float(told[1]))
        computing.append(float(told[2]))
        if len(seconds) >= 3 and min(seconds) < FIRST_PAINT_S:
            break
    busy = os.getloadavg()[0] > (os.cpu_count() or 1)
    with capsys.disabled():
        print(
            f"\nfirst paint of the panel after {min(seconds):.2f} s, {min(computing):.2f} s of them computing"
        )
    assert min(computing if busy else seconds) < FIRST_PAINT_S


@pytest.mark.parametrize("words", [(), ("panel",), ("panel", "--no-osc")])
def test_it_opens_and_ends_without_complaint(words: tuple[str, ...]) -> None:
    panel = start(*words)
    assert panel.stdout is not None
    assert panel.stdout.readline().startswith("first paint")
    time.sleep(2.0)  # the engine's process and the bridge have begun meanwhile
    code, complaints = end(panel)
    assert code == 0
    assert [line for line in complaints.splitlines() if "propagateSizeHints" not in line] == []


@pytest.mark.parametrize("word", ["--osc", "now"])
def test_a_wrong_word_is_answered_in_one_sentence(word: str) -> None:
    panel = start("panel", word)
    _, complaint = panel.communicate(timeout=30)
    assert panel.returncode == 2
    assert len(complaint.splitlines()) == 1
    assert word in complaint
    assert "panel --help" in complaint


def test_without_a_screen_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    panel = start("panel")
    _, complaint = panel.communicate(timeout=30)
    assert panel.returncode == 1
    assert "no screen" in complaint
