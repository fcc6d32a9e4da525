"""The window as a whole: what is typed is rendered, what fails is told, nothing is forgotten."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.jobs import Job
from engine.logs import log_file
from engine.presets import save_preset
from engine.scene import Scene
from engine.studio import Studio
from gui.state import load_state, state_file
from gui.window import SMALLEST, Window
from tests.panel import noise_studio, open_window, stalls, until

RAIN = Scene("rain on a tin roof", seconds=1.0, model="noise")


def ended(studio: Studio) -> list[Job]:
    return [job for job in studio.queue.jobs() if job.ended]


def render(qtbot: QtBot, window: Window, scene: Scene = RAIN) -> Job:
    """Render a scene as a user does, and wait for its end."""
    window.form.set_scene(scene)
    qtbot.keyClick(window.form.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    job = window.jobs.chosen()
    assert job is not None
    until(qtbot, lambda: any(other.id == job.id for other in ended(window.studio)))
    window.adapter.look()
    found = window.studio.queue.get(job.id)
    assert found is not None
    return found


def test_ctrl_enter_renders_what_is_typed_into_the_library(qtbot: QtBot) -> None:
    with noise_studio() as studio:
        window = open_window(qtbot, studio)
        window.form.set_scene(replace(RAIN, prompt=""))
        qtbot.keyClicks(window.form.prompt, "wind in the reeds")
        qtbot.keyClick(window.form.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        until(qtbot, lambda: [job.state for job in window.jobs.rows.jobs()] == ["done"])
        [job] = ended(studio)
        assert (job.scene.prompt, job.origin) == ("wind in the reeds", "panel")
        assert Path(job.path).is_file()
        assert window.form.prompt.prompt() == "wind in the reeds"
        assert window.form.seed.number.whole() == job.scene.seed
        assert window.form.prompt.history() == ["wind in the reeds"]
        assert window.jobs.rows.jobs()[0].clip == job.clip


def test_variations_are_queued_with_seeds_one_after_the_other(qtbot: QtBot) -> None:
    studio = noise_studio()
    window = open_window(qtbot, studio)
    window.form.set_scene(replace(RAIN, seed=5))
    window.form.variations.setValue(3)
    window.form.ask()
    assert [job.scene.seed for job in studio.queue.jobs()] == [5, 6, 7]


def test_a_wrong_request_is_told_in_the_form_and_nothing_is_queued(qtbot: QtBot) -> None:
    studio = noise_studio()
    window = open_window(qtbot, studio)
    window.form.set_scene(replace(RAIN, prompt=" "))
    window.form.ask()
    assert "The prompt is empty" in window.form.notice.sentence
    assert window.form.prompt.property("wrong")
    assert studio.queue.jobs() == []


def test_jobs_are_moved_cancelled_and_retried(qtbot: QtBot) -> None:
    studio = noise_studio()
    window = open_window(qtbot, studio)
    window.form.set_scene(replace(RAIN, seed=5))
    window.form.variations.setValue(3)
    window.form.ask()
    ids = [job.id for job in studio.queue.jobs()]
    window.jobs.choose(ids[2])
    window.jobs._act("up")
    assert [job.id for job in studio.queue.jobs()] == [ids[0], ids[2], ids[1]]
    window.jobs._act("cancel")
    window.adapter.look()
    window.jobs.choose(ids[2])
    window.jobs._act("retry")
    waiting = [job.scene.seed for job in studio.queue.jobs() if job.state == "waiting"]
    assert waiting == [5, 6, 7]


def test_a_crash_of_the_engine_costs_one_job_and_the_panel_lives(qtbot: QtBot) -> None:
    with noise_studio() as studio:
        window = open_window(qtbot, studio)
        assert render(qtbot, window).state == "done"
        window.form.set_scene(replace(RAIN, seconds=600.0))
        window.form.ask()
        until(qtbot, lambda: any(job.fraction > 0 for job in studio.queue.jobs() if job.state == "running"))
        # The tracker of multiprocessing is a child as well; only the engine's process is to be hit.
        for child in psutil.Process().children(recursive=True):
            if "spawn_main" in " ".join(child.cmdline()):
                os.kill(child.pid, signal.SIGKILL)
        until(qtbot, lambda: any(job.state == "failed" for job in studio.queue.jobs()))
        until(qtbot, lambda: bool(window.jobs.notice.sentence))
        assert "died" in window.jobs.notice.sentence or "ended" in window.jobs.notice.sentence
        assert render(qtbot, window).state == "done"


@pytest.mark.parametrize("agrees", [False, True])
def test_closing_while_rendering_asks_once_and_then_cancels(qtbot: QtBot, agrees: bool) -> None:
    with noise_studio() as studio:
        window = open_window(qtbot, studio, agrees)
        window.form.set_scene(replace(RAIN, seconds=600.0))
        window.form.ask()
        until(qtbot, lambda: any(job.state == "running" and job.fraction > 0 for job in studio.queue.jobs()))
        assert window.close() is agrees
        [question] = window.asking.questions  # type: ignore[attr-defined]
        assert "Close and cancel" in question
        if agrees:
            until(qtbot, lambda: [job.state for job in studio.queue.jobs()] == ["cancelled"])
    left = [path for path in studio.settings.library_folder.rglob("*") if path.is_file()]
    assert left == []


def test_closing_an_idle_panel_asks_nothing(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio())
    assert window.close()
    assert window.asking.questions == []  # type: ignore[attr-defined]


def test_everything_is_as_it_was_when_the_panel_is_opened_again(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio())
    scene = replace(RAIN, bars=4.0, bpm=90.0, seconds=4 * 4 * 60 / 90, seed=7, loop=True, steps=9)
    window.form.set_scene(scene, "My scene")
    window.form.advanced.unfold(True)
    window.form.advanced.format.choose("flac")
    window.form.variations.setValue(4)
    window.form.prompt.remember("an old prompt")
    window.presets.shown.choose("factory")
    window.presets.unfold(["Fire"])
    window.preset_desk.load_now()
    window.resize(SMALLEST[0], 700)  # the screen of the tests is no larger
    window._splitters["columns"].setSizes([240, 300, 288])
    sizes = window._splitters["columns"].sizes()
    window.use_theme("light")
    window.close()
    again = open_window(qtbot, noise_studio())
    assert again.form.scene() == scene
    assert again.form.title == "My scene"
    assert again.form.advanced.unfolded
    assert again.form.advanced.output().format == "flac"
    assert again.form.variations.whole() == 4
    assert again.form.prompt.history() == ["an old prompt"]
    assert again.presets.shown.value() == "factory"
    assert again.presets.unfolded() == {"Fire"}
    assert (again.width(), again.height()) == (SMALLEST[0], 700)
    assert again._splitters["columns"].sizes() == sizes
    assert again.state.theme == "light"


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"scene": 7, "variations": 3, "strange": 1, "theme": ["x"]}']
)
def test_a_damaged_memory_costs_the_memory_and_not_the_start(qtbot: QtBot, content: str) -> None:
    state_file().parent.mkdir(parents=True, exist_ok=True)
    state_file().write_text(content)
    assert load_state().scene == Scene("")
    assert open_window(qtbot, noise_studio()).isVisible()


def test_a_preset_changed_on_disk_is_noticed(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio())
    save_preset("from outside", Scene("rain"))
    until(qtbot, lambda: "from outside" in [preset.key for preset in window.presets.listed()], 10)


def test_jobs_of_the_last_run_are_offered_again(qtbot: QtBot) -> None:
    with noise_studio() as studio:
        studio.queue.add_left_over([Job("old", studio.resolve(RAIN), studio.settings.output)])
        window = open_window(qtbot, studio)
        assert "left over" in window.jobs.notice.sentence
        qtbot.mouseClick(window.jobs.notice._act, Qt.MouseButton.LeftButton)
        until(qtbot, lambda: [job.state for job in ended(studio)] == ["done"])


def test_the_loop_never_stands_still_for_long_while_it_renders(
    qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    with noise_studio() as studio:
        window = open_window(qtbot, studio)
        render(qtbot, window)
        window.form.set_scene(replace(RAIN, seconds=120.0))
        longest = []
        for _ in range(3):
            window.form.ask()
            longest.append(stalls(window, 2.0))
        with capsys.disabled():
            print(f"\nlongest stall of the panel's event loop during a render: {1000 * min(longest):.0f} ms")
        assert min(longest) < 0.05


def test_the_log_is_one_press_away(qtbot: QtBot) -> None:
    window = open_window(qtbot, noise_studio())
    assert not log_file().exists()
    window.open_log()
    assert "log is empty" in window.notice.sentence
    window.tell_of_a_bug("Something unexpected went wrong (x).")
    assert window.notice._act.text() == "Open log"
