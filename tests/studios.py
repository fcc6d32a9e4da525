"""Studios of the noise model: a scene for them, and waiting for what they make of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from engine.jobs import Job
from engine.scene import Scene
from engine.studio import Studio
from tests.noise_model import make_noise_model

RAIN = Scene("rain", seconds=1.0, seed=7, model="noise")


@pytest.fixture(autouse=True)
def noise_folder(roomtone_home: Path) -> Path:
    return make_noise_model()


def rendered(studio: Studio, job: Job) -> Job:
    """The job as it ended, which must be well."""
    ended = studio.queue.wait(job.id, 60.0)
    assert ended.state == "done", ended
    return ended


def until(what: object, happens: object) -> None:
    """Waits until that is so; `what` is told when it never comes to be."""
    ends_s = time.monotonic() + 60.0
    while not happens():  # type: ignore[operator]
        assert time.monotonic() < ends_s, what
        time.sleep(0.01)
