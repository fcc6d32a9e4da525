"""What is heard, and said, when devices vanish, are not there, or PortAudio itself is missing.

Each test has a process of its own: one that has seen a sound server die is no place for further tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.sound_card import CARD, RATE, needs_sound_card, noise, sound_card, write

HOUSE = Path(__file__).parent.parent


def test_a_device_that_vanishes_is_told_and_the_default_takes_over(tmp_path: Path) -> None:
    needs_sound_card()
    write(tmp_path / "clip.wav", noise(20.0))
    capture = tmp_path / "default.raw"
    alsa = tmp_path / "alsa.conf"
    alsa.write_text(f"""
        pcm.!default {{ type plug slave {{ pcm "capture" format FLOAT_LE rate {RATE} channels 2 }} }}
        pcm.capture {{ type file file "{capture}" format "raw" slave.pcm "nowhere" }}
        pcm.nowhere {{ type null }}
    """)
    with sound_card(f"vanishing-{os.getpid()}") as server:
        code = f"""
import os, signal, time
from pathlib import Path
from engine.audition import Audition
audition = Audition(device={CARD!r})
audition.play(Path({str(tmp_path / "clip.wav")!r}), loop=True)
time.sleep(1)
print("before:", audition.state().device, audition.state().playing)
os.kill({server.pid}, signal.SIGKILL)
until = time.time() + 20
while audition.state().device == {CARD!r} and time.time() < until:
    time.sleep(0.05)
while not (audition.state().sentence and audition.state().playing) and time.time() < until:
    time.sleep(0.05)
print("after:", audition.state().device, audition.state().playing)
print("said:", audition.state().sentence, flush=True)
audition.close()
print("closed", flush=True)
"""
        answer = run(code, {"ALSA_CONFIG_PATH": str(alsa)})
    assert f"before: {CARD} True" in answer
    assert "after: default, ALSA True" in answer
    assert f"said: The sound device {CARD} is gone: playing on default, ALSA." in answer
    assert "closed" in answer
    assert np.fromfile(capture, np.float32).any()


@pytest.mark.skipif(sys.platform != "linux", reason="takes the devices away by settings of ALSA and JACK")
def test_without_a_device_all_else_goes_on(tmp_path: Path) -> None:
    pytest.importorskip("sounddevice", reason="PortAudio is not installed", exc_type=OSError)
    write(tmp_path / "clip.wav", noise(1.0))
    (tmp_path / "alsa.conf").write_text("pcm.!default { type hw card 31 }")
    nothing = {"ALSA_CONFIG_PATH": str(tmp_path / "alsa.conf"), "JACK_DEFAULT_SERVER": "none-such"}
    answer = run(_PLAYS_ONCE.format(path=str(tmp_path / "clip.wav")), nothing)
    assert "[] False There is no sound device: clips are rendered and kept, but cannot be heard" in answer


def test_without_portaudio_all_else_goes_on(tmp_path: Path) -> None:
    write(tmp_path / "clip.wav", noise(1.0))
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    answer = run(_PLAYS_ONCE.format(path=str(tmp_path / "clip.wav")), {"PYTHONPATH": str(tmp_path)})
    assert "[] False Clips cannot be heard: the PortAudio library is missing." in answer


def test_no_device_is_opened_before_something_is_played() -> None:
    code = """
import sys, threading
from engine.audition import Audition
audition = Audition()
audition.gain_db, audition.device, audition.channels = -3.0, "", (1, 2)
audition.pause(); audition.resume(); audition.stop(); audition.seek(1.0); audition.state(); audition.close()
print([name for name in ("sounddevice", "numpy") if name in sys.modules], threading.active_count())
"""
    assert run(code, {}).split() == ["[]", "1"]


_PLAYS_ONCE = """
import time
from pathlib import Path
from engine.audition import Audition
audition = Audition()
names = audition.devices()
audition.play(Path({path!r}))
until = time.time() + 20
while audition.state().playing and time.time() < until:
    time.sleep(0.02)
print(names, audition.state().playing, audition.state().sentence)
audition.close()
"""


def run(code: str, environment: dict[str, str]) -> str:
    """What a Python of its own prints."""
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=HOUSE,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout
