"""The panel as the user has it: a program on a screen, a keyboard, a mouse, a sound card, another program.

All of them are real, only nobody sees or hears them: an X server without a screen and a JACK server without a
card. The model is noise, so that the test is about the panel.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import psutil
import pytest
import soundfile

from engine.recipe import read_recipe
from engine.scene import Output, Scene
from engine.settings import folders
from gui.state import PanelState, save_state
from gui.theme import DARK
from tests.noise_model import make_noise_model
from tests.sound_card import CARD, Recorder, needs_sound_card, place_of, sound_card
from tests.x_screen import HOUSE, Hand, drop_target, look, needs_x_server, x_screen

RATE = 44_100
SECONDS = 3.0
LIBRARY_LEFT = 740
T = TypeVar("T")
PROMPT = "steady rain on a canvas tent"


@pytest.mark.slow
def test_a_typed_scene_is_rendered_heard_and_dragged_away(tmp_path: Path) -> None:
    needs_x_server()
    needs_sound_card()
    _set_up()
    with (
        # A long period: here whole programs compete for the processor, and no block may be missed.
        sound_card(f"panel-{os.getpid()}", rate=RATE, period_frames=4_096),
        x_screen() as display,
        _panel(display) as panel,
    ):
        hand = Hand(display)
        hand.window("Roomtone")
        path = _render(hand, panel)
        _hear(hand, path)
        _drag_away(hand, display, path, tmp_path)
        hand.press("ctrl+q")
        children = psutil.Process(panel.pid).children(recursive=True)
        assert panel.wait(20) == 0
        _, alive = psutil.wait_procs(children, timeout=10)
        assert alive == []


def _set_up() -> None:
    """As after the first start: a model, a length of three seconds, and the virtual card."""
    make_noise_model()
    save_state(
        PanelState(
            theme="dark",
            scene=Scene("", seconds=SECONDS, model="noise"),
            output=Output(rate=RATE),
            welcomed=True,
            others={"player": {"device": CARD}},
        )
    )


@contextlib.contextmanager
def _panel(display: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    words = [sys.executable, "-m", "tests.noise_panel"]
    with subprocess.Popen(words, cwd=HOUSE, env=environment) as panel:
        try:
            yield panel
        finally:
            if panel.poll() is None:
                for process in psutil.Process(panel.pid).children(recursive=True):
                    process.terminate()
                panel.terminate()
                panel.wait(10)


def _render(hand: Hand, panel: subprocess.Popen[bytes]) -> Path:
    """Type the scene, press Ctrl+Enter, and wait for the file."""
    time.sleep(1.0)
    hand.do("type", "--delay", 15, PROMPT)
    hand.press("ctrl+Return")
    path = _until(lambda: next(folders().library.rglob("*.wav"), None), panel)
    recipe = read_recipe(path)
    assert recipe.scene.prompt == PROMPT
    assert soundfile.info(str(path)).frames == round(SECONDS * RATE)
    return path


def _hear(hand: Hand, path: Path) -> None:
    """Go to the list, press space, and compare what the card was sent with the file."""
    clip, _ = soundfile.read(str(path), dtype="float32", always_2d=True)
    time.sleep(1.0)
    hand.press("ctrl+l")
    hand.press("Return")
    with Recorder() as recorder:
        exact = False
        for _ in range(6):  # at first the recorder must find the panel; then the machine may be busy
            recorder.forget()
            moment = time.perf_counter()
            hand.do("key", "space")
            pressed = time.perf_counter()
            time.sleep(SECONDS + 1.0)
            heard = recorder.heard_since(moment)
            if heard is None:
                continue
            sound = recorder.sound()
            place = place_of(clip, sound)
            exact = np.array_equal(sound[place : place + len(clip)], clip)
            words = f"typing it took {1_000 * (pressed - moment):.0f}"
            print(f"key to sound {1_000 * (heard - moment):.0f} ms ({words}), exact: {exact}")
            if exact:
                break
    assert exact


def _drag_away(hand: Hand, display: str, path: Path, folder: Path) -> None:
    """Drag the chosen row with the mouse into the window of another program."""
    before = path.read_bytes()
    box = _until(lambda: look(display, DARK.chosen, folder / "screen.png", right_of=LIBRARY_LEFT))
    row = (box[0] + (box[2] - box[0]) // 2, box[1] + 12)
    with drop_target(display, 1_300, 300) as target:
        hand.drag(row, (1_420, 420))
        assert target.stdout is not None
        assert select.select([target.stdout], [], [], 10)[0], "nothing was dropped"
        dropped = json.loads(target.stdout.readline())
    assert dropped == {"files": [str(path)], "action": "CopyAction"}
    assert path.read_bytes() == before


def _until(ask: Callable[[], T | None], panel: subprocess.Popen[bytes] | None = None) -> T:
    """What it answers, once it answers."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert panel is None or panel.poll() is None, "the panel has ended"
        answer = ask()
        if answer is not None:
            return answer
        time.sleep(0.25)
    raise AssertionError("it did not happen in a minute")
