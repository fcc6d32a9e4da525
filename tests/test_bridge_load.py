"""Five clients with a hundred jobs each at once: none is lost, doubled or mixed up, and memory is flat."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from pathlib import Path

import psutil
import pytest

from bridge.packets import Value
from bridge.server import Bridge
from engine.commands.session import open_studio
from engine.recipe import read_recipe
from engine.settings import folders
from engine.studio import Studio
from tests.bridge_fixtures import QUIET, Speaker
from tests.noise_model import Loader, make_noise_model

LONG = pytest.mark.skipif(
    os.environ.get("ROOMTONE_LONG_TESTS") != "1", reason="takes minutes: set ROOMTONE_LONG_TESTS=1"
)
CLIENTS = 5
JOBS = 100


class Client(threading.Thread):
    """Sends its jobs, a few of them wrong or taken back, and listens until it has heard the end of each."""

    def __init__(self, number: int, port: int, model: str) -> None:
        super().__init__(name=f"client {number}")
        self.number, self.model = number, model
        self.speaker = Speaker(port)
        self.jobs = {f"c{number}-{n}": f"scene {n} of client {number}" for n in range(JOBS)}
        self.ends: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self.done: dict[str, tuple[Value, ...]] = {}
        self.refused: dict[str, Value] = {}

    def run(self) -> None:
        for n, (job, prompt) in enumerate(self.jobs.items()):
            seconds = 0.5 if n % 20 else -1.0  # every twentieth is wrong
            scene = {"prompt": prompt, "seconds": seconds, "seed": n, "model": self.model, "steps": 1}
            self.speaker.say("render/scene", job, json.dumps(scene))
            if n % 25 == 7:
                self.speaker.say("render/scene", job, json.dumps(scene))  # once more
            if n % 30 == 11:
                self.speaker.say("cancel", job)
        while self.ends.keys() != self.jobs.keys():
            self._hear()
        self.speaker.socket.close()

    def _hear(self) -> None:
        name, values = self.speaker.hear(120)
        job = str(values[0])
        if name == "accepted":
            self.accepted[job] += 1
        if name in ("done", "error"):
            self.ends[job] += 1
        if name == "done":
            self.done[job] = values
        if name == "error":
            self.refused[job] = values[1]


def noise_studio() -> Studio:
    make_noise_model()
    return Loader().open_studio("", "", 0)


def tiny_studio() -> Studio:
    """Of a real engine, with a small model of random weights."""
    from engine.models import store

    store.save(store.create("tiny", 0), folders().models / "tiny")
    return open_studio("cpu", "float32", 1)


STUDIOS = {"noise": noise_studio, "tiny": tiny_studio}


@pytest.mark.slow
@pytest.mark.parametrize("model", ["noise", pytest.param("tiny", marks=LONG)])
def test_five_hundred_jobs_of_five_clients_all_end_and_none_is_lost_doubled_or_mixed_up(
    model: str,
) -> None:
    with STUDIOS[model]() as studio, Bridge(studio, QUIET) as bridge:
        clients = [Client(number, bridge.status().port, model) for number in range(CLIENTS)]
        before = psutil.Process().memory_info().rss
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        grown_mb = (psutil.Process().memory_info().rss - before) / 1e6
        clips = studio.library.count()
    paths: list[Value] = []
    for client in clients:
        wrong = {job for n, job in enumerate(client.jobs) if n % 20 == 0}
        assert client.done.keys() | client.refused.keys() == client.jobs.keys()
        assert {job for job, code in client.refused.items() if code == "usage"} == wrong
        assert set(client.refused.values()) <= {"usage", "cancelled"}
        assert client.accepted.keys() == client.jobs.keys() - wrong
        for job, (_, path, seconds, rate, _) in client.done.items():
            assert read_recipe(Path(str(path))).scene.prompt == client.jobs[job]
            assert (seconds, rate) == (0.5, 44_100)
            paths.append(path)
    assert len(paths) == len(set(paths)) == clips
    assert len(paths) >= CLIENTS * JOBS * 0.85
    print(f"{len(paths)} done, {CLIENTS * JOBS - len(paths)} refused or cancelled, {grown_mb:.1f} MB grown")
    assert grown_mb < 40
