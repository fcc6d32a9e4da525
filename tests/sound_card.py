"""A sound card that is not there: a JACK server with the dummy driver, and a recorder of what it is sent.

In this order every sample that is played can be compared with the file that it came from, in real time.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

RATE = 48_000
PERIOD_FRAMES = 1_024
CARD = "system, JACK Audio Connection Kit"


def needs_sound_card() -> None:
    """Skip the test where there is no JACK server to start."""
    pytest.importorskip("jack", reason="the package JACK-Client is not installed", exc_type=Exception)
    if shutil.which("jackd") is None:
        pytest.skip("the program jackd is not installed")
    pytest.importorskip("sounddevice", reason="PortAudio is not installed", exc_type=OSError)
    _keep_jack_quiet()


@contextlib.contextmanager
def sound_card(
    name: str, channels: int = 2, rate: int = RATE, period_frames: int = PERIOD_FRAMES
) -> Iterator[subprocess.Popen[bytes]]:
    """A JACK server of that name, in real time, and the environment in which programs find it."""
    environment = {
        "JACK_DEFAULT_SERVER": name,
        "JACK_NO_START_SERVER": "1",
        "JACK_NO_AUDIO_RESERVATION": "1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in environment.items():
            patch.setenv(variable, value)
        words = ["jackd", "-n", name, "--no-realtime", "--no-mlock", "-d", "dummy", "-r", str(rate)]
        words += ["-p", str(period_frames), "-C", "2", "-P", str(channels)]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                _wait_for_server(name)
                yield server
            finally:
                server.terminate()
                server.wait(10)


class Recorder:
    """Records what programs play on the card of the environment, as soon as they play."""

    def __init__(self, channels: int = 2) -> None:
        import jack

        self._client: Any = jack.Client(f"recorder-{os.getpid()}", no_start_server=True)
        self._ports = [self._client.inports.register(f"in{place}") for place in range(channels)]
        self._blocks: list[tuple[float, np.ndarray[Any, Any]]] = []
        self._ending = threading.Event()
        self._client.set_process_callback(self._hear)
        self._thread = threading.Thread(target=self._connect, name="recorder")

    def __enter__(self) -> Recorder:
        self._client.activate()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        self._client.deactivate()
        self._client.close()

    def sound(self) -> np.ndarray[Any, Any]:
        """Everything since the start, (frames, channels)."""
        return np.concatenate([block for _, block in self._blocks])

    def forget(self) -> None:
        """Begin anew."""
        self._blocks = []

    def heard_since(self, moment: float) -> float | None:
        """When (`time.perf_counter`) the first block after that moment came that is not silent."""
        return next((when for when, block in list(self._blocks) if when > moment and block.any()), None)

    def _hear(self, _frames: int) -> None:
        now = time.perf_counter()
        self._blocks.append((now, np.stack([port.get_array() for port in self._ports], 1).copy()))

    def _connect(self) -> None:
        """To the outputs of the programs that go to the card, in order of the card's own inputs."""
        import jack

        while not self._ending.wait(0.005):
            for place, port in enumerate(self._ports):
                with contextlib.suppress(jack.JackError):
                    there = {source.name for source in self._client.get_all_connections(port)}
                    for source in self._client.get_all_connections(f"system:playback_{place + 1}"):
                        if source.name not in there:
                            self._client.connect(source.name, port.name)


def place_of(clip: np.ndarray[Any, Any], sound: np.ndarray[Any, Any]) -> int:
    """Where in the recorded sound, both (frames, 2), the clip fits best."""
    from scipy.signal import correlate

    return int(np.argmax(correlate(sound[:, 0], clip[:, 0], mode="valid", method="fft")))


def noise(seconds: float, seed: int = 0, rate: int = RATE) -> np.ndarray[Any, Any]:
    """Soft noise, (frames, 2) float32."""
    frames = round(seconds * rate)
    return (0.1 * np.random.default_rng(seed).standard_normal((frames, 2))).astype(np.float32)


def write(path: Path, sound: np.ndarray[Any, Any], rate: int = RATE) -> Path:
    """The sound as a float file, so that every sample can be compared."""
    import soundfile

    soundfile.write(str(path), sound, rate, subtype="FLOAT")
    return path


def _keep_jack_quiet() -> None:
    import jack

    jack.set_error_function(lambda _: None)
    jack.set_info_function(lambda _: None)


def _wait_for_server(name: str) -> None:
    # In a process of its own: a client that has seen a server be killed is not to be trusted any more.
    code = f"""
import contextlib, jack, sys, time
jack.set_error_function(lambda _: None)
for _ in range(200):
    with contextlib.suppress(jack.JackOpenError):
        jack.Client("asks", no_start_server=True, servername={name!r}).close()
        sys.exit(0)
    time.sleep(0.05)
sys.exit(1)
"""
    if subprocess.run([sys.executable, "-c", code], check=False).returncode != 0:
        pytest.skip("jackd does not start on this machine")
