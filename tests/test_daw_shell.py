"""The shell scripts with the real oscsend and oscdump."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import soundfile

from bridge.addresses import PREFIX, REQUESTS
from tests.noise_bridge import noise_bridge
from tests.osc_stand_in import BridgeStandIn, free_port

FOLDER = Path(__file__).parent.parent / "bridge" / "daw" / "shell"

pytestmark = pytest.mark.skipif(
    not (shutil.which("oscsend") and shutil.which("oscdump")),
    reason="needs oscsend and oscdump (liblo-tools)",
)


def test_the_path_of_the_clip_is_printed_and_nothing_else(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path / "a library") as bridge:
        run = _shell(bridge.port, "roomtone-render", 'søft "rain" on a lake', "2.5", "120")
        job, prompt, seconds, bpm = bridge.arguments("render")[0][:4]
        assert bridge.wait_for("imported") == [job, run.stdout.rstrip("\n")]
    assert (prompt, seconds, bpm) == ('søft "rain" on a lake', 2.5, 120.0)
    assert run.returncode == 0
    assert soundfile.info(run.stdout.rstrip("\n")).frames == 120_000


def test_how_far_it_is_goes_to_the_screen_and_not_into_the_pipe(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path, pause_seconds=0.4) as bridge:
        run = _shell(bridge.port, "roomtone-render", "rain", "1")
    assert run.stderr == " 50 %  denoising\n"
    assert len(run.stdout.splitlines()) == 1


def test_a_length_in_bars_is_exact(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        run = _shell(bridge.port, "roomtone-render", "--bars", "3", "93", "7/8", "rain")
    assert soundfile.info(run.stdout.rstrip("\n")).frames == round(3 * 7 * (4 / 8) * 60 / 93 * 48_000)


def test_without_roomtone_it_is_said_how_to_start_it_within_four_seconds() -> None:
    start = time.monotonic()
    run = _shell(free_port(), "roomtone-render", "rain")
    assert time.monotonic() - start < 4
    assert (run.returncode, run.stdout) == (3, "")
    assert "Roomtone is not running" in run.stderr
    assert "roomtone bridge" in run.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["refuse me"], 1, "roomtone: The prompt is refused: the test wants it so.\n"),
        (["break"], 1, "roomtone: The engine stopped: the test wants it so.\n"),
        ([], 2, "roomtone: usage: roomtone-render PROMPT .*\n"),
        (["--bars", "3", "93", "seven", "rain"], 2, "roomtone: usage: .*\n"),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_an_exit_code(
    words: list[str], code: int, told: str, tmp_path: Path
) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        run = _shell(bridge.port, "roomtone-render", *words)
    assert (run.returncode, run.stdout) == (code, "")
    assert re.fullmatch(r"(?: 50 %  denoising\n)?" + told, run.stderr)


def test_a_clip_arrives_although_roomtone_was_started_anew_in_between(tmp_path: Path) -> None:
    port = free_port()
    words = ["sh", str(FOLDER / "roomtone-render"), "rain", "1"]
    environment = os.environ | {"ROOMTONE_PORT": str(port)}
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as program:
        with BridgeStandIn(tmp_path, port, finishes=False) as first:
            job = first.wait_for("render")[0]
        with BridgeStandIn(tmp_path, port) as second:
            out, _ = program.communicate(timeout=60)
    assert second.rendered == [job]
    assert Path(out.rstrip("\n")).is_file()


def test_the_example_of_a_cue_list_is_rendered_cue_by_cue(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path, pause_seconds=0) as bridge:
        run = _shell(bridge.port, "roomtone-cues", str(FOLDER / "cues.txt"))
        asked = [arguments[1:3] for arguments in bridge.arguments("render")]
    lines = [line.split("\t") for line in run.stdout.splitlines()]
    assert run.returncode == 0
    assert [name for name, _ in lines] == [
        "Q1  house open",
        "Q2  the storm",
        "Q3  after it",
        "Q4  the harbour",
    ]
    assert all(Path(path).is_file() for _, path in lines)
    assert asked[0] == ["quiet murmur of an audience in a large hall", 12.0]


def test_a_cue_that_fails_is_left_out_and_the_next_is_rendered(tmp_path: Path) -> None:
    (tmp_path / "cues.txt").write_text("one | 1 | break\ntwo|1|rain", encoding="utf-8")
    with BridgeStandIn(tmp_path, pause_seconds=0) as bridge:
        run = _shell(bridge.port, "roomtone-cues", str(tmp_path / "cues.txt"))
    assert run.returncode == 1
    assert [line.split("\t")[0] for line in run.stdout.splitlines()] == ["two"]


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path / "clips") as bridge:
        run = _shell(bridge.port, "roomtone-render", "rain", "1", TMPDIR=str(tmp_path))
    assert run.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["clips"]


def test_the_addresses_are_those_of_the_table_with_its_types() -> None:
    text = (FOLDER / "roomtone-render").read_text(encoding="utf-8")
    sent = re.findall(PREFIX + r"(\S+) ([sif]+) ", text)
    assert {name for name, _ in sent} == {"render", "imported"}
    assert all(tags == REQUESTS[name].tags for name, tags in sent)


def test_it_renders_with_the_bridge_itself() -> None:
    with noise_bridge() as bridge:
        run = _shell(bridge.port, "roomtone-render", "rain on a tent", "1.5")
        [clip] = bridge.clips()
    assert run.stdout == f"{clip.path}\n"
    assert (clip.prompt, clip.seconds) == ("rain on a tent", 1.5)


def _shell(port: int, script: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(FOLDER / script), *words],
        env=os.environ | {"ROOMTONE_PORT": str(port)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
