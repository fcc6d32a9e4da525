from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from engine.errors import EngineError, QueueFull, UsageError
from engine.jobs import BATCH, MOST_ENDED, MOST_WAITING, Job, Queue
from engine.scene import Output, Scene

RAIN = Job("rain", Scene("rain"), Output())


def queue_of(*ids: str) -> Queue:
    queue = Queue()
    for job_id in ids:
        queue.add(replace(RAIN, id=job_id))
    return queue


def order(queue: Queue) -> list[str]:
    return [job.id for job in queue.jobs()]


def finish(queue: Queue, state: str = "done") -> Job:
    job = queue.next(0.0)
    assert job is not None
    return queue.change(job.id, state=state)


def test_jobs_run_in_the_order_in_which_they_came() -> None:
    queue = queue_of("a", "b", "c")
    assert [finish(queue).id for _ in range(3)] == ["a", "b", "c"]
    assert queue.next(0.0) is None


def test_what_is_asked_for_by_hand_goes_before_a_batch() -> None:
    queue = Queue()
    for job_id, priority in (("b1", BATCH), ("b2", BATCH), ("h1", 0), ("b3", BATCH), ("h2", 0)):
        queue.add(replace(RAIN, id=job_id, priority=priority))
    assert order(queue) == ["h1", "h2", "b1", "b2", "b3"]


def test_since_tells_what_changed_and_the_newest_state_only() -> None:
    queue = queue_of("a", "b")
    revision, jobs = queue.since(0)
    assert [job.id for job in jobs] == ["a", "b"]
    assert queue.since(revision) == (revision, [])
    queue.next(0.0)
    for fraction in (0.1, 0.2):
        queue.change("a", fraction=fraction, stage="denoising")
    newer, jobs = queue.since(revision)
    assert [(job.id, job.fraction) for job in jobs] == [("a", 0.2)]
    assert newer == jobs[0].revision > revision


def test_revisions_grow_over_the_whole_queue_and_the_oldest_change_comes_first() -> None:
    queue = queue_of("a", "b", "c")
    queue.change("b", stage="x")
    _, jobs = queue.since(0)
    assert [job.id for job in jobs] == ["a", "c", "b"]
    revisions = [job.revision for job in jobs]
    assert revisions == sorted(set(revisions))


def test_since_waits_for_a_change_and_no_longer() -> None:
    queue = queue_of("a")
    revision, _ = queue.since(0)
    threading.Timer(0.1, lambda: queue.add(replace(RAIN, id="b"))).start()
    began = time.monotonic()
    _, jobs = queue.since(revision, timeout=5.0)
    assert [job.id for job in jobs] == ["b"]
    assert time.monotonic() - began < 4.0
    revision, _ = queue.since(0)
    assert queue.since(revision, timeout=0.05) == (revision, [])


def test_a_snapshot_does_not_change_when_the_job_does() -> None:
    queue = queue_of("a")
    before = queue.get("a")
    queue.next(0.0)
    assert before is not None
    assert before.state == "waiting"
    assert queue.get("a") != before


def test_the_fraction_never_falls_and_an_ended_job_never_changes() -> None:
    queue = queue_of("a")
    queue.next(0.0)
    queue.change("a", fraction=0.5)
    assert queue.change("a", fraction=0.2).fraction == 0.5
    ended = queue.change("a", state="done", fraction=1.0)
    assert queue.change("a", state="failed", code="bug") == ended


def test_a_known_id_is_not_queued_twice() -> None:
    queue = queue_of("a")
    again = queue.add(replace(RAIN, id="a", scene=Scene("wind")))
    assert again.scene.prompt == "rain"
    finish(queue)
    assert queue.add(replace(RAIN, id="a")).state == "done"
    assert order(queue) == ["a"]


def test_a_full_queue_refuses_in_one_sentence_and_takes_jobs_again_when_one_has_gone() -> None:
    queue = queue_of(*(f"job {number}" for number in range(MOST_WAITING)))
    with pytest.raises(QueueFull, match="1000 clips are waiting"):
        queue.add(replace(RAIN, id="one more"))
    finish(queue)
    assert queue.add(replace(RAIN, id="one more")).state == "waiting"


def test_waiting_jobs_can_be_moved_and_others_cannot() -> None:
    queue = queue_of("a", "b", "c", "d")
    queue.move("d", 0)
    queue.move("a", 2)
    assert order(queue) == ["d", "b", "a", "c"]
    queue.move("d", 99)
    assert order(queue) == ["b", "a", "c", "d"]
    queue.next(0.0)
    with pytest.raises(UsageError, match="not wait any more"):
        queue.move("b", 1)
    with pytest.raises(UsageError, match="no job 'x'"):
        queue.move("x", 0)


def test_a_job_that_was_moved_stays_where_it_is_when_others_come() -> None:
    queue = Queue()
    for job_id, priority in (("h1", 0), ("h2", 0), ("b1", BATCH), ("b2", BATCH)):
        queue.add(replace(RAIN, id=job_id, priority=priority))
    queue.move("b2", 0)
    queue.move("h1", 3)
    queue.add(replace(RAIN, id="h3", priority=0))
    assert order(queue) == ["b2", "h2", "h3", "b1", "h1"]


def test_jobs_are_listed_running_then_waiting_then_ended_newest_first() -> None:
    queue = queue_of("a", "b", "c", "d")
    finish(queue)
    finish(queue, "failed")
    queue.next(0.0)
    assert order(queue) == ["c", "d", "b", "a"]


def test_waiting_for_a_job_ends_with_the_job_or_says_why_not() -> None:
    queue = queue_of("a", "b")
    threading.Timer(0.05, lambda: finish(queue)).start()
    assert queue.wait("a", 5.0).state == "done"
    with pytest.raises(EngineError, match="not ended within"):
        queue.wait("b", 0.01)
    with pytest.raises(UsageError, match="no job"):
        queue.wait("x", 0.01)


def test_ended_jobs_can_be_forgotten_and_the_revision_tells_it() -> None:
    queue = queue_of("a", "b", "c")
    finish(queue)
    finish(queue, "cancelled")
    revision, _ = queue.since(0)
    assert queue.clear() == 2
    assert queue.since(revision)[0] > revision
    assert order(queue) == ["c"]


def test_of_ended_jobs_the_oldest_are_forgotten() -> None:
    queue = Queue()
    for number in range(MOST_ENDED + 5):
        queue.add(replace(RAIN, id=str(number)))
        finish(queue)
    ended = order(queue)
    assert len(ended) == MOST_ENDED
    assert ended[-1] == "5"


def test_jobs_left_over_wait_until_they_are_released() -> None:
    queue = queue_of("new")
    queue.add_left_over([replace(RAIN, id="old", state="running", fraction=0.7)])
    assert finish(queue).id == "new"
    assert queue.next(0.0) is None
    held = queue.get("old")
    assert held is not None
    assert (held.state, held.held, held.fraction) == ("waiting", True, 0.0)
    assert [job.id for job in queue.release()] == ["old"]
    assert finish(queue).id == "old"


def test_many_threads_lose_nothing() -> None:
    queue = Queue()

    def give(name: str) -> None:
        for number in range(50):
            queue.add(replace(RAIN, id=f"{name}{number}"))

    givers = [threading.Thread(target=give, args=(name,)) for name in "abcd"]
    for giver in givers:
        giver.start()
    taken = [job.id for _ in range(200) if (job := queue.next(5.0))]
    for giver in givers:
        giver.join()
    assert len(set(taken)) == len(taken) == 200
    for name in "abcd":
        assert [job for job in taken if job.startswith(name)] == [f"{name}{number}" for number in range(50)]
