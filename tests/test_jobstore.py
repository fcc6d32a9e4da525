from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.jobs import BATCH, Job, Machine, Queue
from engine.jobstore import QUEUE_FILE, JobStore
from engine.scene import Output, Scene

JOB = Job(
    "a", Scene("rain", seed=7, steps=3), Output("flac"), "/x/y.flac", "test", 3, machine=Machine("cpu", "", 2)
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[JobStore]:
    store = JobStore(tmp_path).open()
    yield store
    store.close()


def adopted(folder: Path) -> list[Job]:
    store = JobStore(folder).open()
    try:
        return store.adopt()
    finally:
        store.close()


def test_a_job_comes_back_as_it_was(store: JobStore, tmp_path: Path) -> None:
    store.keep(JOB)
    store.close()
    assert adopted(tmp_path) == [JOB]


def test_the_jobs_of_a_living_program_are_not_adopted(store: JobStore, tmp_path: Path) -> None:
    store.keep(JOB)
    assert adopted(tmp_path) == []
    assert [one.alive for one in store.remembered()] == [True]


def test_the_jobs_of_a_program_that_was_killed_are_adopted_once(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from tests.test_jobstore import JOB, JobStore;"
        "JobStore(Path(sys.argv[1])).open().keep(JOB); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=Path(__file__).parents[1])
    assert ended.returncode == -9
    first, second = JobStore(tmp_path).open(), JobStore(tmp_path).open()
    assert first.adopt() == [JOB]
    assert second.adopt() == []
    first.close()
    second.close()


def test_a_queue_comes_back_in_its_order(store: JobStore, tmp_path: Path) -> None:
    queue = Queue(store)
    for number, priority in enumerate((0, BATCH, 0, BATCH)):
        queue.add(replace(JOB, id=f"job {number}", priority=priority))
    queue.move("job 3", 1)
    queue.next(0.0)
    queue.add(replace(JOB, id="last"))
    order = [job.id for job in queue.jobs()]
    assert order == ["job 0", "job 3", "job 2", "last", "job 1"]
    store.close()
    again = Queue()
    again.add_left_over(adopted(tmp_path))
    assert [job.id for job in again.jobs()] == order


def test_ended_jobs_are_remembered_so_that_none_is_rendered_twice(store: JobStore, tmp_path: Path) -> None:
    queue = Queue(store)
    queue.add(JOB)
    queue.next(0.0)
    queue.change("a", state="done", path="/x/y.flac")
    store.close()
    again = Queue()
    again.add_left_over(adopted(tmp_path))
    assert again.add(JOB).path == "/x/y.flac"


def test_what_the_queue_forgets_is_forgotten_on_the_disk(store: JobStore, tmp_path: Path) -> None:
    queue = Queue(store)
    queue.add(JOB)
    queue.change("a", state="cancelled")
    queue.clear()
    store.close()
    assert adopted(tmp_path) == []


def test_progress_is_not_written_to_the_disk(store: JobStore) -> None:
    queue = Queue(store)
    queue.add(JOB)
    queue.next(0.0)
    before = store.remembered()
    queue.change("a", fraction=0.5, stage="denoising", seconds_left=2.0)
    assert store.remembered() == before


def test_a_program_that_keeps_to_itself_leaves_what_has_not_ended(store: JobStore, tmp_path: Path) -> None:
    for job_id, state in (("a", "done"), ("b", "waiting"), ("c", "failed"), ("d", "running")):
        store.keep(replace(JOB, id=job_id, state=state))
    store.close(keep_ended=False)
    assert [job.id for job in adopted(tmp_path)] == ["d", "b"]


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / QUEUE_FILE).write_bytes(b"no database" * 1000)
    store = JobStore(tmp_path).open()
    store.keep(JOB)
    store.close()
    assert adopted(tmp_path) == [JOB]
    assert [*tmp_path.glob("*.damaged")]


def test_a_job_of_a_newer_roomtone_is_left_alone(store: JobStore, tmp_path: Path) -> None:
    store.keep(JOB)
    with sqlite3.connect(tmp_path / QUEUE_FILE) as connection:
        connection.execute("INSERT INTO jobs VALUES ('b', '', 9, 'waiting', '{\"warp\": 1}')")
    connection.close()
    store.close()
    assert adopted(tmp_path) == [JOB]
