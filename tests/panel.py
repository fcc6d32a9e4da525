"""What the tests of the panel share: a window with a studio that renders noise, and a user who answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.settings import load_settings
from engine.studio import Studio
from gui import theme
from gui.asking import Asking
from gui.window import Window
from tests.noise_model import load_noise, make_noise_model


class Answers(Asking):
    """A user who gives these answers in turn, and keeps the questions."""

    def __init__(self, *answers: object) -> None:
        super().__init__()
        self.answers = list(answers)
        self.questions: list[str] = []

    def text(self, title: str, words: str, now: str = "") -> str | None:
        self.questions.append(title)
        return self.answers.pop(0)  # type: ignore[return-value]

    def yes(self, question: str, words: str) -> bool:
        self.questions.append(question)
        return bool(self.answers.pop(0))

    def open_file(self, title: str, kinds: str) -> Path | None:
        self.questions.append(title)
        return self.answers.pop(0)  # type: ignore[return-value]

    def save_file(self, title: str, name: str, kinds: str) -> Path | None:
        self.questions.append(title)
        return self.answers.pop(0)  # type: ignore[return-value]

    def folder(self, title: str, now: Path) -> Path | None:
        self.questions.append(title)
        return self.answers.pop(0)  # type: ignore[return-value]


def noise_studio() -> Studio:
    """A studio, not yet open, whose engine process renders noise."""
    make_noise_model()
    return Studio(load_settings(), load_pipeline=load_noise)


def open_window(qtbot: QtBot, studio: Studio, *answers: object, bridge: object = None) -> Window:
    """The window, shown and looking at the studio. It is closed at the end of the test."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply_theme(application, "dark")
    window = Window(studio, bridge, Answers(*answers))  # type: ignore[arg-type]
    qtbot.addWidget(window, before_close_func=lambda window: setattr(window, "_ask", False))
    window.show()
    qtbot.waitExposed(window)
    window.adapter.start()
    window.open_up()
    qtbot.waitUntil(lambda: bool(window.preset_desk.presets), timeout=20_000)
    return window


def until(qtbot: QtBot, what: Callable[[], bool], seconds: float = 60.0) -> None:
    """Let Qt work until it is so."""
    qtbot.waitUntil(what, timeout=round(1000 * seconds))


def stalls(window: Window, seconds: float) -> float:
    """The longest time in seconds that the event loop did not turn, sampled for so long."""
    longest, last = 0.0, time.perf_counter()
    end = last + seconds
    application = QApplication.instance()
    assert application is not None
    while last < end:
        application.processEvents()
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
        time.sleep(0.001)
    return longest
