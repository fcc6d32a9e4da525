"""A queue with a worker and its child process, whose model does what the prompt says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.audition import Audition
from engine.estimates import Estimates
from engine.foreman import Foreman
from engine.jobs import Job, Queue, drawn_id
from engine.monitor import Monitor
from engine.renderer import LoadPipeline
from engine.scene import Output, Scene
from engine.settings import Settings
from engine.worker import Worker
from tests.noise_model import make_noise_model
from tests.trouble_model import load_trouble

PATIENCE_S = 60.0


class Works:
    """A queue with a worker, whose child lives from test to test unless one ends it."""

    def __init__(self, folder: Path, load: LoadPipeline = load_trouble) -> None:
        self.queue = Queue()
        self.settings = Settings(library=str(folder / "library"))
        self.kept: list[Path] = []
        self.audition = Audition()
        self.monitor = Monitor(lambda: self.audition)
        foreman = Foreman(
            self.queue,
            Estimates(folder / "estimates.json"),
            lambda: self.settings,
            lambda take: self.kept.append(take.path),
            self.monitor,
        )
        self.worker = Worker(self.queue, foreman, load)

    def give(self, prompt: str, target: Path | None = None, **fields: object) -> Job:
        scene = Scene(prompt, seconds=1.0, seed=7, steps=10, guidance=2.0, sampler="euler", model="noise")
        own = {name: fields.pop(name) for name in [*fields] if hasattr(scene, name)}
        job = Job(drawn_id(), replace(scene, **own), Output(), str(target or ""))
        return self.queue.add(replace(job, **fields))

    def ended(self, job: Job) -> Job:
        return self.queue.wait(job.id, PATIENCE_S)

    def wait_for(self, job: Job, stage: str) -> None:
        until_s = time.monotonic() + PATIENCE_S
        while (now := self.queue.get(job.id)) is None or now.stage != stage:
            assert time.monotonic() < until_s, now
            time.sleep(0.005)


@pytest.fixture(scope="module")
def shared_works(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Works]:
    works = Works(tmp_path_factory.mktemp("works"))
    works.worker.start()
    yield works
    works.worker.stop()


@pytest.fixture
def works(shared_works: Works) -> Works:
    make_noise_model()
    shared_works.settings = replace(shared_works.settings, hang_seconds=300.0)
    return shared_works
