"""What a studio finds as it opens: jobs not done, takes not told of, half a file, no room, another studio."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.jobs import BATCH
from engine.recovery import clip_of
from engine.settings import Settings
from engine.studio import Studio
from tests.noise_model import load_noise
from tests.studios import RAIN, noise_folder, rendered, until
from tests.trouble_model import load_trouble

__all__ = ["noise_folder"]


def test_jobs_not_done_are_offered_again_and_run_only_when_asked() -> None:
    with Studio(load_pipeline=load_trouble) as first:
        slow = first.submit(replace(RAIN, prompt="slow rain", steps=200), job_id="slow")
        later = first.submit(RAIN, job_id="later", origin="test", priority=BATCH)
        until("the first job runs", lambda: first.queue.get("slow").stage == "denoising")
    with Studio(load_pipeline=load_noise) as second:
        assert [job.id for job in second.left_over()] == ["slow", "later"]
        new = rendered(second, second.submit(RAIN))
        assert [job.state for job in second.left_over()] == ["waiting", "waiting"]
        assert [job.id for job in second.resume_jobs()] == ["slow", "later"]
        assert second.left_over() == []
        for job in (slow, later):
            ended = rendered(second, job)
            assert (ended.scene, ended.origin, ended.priority) == (job.scene, job.origin, job.priority)
        assert len({new.path, *(second.queue.get(name).path for name in ("slow", "later"))}) == 3
    with Studio(load_pipeline=load_noise) as third:
        assert third.left_over() == []
        assert third.submit(RAIN, job_id="slow").state == "done"


def test_a_studio_that_keeps_to_itself_starts_and_shows_no_older_job() -> None:
    with Studio(load_pipeline=load_noise) as first:
        first._store.keep(first.job(RAIN, job_id="old"))
    with contextlib.closing(Studio(load_pipeline=load_noise).open(shared=False)) as own:
        rendered(own, own.submit(RAIN))
        assert own.queue.get("old") is None
    with Studio(load_pipeline=load_noise) as third:
        assert [job.id for job in third.queue.jobs()] == ["old"]


def test_a_take_that_was_finished_as_the_program_was_killed_is_not_made_twice(tmp_path: Path) -> None:
    for target in (None, tmp_path / "rain.wav"):
        with Studio(load_pipeline=load_noise) as first:
            done = rendered(first, first.submit(RAIN, target=target))
            # As it stands on the disk when the program is killed before it hears of the take.
            first._store.keep(replace(done, state="running", path="", clip="", fraction=0.9))
        assert done.clip == clip_of(done)
        with Studio(load_pipeline=load_noise) as second:
            assert second.left_over() == []
            again = second.queue.get(done.id)
            assert (again.state, again.path, again.clip) == ("done", done.path, done.clip)
            second.queue.clear()


def test_what_was_half_written_is_swept_away_when_the_studio_opens() -> None:
    day = Settings().library_folder / time.strftime("%Y-%m-%d")
    day.mkdir(parents=True)
    (day / ".roomtone-0123.part").write_bytes(b"half")
    (day / "notes.part").write_bytes(b"mine")
    with Studio(load_pipeline=load_noise):
        assert [path.name for path in day.iterdir()] == ["notes.part"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_state_folder_that_cannot_be_written_to_is_told_and_clips_are_rendered_all_the_same(
    roomtone_home: Path,
) -> None:
    (roomtone_home / "state").mkdir()
    (roomtone_home / "state").chmod(0o500)
    with Studio(load_pipeline=load_noise) as studio:
        assert "cannot be" in studio.notices[0]
        rendered(studio, studio.submit(RAIN))


def test_only_the_first_studio_is_shared_and_the_second_says_so() -> None:
    with Studio(load_pipeline=load_noise) as first, Studio(load_pipeline=load_noise) as second:
        assert first.notices == []
        assert "running already" in second.notices[0]
        rendered(second, second.submit(RAIN))


def test_a_studio_that_was_never_opened_can_be_closed() -> None:
    Studio().close()


def test_what_is_asked_of_a_closed_studio_opens_nothing_anew() -> None:
    with Studio(load_pipeline=load_noise) as studio:
        library = studio.library
        assert "library-watch" in {thread.name for thread in threading.enumerate()}
    assert studio.library is library
    with pytest.raises(EngineError):
        studio.library.count()
    assert "library-watch" not in {thread.name for thread in threading.enumerate()}
