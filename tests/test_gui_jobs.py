"""The queue as one sees it: honest words, the right buttons, and what they ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from engine.jobs import Job
from engine.scene import Output, Scene
from gui import job_words
from gui.job_list import JobList

JOB = Job("a", Scene("rain on a tent", seconds=30.0), Output())
RUNNING = replace(JOB, id="r", state="running", stage="denoising", fraction=0.43, seconds_left=14.2)
DONE = replace(JOB, id="d", state="done", seconds=30.02, clip="0123456789ab", fraction=1.0)
FAILED = replace(JOB, id="f", state="failed", sentence="The engine's process died.")


@pytest.fixture
def jobs(qtbot: QtBot) -> JobList:
    made = JobList()
    qtbot.addWidget(made)
    made.resize(460, 400)
    made.show()
    made.show_jobs([RUNNING, JOB, DONE, FAILED])
    return made


@pytest.mark.parametrize(
    ("job", "state", "figures"),
    [
        (RUNNING, "Denoising", "14 s left  43 %"),
        (replace(RUNNING, seconds_left=None), "Denoising", "43 %"),
        (
            replace(RUNNING, stage="loading the model"),
            "Loading the model (once; it stays in memory)",
            "14 s left  43 %",
        ),
        (JOB, "Waiting", "30 s"),
        (replace(JOB, held=True), "Left over from last time", "30 s"),
        (DONE, "Done", "30.0 s"),
        (FAILED, "The engine's process died.", ""),
        (replace(JOB, state="cancelled"), "Cancelled", ""),
    ],
)
def test_a_job_is_told_in_plain_words(job: Job, state: str, figures: str) -> None:
    assert (job_words.state(job), job_words.figures(job)) == (state, figures)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (0.2, "0 s left"), (59.4, "59 s left"), (125.0, "2:05 left"), (3_725.0, "1:02:05 left")],
)
def test_a_time_to_wait_reads_as_one_says_it(seconds: float | None, words: str) -> None:
    assert job_words.time_left(seconds) == words


def test_what_is_still_to_do_is_counted(jobs: JobList) -> None:
    assert jobs._summary.text() == "1 rendering, 1 waiting, 2 ended"


@pytest.mark.parametrize(
    ("job", "possible"),
    [(RUNNING, {"cancel"}), (JOB, {"cancel", "up", "down"}), (DONE, {"retry"}), (FAILED, {"retry"})],
)
def test_only_what_is_possible_can_be_pressed(jobs: JobList, job: Job, possible: set[str]) -> None:
    jobs.choose(job.id)
    assert {name for name, made in jobs._buttons.items() if made.isEnabled()} == possible


def test_buttons_and_keys_ask_for_the_chosen_job(jobs: JobList, qtbot: QtBot) -> None:
    jobs.choose("a")
    with qtbot.waitSignal(jobs.wanted) as asked:
        qtbot.mouseClick(jobs._buttons["down"], Qt.MouseButton.LeftButton)
    assert asked.args == ["down", "a"]
    jobs.activateWindow()
    jobs.view.setFocus()
    with qtbot.waitSignal(jobs.wanted) as asked:
        qtbot.keyClick(jobs.view, Qt.Key.Key_Delete)
    assert asked.args == ["cancel", "a"]


def test_enter_on_a_finished_job_opens_its_take(jobs: JobList, qtbot: QtBot) -> None:
    jobs.choose("d")
    with qtbot.waitSignal(jobs.opened) as opened:
        qtbot.keyClick(jobs.view, Qt.Key.Key_Return)
    assert opened.args == ["0123456789ab"]


def test_the_chosen_job_stays_chosen_when_the_order_changes(jobs: JobList) -> None:
    jobs.choose("a")
    jobs.show_jobs([JOB, replace(RUNNING, state="done"), DONE])
    chosen = jobs.chosen()
    assert chosen is not None
    assert chosen.id == "a"


def test_progress_repaints_its_row_alone(jobs: JobList, qtbot: QtBot) -> None:
    with qtbot.waitSignal(jobs.rows.dataChanged) as changed:
        jobs.show_jobs([replace(RUNNING, fraction=0.5), JOB, DONE, FAILED])
    assert (changed.args[0].row(), changed.args[1].row()) == (0, 0)


def test_an_empty_queue_says_what_to_do(jobs: JobList) -> None:
    jobs.show_jobs([])
    assert jobs.view.empty.isVisible()
    assert "Ctrl+Enter" in jobs.view.empty.text()
    assert not jobs._clear.isEnabled()


def test_the_model_can_be_unloaded_while_it_is_loaded(jobs: JobList, qtbot: QtBot) -> None:
    assert not jobs._unload.isVisible()
    jobs.show_model("mini")
    with qtbot.waitSignal(jobs.unload_asked):
        qtbot.mouseClick(jobs._unload, Qt.MouseButton.LeftButton)


def test_a_running_row_shows_a_bar(jobs: JobList) -> None:
    """The bar is painted as long as the fraction says."""
    from gui import theme

    image = QImage(jobs.view.size(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    jobs.view.render(painter)
    painter.end()
    rect = jobs.view.visualRect(jobs.rows.index(0))
    accent = theme.current().accent
    counts = [
        sum(image.pixelColor(x, y).name() == accent for x in range(rect.left(), rect.right()))
        for y in range(rect.bottom() - 8, rect.bottom() + 1)
    ]
    assert max(counts) == pytest.approx(0.43 * (rect.width() - 16), abs=6)
