"""What goes wrong in the worker's child costs one job, is told in one sentence, and is over with the next."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from engine.jobs import Machine
from engine.logs import log_file
from engine.scene import Output, Scene
from tests.noise_model import make_noise_model
from tests.trouble_model import TroubleRenderer
from tests.works import Works, shared_works, works

__all__ = ["shared_works", "works"]


class Unreadable:
    """A loader that comes to pieces on its way to the child."""

    def __reduce__(self) -> tuple[type[Fraction], tuple[int, int]]:
        return (Fraction, (1, 0))

    def __call__(self, folder: Path, device: str, precision: str) -> TroubleRenderer:
        return TroubleRenderer()


@pytest.mark.parametrize(
    ("prompt", "code", "sentence"),
    [
        ("kill rain", "worker-died", "SIGKILL, perhaps for want of memory"),
        ("leave rain", "worker-died", "with the code 3"),
        ("memory rain", "memory", "not enough memory for 1 s with the model noise"),
        ("cuda rain", "memory", "not enough memory"),
    ],
)
def test_a_fault_that_spoils_the_child_costs_one_job_and_the_next_gets_a_fresh_one(
    prompt: str, code: str, sentence: str, works: Works, tmp_path: Path
) -> None:
    works.ended(works.give("rain"))
    pid = works.worker.pid
    job, following = works.give(prompt, tmp_path / "clip.wav"), works.give("wind")
    failed = works.ended(job)
    assert (failed.state, failed.code) == ("failed", code)
    assert sentence in failed.sentence
    assert failed.sentence.count(". ") == 0
    assert works.ended(following).state == "done"
    assert works.worker.pid != pid
    assert not [*tmp_path.iterdir()]


def test_a_hang_is_ended_after_the_time_that_the_settings_say(works: Works, tmp_path: Path) -> None:
    works.ended(works.give("rain"))
    works.settings = replace(works.settings, hang_seconds=1.0)
    job, following = works.give("hang rain", tmp_path / "clip.wav"), works.give("wind")
    works.wait_for(job, "denoising")
    began_s = time.monotonic()
    failed = works.ended(job)
    assert 0.5 < time.monotonic() - began_s < 5.0
    assert (failed.state, failed.code) == ("failed", "hang")
    assert "said nothing for 1 s" in failed.sentence
    works.settings = replace(works.settings, hang_seconds=300.0)
    assert works.ended(following).state == "done"
    assert not [*tmp_path.iterdir()]


def test_a_long_step_that_asks_whether_it_is_cancelled_is_no_hang(works: Works) -> None:
    works.ended(works.give("rain"))
    works.settings = replace(works.settings, hang_seconds=2.0)
    assert works.ended(works.give("busy rain")).state == "done"


@pytest.mark.parametrize(
    ("prompt", "code", "sentence"),
    [("world ends", "engine", "The clouds are gone."), ("bug in the tent", "bug", "ZeroDivisionError")],
)
def test_other_faults_are_told_in_one_sentence_and_leave_the_child_alone(
    prompt: str, code: str, sentence: str, works: Works
) -> None:
    works.ended(works.give("rain"))
    pid = works.worker.pid
    failed = works.ended(works.give(prompt, origin="panel"))
    assert (failed.state, failed.code) == ("failed", code)
    assert sentence in failed.sentence
    assert works.ended(works.give("wind")).state == "done"
    assert works.worker.pid == pid


def test_a_target_that_has_come_to_be_is_refused(works: Works, tmp_path: Path) -> None:
    (tmp_path / "clip.wav").write_bytes(b"precious")
    failed = works.ended(works.give("rain", tmp_path / "clip.wav"))
    assert (failed.state, failed.code) == ("failed", "usage")
    assert (tmp_path / "clip.wav").read_bytes() == b"precious"


def test_a_model_that_is_gone_when_its_turn_comes_costs_its_job_only(works: Works) -> None:
    job = works.ended(works.give("rain", model="vanished"))
    assert (job.state, job.code) == ("failed", "usage")
    assert "no model 'vanished'" in job.sentence
    assert works.ended(works.give("wind")).state == "done"


def test_an_engine_that_cannot_start_costs_each_job_a_sentence_and_is_not_started_on_and_on(
    tmp_path: Path,
) -> None:
    make_noise_model()
    works = Works(tmp_path, Unreadable())
    works.worker.start()
    for _ in range(2):
        failed = works.ended(works.give("rain"))
        assert (failed.state, failed.code) == ("failed", "worker-died")
    time.sleep(0.2)
    pid = works.worker.pid
    time.sleep(2.5)
    assert works.worker.pid == pid
    works.worker.stop()


def test_a_bug_beside_the_engine_costs_one_job(tmp_path: Path) -> None:
    make_noise_model()
    works = Works(tmp_path)
    works.worker.start()
    failed = works.ended(works.give("rain", machine=None))
    assert (failed.state, failed.code) == ("failed", "bug")
    assert works.ended(works.give("wind")).state == "done"
    works.worker.stop()


def test_the_traceback_of_a_bug_is_in_the_log_with_what_was_asked() -> None:
    from engine.child import _unexpected
    from engine.orders import Order

    scene = Scene("rain on a tin roof", model="noise")
    order = Order(1, scene, Output(), "", "", ("", "", ""), Machine(), origin="the panel")
    fault = _unexpected(ZeroDivisionError("by nothing"), order)
    assert fault.code == "bug"
    assert str(log_file()) in fault.sentence
    assert 'rendering "rain on a tin roof" for the panel' in log_file().read_text()
