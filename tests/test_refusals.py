from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.commands.interrupts import interruptible
from engine.errors import EngineError
from engine.logs import log_file
from tests.noise_model import FailingRenderer, Loader, make_noise_model, roomtone

ROOT = Path(__file__).parents[1]
RENDER = ["render", "rain on a tin roof", "--model", "noise", "--seconds", "1"]


@pytest.fixture(autouse=True)
def noise_folder(roomtone_home: Path) -> Path:
    return make_noise_model()


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command line says to a request that it must refuse with exit code 2."""
    assert roomtone(*words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["rendr"], "did you mean 'render'"),
        (["--loud"], "no option --loud"),
        (["render"], "Say what shall be heard"),
        (["render", ""], "prompt is empty"),
        (["render", "   "], "prompt is empty"),
        (["render", "x" * 100_000], "100000 characters"),
        (["render", "rain", "wind"], "put the prompt in quotes"),
        (["render", "rain", "--varations", "3"], "did you mean '--variations'"),
        (["render", "rain", "--seed"], "--seed"),
        (["render", "rain", "--sec", "3"], "no option --sec"),
        (["render", "rain", "--seconds", "0.4"], "0.5 to 600"),
        (["render", "rain", "--seconds", "600.1"], "0.5 to 600"),
        (["render", "rain", "--seconds", "nan"], "seconds"),
        (["render", "rain", "--seconds", "long"], "seconds: a number is expected"),
        (["render", "rain", "--steps", "0"], "1 to 200"),
        (["render", "rain", "--steps", "2.5"], "whole number"),
        (["render", "rain", "--guidance", "-1"], "0 to 20"),
        (["render", "rain", "--seed", "-1"], "0 to 4294967295"),
        (["render", "rain", "--seed", "4294967296"], "0 to 4294967295"),
        (["render", "rain", "--variations", "0"], "1 to 64"),
        (["render", "rain", "--variations", "many"], "whole number"),
        (["render", "rain", "--sampler", "hein"], "did you mean 'heun'"),
        (["render", "rain", "--model", "nois"], "did you mean 'noise'"),
        (["render", "rain", "--format", "mp3"], "wav, flac"),
        (["render", "rain", "--rate", "7999"], "8000 to 192000"),
        (["render", "rain", "--bits", "8"], "bits"),
        (["render", "rain", "--lufs", "0"], "-60 to -6"),
        (["render", "rain", "--device", "gpu"], "device"),
        (["render", "rain", "--precision", "half"], "precision"),
        (["render", "rain", "--out", ""], "--out is empty"),
        (["render", "rain", "--out", "clip.mp3"], "does not end in .wav or .flac"),
        (["render", "rain", "--out", "clip.wav/"], "ends in a slash"),
        (["render", "rain", "--out", "clip.wav", "--format", "flac"], "--format says flac"),
        (["render", "rain", "--format", "flac", "--bits", "32f"], "FLAC has no floating point"),
        (["models", "show"], "which model"),
        (["models", "show", "nois"], "did you mean 'noise'"),
        (["bench", "--model", "noise", "--repeats", "0"], "1 to 100"),
        (["evaluate"], "--manifest"),
    ],
)
def test_a_wrong_request_is_refused_in_one_sentence(
    words: list[str],
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    words = [*words, "--model", "noise"] if words[0] == "render" and "--model" not in words else words
    told = refusal(capsys, *words)
    assert expected in told
    assert told.count("\n") == 1
    assert not [*tmp_path.iterdir()]


def test_a_file_that_is_there_is_never_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = tmp_path / "clip.wav"
    clip.write_bytes(b"precious")
    assert "never overwritten" in refusal(capsys, *RENDER, "--out", str(clip))
    assert clip.read_bytes() == b"precious"


def test_a_file_that_is_no_clip_has_no_recipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    foreign = tmp_path / "foreign.wav"
    soundfile.write(foreign, np.zeros(100), 8_000)
    assert roomtone("render", "--recipe", str(foreign)) == 1
    assert "carries no recipe" in capsys.readouterr().err


def test_a_damaged_model_is_told_with_exit_code_1(
    noise_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (noise_folder / "model_index.json").write_text("{")
    assert roomtone(*RENDER) == 1
    told = capsys.readouterr()
    assert "damaged" in told.err
    assert told.out == ""


def test_the_worlds_fault_is_told_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loader = Loader(FailingRenderer({"rain on a tin roof": EngineError("The disk is full.")}))
    assert roomtone(*RENDER, "--out", str(tmp_path / "clip.wav"), loader=loader) == 1
    assert capsys.readouterr().err.endswith("roomtone: The disk is full.\n")
    assert not [*tmp_path.iterdir()]


def test_a_bug_is_told_in_one_sentence_and_its_traceback_is_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loader = Loader(FailingRenderer({"rain on a tin roof": ZeroDivisionError("by nothing")}))
    assert roomtone(*RENDER, "--out", str(tmp_path / "clip.wav"), loader=loader) == 1
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert told.endswith(f"(ZeroDivisionError: by nothing). The details are in {log_file()}\n")
    log = log_file().read_text()
    assert "Traceback" in log
    assert "rain on a tin roof" in log
    assert not [*tmp_path.iterdir()]


def test_a_log_that_cannot_be_written_does_not_hide_the_first_error(
    roomtone_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (roomtone_home / "logs").write_text("a file in the way")
    loader = Loader(FailingRenderer({"rain on a tin roof": ZeroDivisionError("by nothing")}))
    assert roomtone(*RENDER, loader=loader) == 1
    assert "by nothing" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["clip.wav", "clip.flac"])
def test_a_full_disk_is_told_and_leaves_nothing_behind(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        code = roomtone(*RENDER, "--out", str(tmp_path / name))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    told = capsys.readouterr()
    assert (code, told.out) == (1, "")
    assert str(tmp_path) in told.err.splitlines()[-1]
    assert "Traceback" not in told.err
    assert "Something unexpected" not in told.err
    assert not [*tmp_path.iterdir()]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody can write to")
def test_a_folder_that_nobody_can_write_to_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert roomtone(*RENDER, "--out", "/proc/clip.wav") == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert "/proc" in told
    assert "Something unexpected" not in told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_with_130_and_leaves_nothing_half_done(
    number: signal.Signals, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    timer = threading.Timer(0.5, os.kill, (os.getpid(), number))
    timer.start()
    long = ["render", "rain", "--model", "noise", "--seconds", "600", "--rate", "192000"]
    before = signal.getsignal(number)
    assert roomtone(*long, "--out", str(tmp_path / "clips" / "clip.wav")) == 130
    timer.join()
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.endswith("roomtone: Interrupted.\n")
    assert not [*tmp_path.iterdir()]
    assert signal.getsignal(number) is before


def test_a_second_interrupt_does_not_cut_the_cleaning_up_short() -> None:
    done: list[str] = []

    def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            done.append("cleaned up")

    with interruptible() as taken, pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["cleaned up"]
    assert len(taken) == 1


def test_a_reader_that_goes_away_is_no_bug() -> None:
    program = "from engine.__main__ import main; import sys; sys.exit(main(['models', 'list']))"
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True
    )
    os.close(writing)
    assert ended.returncode == 1
    assert ended.stderr == ""
