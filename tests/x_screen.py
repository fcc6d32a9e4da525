"""A real X server without a screen, a hand that types and drags in it, and eyes.

Run as a program it is one of two things in that server: `drop X Y` a window that tells what is dropped on it,
`look COLOUR FILE LEFT` a picture of the whole screen, and where on it, right of LEFT, that colour is.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
SIZE = (1600, 1000)


def needs_x_server() -> None:
    """Skip the test where there is none to start."""
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            pytest.skip(f"the program {program} is not installed")


@contextlib.contextmanager
def x_screen() -> Iterator[str]:
    """An X server of our own, with a window manager where there is one; the name of its display."""
    read, write = os.pipe()
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp"]
    with subprocess.Popen(words, pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        try:
            with os.fdopen(read) as answer:
                display = f":{answer.readline().strip()}"
            with _window_manager(display):
                yield display
        finally:
            server.terminate()
            server.wait(10)


class Hand:
    """Types and drags in one display."""

    def __init__(self, display: str) -> None:
        self._environment = {**os.environ, "DISPLAY": display}

    def do(self, *words: object) -> str:
        """One command of xdotool; what it prints."""
        result = subprocess.run(
            ["xdotool", *map(str, words)],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return result.stdout.strip()

    def window(self, name: str, patience_seconds: float = 40.0) -> str:
        """The visible window of exactly that name, once it is there and has the keyboard."""
        until = time.monotonic() + patience_seconds
        while time.monotonic() < until:
            with contextlib.suppress(subprocess.CalledProcessError):
                window = self.do("search", "--onlyvisible", "--name", f"^{name}$").split()[0]
                self.do("windowmove", window, 0, 0)
                self.do("windowfocus", "--sync", window)
                return window
            time.sleep(0.2)
        raise AssertionError(f"no window {name}")

    def press(self, key: str) -> None:
        """One key, as in "ctrl+Return"."""
        self.do("key", "--clearmodifiers", key)
        time.sleep(0.3)

    def drag(self, start: tuple[int, int], end: tuple[int, int], steps: int = 20) -> None:
        """From one point of the screen to another, slowly, as a hand does."""
        self.do("mousemove", *start)
        time.sleep(0.3)
        self.do("mousedown", 1)
        time.sleep(0.2)
        for step in range(1, steps + 1):
            place = [a + (b - a) * step // steps for a, b in zip(start, end)]
            self.do("mousemove", *place)
            time.sleep(0.05)
        for wiggle in ((2, 1), (0, 0)):
            self.do("mousemove", end[0] + wiggle[0], end[1] + wiggle[1])
            time.sleep(0.3)
        self.do("mouseup", 1)


def look(display: str, colour: str, picture: Path, right_of: int) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of that colour on the screen right of a place; None without it.

    picture: where a picture of the screen is kept.
    """
    words = [sys.executable, "-m", "tests.x_screen", "look", colour, str(picture), str(right_of)]
    result = subprocess.run(
        words, cwd=HOUSE, env=_in_x(display), capture_output=True, text=True, timeout=60, check=True
    )
    box = json.loads(result.stdout)
    return None if box is None else (box[0], box[1], box[2], box[3])


@contextlib.contextmanager
def drop_target(display: str, left: int, top: int) -> Iterator[subprocess.Popen[str]]:
    """A window of another program at that place, 240 px wide and high; it prints each drop as a line."""
    words = [sys.executable, "-m", "tests.x_screen", "drop", str(left), str(top)]
    with subprocess.Popen(words, cwd=HOUSE, env=_in_x(display), stdout=subprocess.PIPE, text=True) as target:
        try:
            assert target.stdout is not None
            assert target.stdout.readline().strip() == "ready"
            yield target
        finally:
            target.terminate()
            target.wait(10)


def _in_x(display: str) -> dict[str, str]:
    return {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "QT_SCALE_FACTOR": "1"}


@contextlib.contextmanager
def _window_manager(display: str) -> Iterator[None]:
    if shutil.which("openbox") is None:
        yield
        return
    quiet = subprocess.DEVNULL
    environment = {**os.environ, "DISPLAY": display}
    with subprocess.Popen(["openbox"], env=environment, stdout=quiet, stderr=quiet) as manager:
        try:
            yield
        finally:
            manager.terminate()
            manager.wait(10)


def _be_drop_target(left: int, top: int) -> int:
    from PyQt6.QtCore import Qt
    from PyQt6.QtGui import QDragEnterEvent, QDropEvent
    from PyQt6.QtWidgets import QApplication, QLabel

    class Target(QLabel):
        def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
            if event is not None:
                event.acceptProposedAction()

        def dropEvent(self, event: QDropEvent | None) -> None:
            if event is None:
                return
            content = event.mimeData()
            urls = [url.toLocalFile() for url in content.urls()] if content is not None else []
            print(json.dumps({"files": urls, "action": event.dropAction().name}), flush=True)
            event.acceptProposedAction()

    application = QApplication(["drop"])
    target = Target("drop here")
    target.setWindowFlag(Qt.WindowType.FramelessWindowHint)
    target.setAcceptDrops(True)
    target.setGeometry(left, top, 240, 240)
    target.show()
    application.processEvents()
    print("ready", flush=True)
    return application.exec()


def _look(colour: str, picture: str, right_of: int) -> int:
    import numpy as np
    from PyQt6.QtGui import QColor, QGuiApplication, QImage

    application = QGuiApplication(["look"])
    screen = application.primaryScreen()
    assert screen is not None
    image = screen.grabWindow(0).toImage().convertToFormat(QImage.Format.Format_RGB32)
    image.save(picture)
    bits = image.constBits()
    assert bits is not None
    bits.setsize(image.sizeInBytes())
    pixels = np.frombuffer(bits, np.uint32).reshape(image.height(), -1) & 0xFFFFFF
    rows, columns = np.nonzero(pixels[:, right_of:] == QColor(colour).rgb() & 0xFFFFFF)
    columns += right_of
    box = [columns.min(), rows.min(), columns.max(), rows.max()] if len(rows) else None
    print(json.dumps(box, default=int))
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "drop":
        sys.exit(_be_drop_target(int(sys.argv[2]), int(sys.argv[3])))
    sys.exit(_look(sys.argv[2], sys.argv[3], int(sys.argv[4])))
