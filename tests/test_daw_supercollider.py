"""The SuperCollider Quark in a real sclang without a screen, and with the real sound server where it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import soundfile

from tests.noise_bridge import noise_bridge
from tests.osc_stand_in import BridgeStandIn, free_port

QUARK = Path(__file__).parent.parent / "bridge" / "daw" / "supercollider"
SCLANG = shutil.which("sclang")
JACKD = shutil.which("jackd")
SCSYNTH = shutil.which("scsynth")

pytestmark = pytest.mark.skipif(SCLANG is None, reason="needs SuperCollider's language (sclang)")

# Ends sclang with what was told so far when a test hangs.
PRELUDE = """
    var tell = { |word ...values| ("TOLD " ++ word ++ "|" ++ values.join("|")).postln };
    Roomtone.port = thisProcess.argv[0].asInteger;
    AppClock.sched(30, { "TIMEOUT".postln; 1.exit });
"""


def test_a_clip_arrives_as_a_file_of_the_length_asked_for(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        told = _sclang(
            tmp_path,
            bridge.port,
            """Roomtone.renderFile("søft rain", 2.5, { |path, seconds, rate, job|
                tell.(\\done, path, seconds, rate, job.fraction, Roomtone.jobs.size); 0.exit },
                onProgress: { |fraction, stage| tell.(\\progress, fraction, stage) });""",
        )
        job, prompt, seconds, bpm = bridge.arguments("render")[0]
    assert (prompt, seconds, bpm, [job]) == ("søft rain", 2.5, 0.0, bridge.rendered)
    assert told[0] == ["progress", "0.5", "denoising"]
    assert told[1][2:] == ["2.5", "48000", "1", "0"]
    assert soundfile.info(told[1][1]).frames == 120_000


def test_a_length_in_bars_is_exact_at_the_clock_it_is_asked_with(tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        _sclang(
            tmp_path,
            bridge.port,
            """TempoClock.default.tempo = 93/60;
            // The beats per bar can be changed only from within the clock.
            TempoClock.default.sched(0.1, {
                TempoClock.default.beatsPerBar = 7;
                Roomtone.renderBars("rain", 3);
                nil });
            AppClock.sched(1, { 0.exit });""",
        )
        seconds, bpm = bridge.arguments("render")[0][2:4]
    assert isinstance(seconds, float)
    assert round(seconds * 48_000) == round(3 * 7 * 60 / 93 * 48_000)
    assert bpm == pytest.approx(93.0)


def test_without_roomtone_it_is_said_how_to_start_it_and_nothing_waits(tmp_path: Path) -> None:
    told = _sclang(
        tmp_path,
        free_port(),
        """var start = Process.elapsedTime;
        Roomtone.renderFile("rain", 2, onError: { |sentence, code|
            tell.(\\error, code, sentence, (Process.elapsedTime - start).round(0.1)); 0.exit });
        tell.(\\asked, Process.elapsedTime - start);""",
    )
    assert told[0][0] == "asked"
    assert float(told[0][1]) < 0.02
    assert told[1][:2] == ["error", "notRunning"]
    assert "roomtone bridge" in told[1][2]
    assert 1.5 <= float(told[1][3]) <= 3


@pytest.mark.parametrize(("prompt", "code"), [("refuse me", "usage"), ("break", "worker-died")])
def test_a_failed_job_is_told_once_with_its_sentence(prompt: str, code: str, tmp_path: Path) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        told = _sclang(
            tmp_path,
            bridge.port,
            f"""Roomtone.renderFile("{prompt}", 2,
                onError: {{ |sentence, code| tell.(\\error, code, sentence) }});
            AppClock.sched(1, {{ 0.exit }});""",
        )
    assert [line[:2] for line in told] == [["error", code]]
    assert told[0][2].endswith("the test wants it so.")


def test_a_job_is_found_again_when_roomtone_was_started_anew(tmp_path: Path) -> None:
    port = free_port()
    code = """Roomtone.askAgainEvery = 2;
        Roomtone.renderFile("rain", 1, { |path| tell.(\\done, path); 0.exit });"""
    with _started(tmp_path, port, code) as language:
        with BridgeStandIn(tmp_path, port, finishes=False) as first:
            job = first.wait_for("render", timeout=20)[0]
        with BridgeStandIn(tmp_path, port) as second:
            told = _told(language)
    assert second.rendered == [job]
    assert told[0][0] == "done"


def test_it_renders_with_the_bridge_itself(tmp_path: Path) -> None:
    with noise_bridge() as bridge:
        told = _sclang(
            tmp_path,
            bridge.port,
            """Roomtone.renderFile("rain on a tent", 1.5, { |path, seconds|
                tell.(\\done, path, seconds); 0.exit });""",
        )
        [clip] = bridge.clips()
    assert told == [["done", str(clip.path), "1.5"]]
    assert clip.prompt == "rain on a tent"


@pytest.mark.skipif(SCSYNTH is None or JACKD is None, reason="needs scsynth and jackd to read into a Buffer")
def test_the_clip_lies_in_a_buffer_of_the_sound_server(tmp_path: Path, sound_server: dict[str, str]) -> None:
    with BridgeStandIn(tmp_path) as bridge:
        told = _sclang(
            tmp_path,
            bridge.port,
            """Roomtone.render("rain", 1.5) { |buffer|
                tell.(\\buffer, buffer.numFrames, buffer.numChannels, buffer.sampleRate.asInteger);
                s.quit; AppClock.sched(0.5, { 0.exit }) };
            s.boot;""",
            sound_server,
        )
        path = bridge.wait_for("imported", timeout=1)[1]
    assert told == [["buffer", "72000", "2", "48000"]]
    assert str(path).startswith(str(tmp_path))


@pytest.fixture
def sound_server(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A JACK server of our own without a sound card, as scsynth needs one; gives what finds it."""
    assert JACKD is not None
    name = {"JACK_DEFAULT_SERVER": f"roomtone-{os.getpid()}", "JACK_NO_AUDIO_RESERVATION": "1"}
    words = [JACKD, "--no-realtime", "--no-mlock", "-d", "dummy", "-r", "48000", "-p", "1024"]
    with (tmp_path / "jackd.log").open("wb") as log:
        server = subprocess.Popen(words, env=os.environ | name, stdout=log, stderr=log)
        time.sleep(1)
        yield name
        server.terminate()
        server.wait(timeout=10)


def _sclang(folder: Path, port: int, code: str, environment: dict[str, str] | None = None) -> list[list[str]]:
    """What the code told in sclang, a list of words a line."""
    with _started(folder, port, code, environment) as language:
        return _told(language)


@contextmanager
def _started(
    folder: Path, port: int, code: str, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    assert SCLANG is not None
    home = folder / "home"
    extensions = home / ".local" / "share" / "SuperCollider" / "Extensions" / "Roomtone"
    shutil.copytree(QUARK, extensions)
    source = folder / "test.scd"
    source.write_text(f"(\n{PRELUDE} {{\n{code}\n}}.value\n)\n", encoding="utf-8")
    headless = {"HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1"}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    language = subprocess.Popen(
        [SCLANG, "-i", "none", str(source), str(port)],
        env=inherited | headless | (environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
    )
    try:
        yield language
    finally:
        language.kill()
        language.communicate()


def _told(language: subprocess.Popen[str]) -> list[list[str]]:
    out, _ = language.communicate(timeout=40)
    assert language.returncode == 0, out
    lines = [line.split("|") for line in out.splitlines() if line.startswith("TOLD ")]
    return [[words[0].removeprefix("TOLD "), *words[1:]] for words in lines]
