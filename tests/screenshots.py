"""Pictures of the panel for docs/pictures: dark and light, at 100 % and 200 %, small, and with nothing in it.

    python -m tests.screenshots docs/pictures

The takes in them are shaped noise and nobody hears them; everything else is the panel as it is. Each picture
is made in a process of its own, because Qt takes its scale only at the start.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PICTURES = {
    "panel-dark": ("dark", "1", (1180, 760), "full"),
    "panel-light": ("light", "1", (1180, 760), "full"),
    "panel-dark-200": ("dark", "2", (1180, 760), "full"),
    "panel-light-200": ("light", "2", (1180, 760), "full"),
    "panel-small": ("dark", "1", (900, 600), "advanced"),
    "panel-empty": ("light", "1", (1180, 760), "empty"),
    "replace": ("light", "2", (900, 600), "replace"),
    "settings": ("dark", "1", (1180, 760), "settings"),
    "bridge": ("light", "1", (1180, 760), "bridge"),
    "first-steps": ("dark", "1", (1180, 760), "first steps"),
}
"""name -> theme, scale, size of the window, what is shown in it."""

PROMPTS = (
    "waves washing over a pebble beach at night",
    "a large waterfall crashing into a pool",
    "wind in the tops of tall pine trees",
    "a crackling campfire at night",
    "distant thunder rolling over a valley, no rain yet",
    "rain on a tin roof, a gutter running over",
    "a subway platform, a train arriving and leaving",
    "frogs calling at a pond at night",
    "the deep hum of a starship bridge, soft electronic beeps",
    "steady rain on a canvas tent, distant thunder",
)
RATE = 44_100


def main() -> int:
    """Make all pictures, each in its own process."""
    folder = Path(sys.argv[1]).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    for name, (theme, scale, _, _) in PICTURES.items():
        with tempfile.TemporaryDirectory() as home:
            environment = os.environ | {
                "ROOMTONE_HOME": home,
                "QT_SCALE_FACTOR": scale,
                "QT_QPA_PLATFORM": "offscreen:size=2400x1600",
            }
            words = [sys.executable, "-m", "tests.screenshots", str(folder), name]
            subprocess.run(words, env=environment, check=True, stderr=subprocess.DEVNULL)
        print(folder / f"{name}.png", theme, f"{100 * float(scale):.0f} %")
    return 0


def make(folder: Path, name: str) -> None:
    """Make one picture in this process."""
    from PyQt6.QtWidgets import QApplication

    from engine.settings import load_settings
    from engine.studio import Studio
    from gui import theme
    from gui.notice import Notice
    from gui.window import Window

    chosen, _, size, shows = PICTURES[name]
    application = QApplication(["roomtone"])
    theme.apply_theme(application, chosen)
    studio = Studio(load_settings())
    if shows not in ("empty", "first steps"):
        _fill(studio)
    window = Window(studio, _Bridge())
    window.resize(*size)
    window.show()
    window.adapter.start()
    window.open_up()
    _work(application, 2.5)
    picture = SHOWN[shows](window)
    _work(application, 2.5)
    wrong = [notice.sentence for notice in window.findChildren(Notice) if notice.property("kind") == "error"]
    if any(wrong):
        raise SystemExit(f"The panel says that something is wrong: {wrong}")
    picture.grab().save(str(folder / f"{name}.png"))
    studio.close()


def _work(application: object, seconds: float) -> None:
    from PyQt6.QtWidgets import QApplication

    assert isinstance(application, QApplication)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        application.processEvents()
        time.sleep(0.005)


def _full(window):  # type: ignore[no-untyped-def]
    window.presets.unfold(["Weather"])
    window.preset_desk.load_now()
    window.presets.choose("weather/rain-on-canvas-tent")
    window.preset_desk.act("use", window.presets.chosen())
    window.library_desk.view.table.go_to(window.library_desk.view.model.id_at(0))
    _queue(window.studio)
    window.adapter.look()
    window.jobs.choose("running")
    window.jobs.show_model("mini")
    window.jobs.notice.clear()
    window.bridge_desk.show_snapshot(_Bridge().snapshot())
    return window


def _advanced(window):  # type: ignore[no-untyped-def]
    from PyQt6.QtWidgets import QApplication

    _full(window)
    while window.library_desk.take.plots is None:  # pyqtgraph takes its time
        _work(QApplication.instance(), 0.1)
    window.form.advanced.morph.show_morph(("wind in the trees", "a thunderstorm"), None)
    window.form.advanced.unfold(True)
    window.form.length.use_bars(True)
    window.library_desk.take.plots.mark((1.8, 3.4))
    return window


def _empty(window):  # type: ignore[no-untyped-def]
    return window


def _replace(window):  # type: ignore[no-untyped-def]
    from gui.change_dialogs import InpaintDialog

    _full(window)
    dialog = InpaintDialog(window.library_desk.view.table.current(), (1.8, 3.4), window)
    dialog.show()
    return dialog


def _settings(window):  # type: ignore[no-untyped-def]
    desk = window.open_settings()
    desk.dialog.library.setText("~/Music/Roomtone")
    return desk.dialog


def _bridge(window):  # type: ignore[no-untyped-def]
    window.bridge_desk.show()
    window.bridge_desk.show_snapshot(_Bridge().snapshot())
    return window.bridge_desk.view


def _first_steps(window):  # type: ignore[no-untyped-def]
    steps = window.welcome()
    steps.folder.setText("~/Music/Roomtone")
    return steps


SHOWN: dict[str, Callable] = {  # type: ignore[type-arg]
    "full": _full,
    "advanced": _advanced,
    "empty": _empty,
    "replace": _replace,
    "settings": _settings,
    "bridge": _bridge,
    "first steps": _first_steps,
}


class _Bridge:
    """A bridge that stands as it does after a render from REAPER."""

    def snapshot(self):  # type: ignore[no-untyped-def]
        from bridge.status import BridgeStatus, Line, Peer

        now = time.time()
        texts = (
            ("in", '/roomtone/1/render "reaper-18" "rain on a tin roof" 16.0 120.0'),
            ("out", '/roomtone/1/accepted "reaper-18"'),
            ("out", '/roomtone/1/progress "reaper-18" 0.43 "denoising" 14.0'),
            ("out", '/roomtone/1/done "reaper-18" "RAINMetl_RainOnTinRoof_RMTN_Roomtone.wav" 16.0 44100'),
        )
        lines = tuple(
            Line(now - 40 + 10 * place, way, "127.0.0.1:52100", text)
            for place, (way, text) in enumerate(texts)
        )
        peers = (Peer("127.0.0.1:52100", 18, now - 10),)
        return BridgeStatus(
            True, "127.0.0.1", 9000, "OSC is heard at 127.0.0.1:9000.", peers=peers, messages=lines, bpm=120.0
        )

    def start(self) -> None:
        """It is on."""

    def stop(self) -> None:
        """It stays on."""

    def tempo(self) -> float | None:
        return 120.0

    def hosts(self) -> list[tuple[str, str]]:
        from bridge.daw.hosts import HOSTS

        return [(name, host.title) for name, host in HOSTS.items()]

    def install(self, host: str) -> str:
        return host

    def receivers(self) -> list[tuple[str, str, bool]]:
        return []


def _fill(studio) -> None:  # type: ignore[no-untyped-def]
    """Some takes with tags and stars."""
    from engine.catalogue import find_model
    from engine.recipe import Recipe
    from engine.scene import Output, Scene
    from engine.takes import write_take

    folder = studio.settings.library_folder
    index = find_model("mini").index
    for number, prompt in enumerate(PROMPTS):
        seconds = (6.0, 8.0, 10.0)[number % 3]
        scene = Scene(
            prompt, seconds=seconds, seed=1_000 + number, steps=index.default_steps, loop=number % 4 == 0
        )
        scene = replace(scene, guidance=index.default_guidance, sampler=index.default_sampler)
        recipe = Recipe(scene, Output(), "mini", version="0.1.0", device="cpu", precision="bfloat16")
        take = write_take([_sound(number, seconds)], RATE, recipe, None, folder)
        clip = studio.library.add(take).id
        studio.library.tag(clip, add=prompt.split()[-1:])
        studio.library.star(clip, number in (5, 9))


def _sound(number: int, seconds: float) -> NDArray[np.float32]:
    """Noise with a colour and a shape, (samples, 2)."""
    random = np.random.default_rng(number)
    samples = round(seconds * RATE)
    spectrum = np.fft.rfft(random.standard_normal((samples, 2)), axis=0)
    hertz = np.fft.rfftfreq(samples, 1 / RATE)[:, None] + 20.0
    tilt = np.fft.irfft(spectrum * (hertz / 1_000.0) ** -(0.3 + 0.12 * number), samples, axis=0)
    time_s = np.arange(samples)[:, None] / RATE
    swell = 0.55 + 0.45 * np.sin(2 * np.pi * (time_s / seconds * (1 + number % 4) + number))
    bursts = np.exp(-((time_s - seconds * random.random(6)[None, :]) ** 2) * 12).sum(axis=1, keepdims=True)
    sound = tilt / np.abs(tilt).max() * (swell * 0.5 + (number % 3) * 0.3 * bursts)
    return (0.4 * sound).astype(np.float32)


def _queue(studio) -> None:  # type: ignore[no-untyped-def]
    """A queue in the middle of its work."""
    from engine.jobs import Job
    from engine.scene import Scene

    queue, output = studio.queue, studio.settings.output

    def add(job_id: str, prompt: str, seconds: float) -> None:
        queue.add(Job(job_id, studio.resolve(Scene(prompt, seconds=seconds)), output))

    add("done", PROMPTS[-1], 30.0)
    queue.next(0.1)
    queue.change("done", state="done", seconds=30.0, fraction=1.0, clip="0")
    add("failed", "a thunderstorm over open fields, heavy rain and rolling thunder", 40.0)
    queue.next(0.1)
    queue.change("failed", state="failed", sentence="The engine ended unexpectedly, as when memory runs out.")
    add("running", "rain on a tin roof, a gutter running over", 30.0)
    queue.next(0.1)
    queue.change("running", stage="denoising", fraction=0.43, seconds_left=14.0)
    add("next", "a busy cafe, many people talking, clinking cups", 30.0)
    add("last", "crickets on a warm summer night", 20.0)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        make(Path(sys.argv[1]), sys.argv[2])
        # Threads of Qt's and ours need not be waited for.
        os._exit(0)
    sys.exit(main())
