"""A true stand-in for the bridge: a UDP server on 127.0.0.1 that speaks the table and writes real files.

For the scripts in the DAWs. It answers `/roomtone/1/render` with accepted, progress and done, from its
listening socket, to the sender or to `reply_port`; with a `spool` it leaves `<job>.reply` there too. The
prompt "refuse me" is refused, "break" fails half of the way, and a known job is not rendered twice.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import numpy as np
import soundfile
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg

PREFIX = "/roomtone/1/"
Argument = str | int | float
Message = tuple[str, list[Argument]]


class BridgeStandIn:
    """Speaks on a free port, or on `port`, until the block is left.

    folder: where takes go; without `finishes` none is ever made.
    """

    def __init__(
        self, folder: Path, port: int = 0, pause_seconds: float = 0.02, finishes: bool = True
    ) -> None:
        self.folder = folder
        self.received: list[Message] = []
        self.rendered: list[str] = []
        self._pause = pause_seconds
        self._finishes = finishes
        self._answers: dict[str, list[Message]] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self._socket.settimeout(0.05)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="bridge stand-in")

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def __enter__(self) -> BridgeStandIn:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()
        self._socket.close()

    def arguments(self, word: str) -> list[list[Argument]]:
        """Of each message received so far whose address is the prefix and that word."""
        return [arguments for address, arguments in list(self.received) if address == PREFIX + word]

    def wait_for(self, word: str, timeout: float = 10.0) -> list[Argument]:
        """The arguments of the first such message, when it comes."""
        return wait_until(lambda: next(iter(self.arguments(word)), None), timeout, f"{word} never came")

    def _serve(self) -> None:
        while not self._stopped.is_set():
            try:
                packet, sender = self._socket.recvfrom(65_535)
            except TimeoutError:
                continue
            message = OscMessage(packet)
            arguments = list(message.params)
            self.received.append((message.address, arguments))
            if message.address == PREFIX + "render":
                self._render(sender, *arguments)
            elif message.address == PREFIX + "render/scene":
                self._render_scene(sender, *arguments)
            elif message.address == PREFIX + "ping":
                self._send(sender, "pong", ["stand-in"])

    def _render_scene(
        self, sender: tuple[str, int], job: str, text: str, spool: str = "", reply_port: float = 0
    ) -> None:
        scene = json.loads(text)
        bars = float(scene.get("bars") or 0)
        numerator, denominator = (int(word) for word in scene.get("meter", "4/4").split("/"))
        seconds = scene.get("seconds", 10.0)
        if bars:
            seconds = bars * numerator * 4 / denominator * 60 / float(scene["bpm"])
        self._render(
            sender, job, scene["prompt"], seconds, scene.get("bpm") or 0.0, 48_000, spool, reply_port
        )

    def _render(
        self,
        sender: tuple[str, int],
        job: str,
        prompt: str,
        seconds: float = 10.0,
        bpm: float = 0.0,
        rate: float = 0.0,
        spool: str = "",
        reply_port: float = 0,
    ) -> None:
        target = (sender[0], int(reply_port)) if reply_port else sender
        if job not in self._answers:
            self._answers[job] = self._answers_for(job, prompt, seconds, int(rate) or 48_000)
        for word, arguments in self._answers[job]:
            self._send(target, word, arguments)
            if spool:
                leave_reply(Path(spool), job, word, arguments)
            time.sleep(self._pause)

    def _answers_for(self, job: str, prompt: str, seconds: float, rate: int) -> list[Message]:
        if prompt == "refuse me":
            return [("error", [job, "usage", "The prompt is refused: the test wants it so."])]
        answers: list[Message] = [("accepted", [job]), ("progress", [job, 0.5, "denoising", 0.25])]
        if prompt == "break":
            return [*answers, ("error", [job, "worker-died", "The engine stopped: the test wants it so."])]
        if not self._finishes:
            return answers
        path = write_take(self.folder / f"{re.sub('[^A-Za-z0-9-]', '_', job)} é #1.wav", seconds, rate)
        self.rendered.append(job)
        return [*answers, ("done", [job, str(path), float(seconds), rate, "0123456789ab"])]

    def _send(self, target: tuple[str, int], word: str, arguments: list[Argument]) -> None:
        self._socket.sendto(build_msg(PREFIX + word, list(arguments)).dgram, target)


def write_take(path: Path, seconds: float, rate: int) -> Path:
    """Quiet stereo noise of that length, 24 bits; the finished file appears at once."""
    wave = 0.1 * np.random.default_rng(1).standard_normal((round(seconds * rate), 2))
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    soundfile.write(unfinished, wave, rate, format="WAV", subtype="PCM_24")
    unfinished.replace(path)
    return path


def leave_reply(spool: Path, job: str, word: str, arguments: list[Argument]) -> None:
    """The answer as a file, for scripts without sockets: the kind, then a value a line, without the job."""
    spool.mkdir(parents=True, exist_ok=True)
    unfinished = spool / f"{job}.reply.part"
    unfinished.write_text(
        "\n".join([word, *(str(value) for value in arguments[1:])]) + "\n", encoding="utf-8"
    )
    unfinished.replace(spool / f"{job}.reply")


def free_port() -> int:
    """A UDP port of 127.0.0.1 on which nobody listens now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(found: Callable[[], list[Argument] | None], timeout: float, complaint: str) -> list[Argument]:
    """What `found` gives as soon as it is not None. Raises AssertionError, the complaint, after `timeout`."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        result = found()
        if result is not None:
            return result
        time.sleep(0.02)
    raise AssertionError(complaint)
