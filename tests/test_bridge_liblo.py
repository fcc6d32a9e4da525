"""A client that is not ours: oscsend and oscdump of liblo, when this machine has them."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from engine.studio import Studio
from tests.bridge_fixtures import QUIET, free_tcp_port, speaking, wait_for
from tests.osc_stand_in import free_port

pytestmark = pytest.mark.skipif(
    not (shutil.which("oscsend") and shutil.which("oscdump") and shutil.which("stdbuf")),
    reason="liblo's oscsend and oscdump are not installed",
)


@contextmanager
def dumping(port: int) -> Iterator[list[str]]:
    """What oscdump prints that listens on this UDP port; grows while it does."""
    dump = subprocess.Popen(["stdbuf", "-oL", "oscdump", str(port)], stdout=subprocess.PIPE, text=True)
    lines: list[str] = []
    assert dump.stdout is not None
    reader = threading.Thread(target=lambda: lines.extend(iter(dump.stdout.readline, "")), name="dump")  # type: ignore[union-attr]
    reader.start()
    try:
        yield lines
    finally:
        dump.kill()
        dump.wait()
        reader.join()
        dump.stdout.close()


def oscsend(target: str, *words: str) -> None:
    subprocess.run(["oscsend", *target.split(), *words], check=True, timeout=20)


def finish(studio: Studio, job: str) -> None:
    """What the engine tells of a job that it has rendered."""
    wait_for(lambda: studio.queue.get(job) is not None)
    studio.queue.next(0)
    studio.queue.change(job, fraction=0.5, stage="denoising", seconds_left=1.5)
    wait_for(lambda: True)
    studio.queue.change(job, state="done", path="/x/clip.wav", clip="ab12", seconds=1.0, rate=48_000)


def test_oscsend_renders_and_oscdump_hears_accepted_and_done_on_its_own_port() -> None:
    port = free_port()
    with speaking() as (_, bridge, studio), dumping(port) as lines:
        # oscdump says nothing when it is ready: ask until it has heard an answer.
        def pinged() -> bool:
            oscsend(f"127.0.0.1 {bridge.status().port}", "/roomtone/1/subscribe", "i", str(port))
            return bool(lines)

        wait_for(pinged)
        oscsend(
            f"127.0.0.1 {bridge.status().port}", "/roomtone/1/render", "ssfffsi",
            "lo-1", "rain over a lake", "1", "120", "48000", "", str(port),
        )  # fmt: skip
        finish(studio, "lo-1")
        wait_for(lambda: any("/done" in line for line in lines))
        job = studio.queue.get("lo-1")
        assert job is not None
        assert (job.scene.prompt, job.scene.seconds, job.output.rate) == ("rain over a lake", 1.0, 48_000)
        told = [line.split(" ", 1)[1].strip() for line in lines]
        assert any(line.startswith('/roomtone/1/accepted s "lo-1"') for line in told)
        (done,) = [line for line in told if "/done" in line]
        assert done == '/roomtone/1/done ssfis "lo-1" "/x/clip.wav" 1.000000 48000 "ab12"'


def test_oscsend_speaks_over_tcp_with_length_prefix() -> None:
    with speaking(replace(QUIET, tcp_length_port=free_tcp_port())) as (_, bridge, studio):
        address = f"osc.tcp://127.0.0.1:{bridge.status().tcp_length_port}"
        oscsend(address, "/roomtone/1/render", "ssf", "lo-tcp", "wind in pines", "2")
        wait_for(lambda: studio.queue.get("lo-tcp") is not None)
