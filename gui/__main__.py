"""`roomtone panel`: opens the window. The one file that may put the panel and the bridge into one process.

What is slow, the engine's process among it, waits until the window is on the screen. Errors of ours become a
sentence in the window and a traceback in the log.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from engine.commands.parser import Parser
from engine.commands.programs import has_screen
from engine.commands.session import Session, open_studio
from engine.errors import EngineError, UsageError

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

    from bridge.server import Bridge
    from bridge.status import BridgeStatus
    from engine.studio import Studio
    from gui.bridge_port import BridgePort
    from gui.window import Window

TELL_FIRST_PAINT = "ROOMTONE_TELL_FIRST_PAINT"
"""Set to the moment of the command (seconds since 1970): the first paint is told on stdout, for measuring."""

HEAVY = ("torch", "numpy", "pyqtgraph", "scipy", "soundfile", "pythonosc")
"""What the first paint never waits for."""


def main(argv: Sequence[str] | None = None) -> int:
    """Open the panel with the user's settings and return its exit code."""
    return run(sys.argv[1:] if argv is None else list(argv), Session(open_studio, lambda: False))


def run(words: Sequence[str], session: Session) -> int:
    """The words after `roomtone panel`; returns the exit code when the window is closed.

    Raises UsageError for wrong words, EngineError when there is no screen.
    """
    arguments = _parser().parse_args(words)
    if not has_screen():
        raise EngineError("There is no screen here for a window: see roomtone --help for what works without.")
    from gui.state import load_state

    os.environ.setdefault("QT_SCALE_FACTOR", f"{load_state().scale:g}")
    from PyQt6.QtCore import Qt
    from PyQt6.QtWidgets import QApplication

    from gui import theme
    from gui.collecting import Collector
    from gui.window import Window

    application = QApplication.instance() or QApplication(["roomtone"])
    assert isinstance(application, QApplication)
    application.setApplicationName("Roomtone")
    theme.apply_theme(application, load_state().theme)
    studio = session.open_studio("", "", 0)
    bridge = None if arguments.no_osc else OscBridge(studio)
    window = Window(studio, bridge)
    collector = Collector(window)
    _catch_bugs(window)
    # Queued: told in the paint event, heard when all of the window is painted.
    start = partial(_after_first_paint, window, studio, bridge)
    window.first_painted.connect(start, Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]
    window.first_painted.connect(collector.start, Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]
    _follow_the_system(application, window)
    window.show()
    try:
        return int(application.exec())
    finally:
        collector.stop()
        if bridge is not None:
            bridge.stop()
        studio.close()


def _after_first_paint(window: Window, studio: Studio, bridge: BridgePort | None) -> None:
    """Start what the first sight did not need."""
    if began := os.environ.get(TELL_FIRST_PAINT):
        seconds, computed = time.time() - float(began), time.process_time()
        loaded = [name for name in HEAVY if name in sys.modules]
        words = f"{computed:.3f} s of them computing, loaded: {', '.join(loaded) or 'nothing heavy'}"
        print(f"first paint after {seconds:.3f} s, {words}", flush=True)
    # First of all the timer: without it Python would never get to run the handler of a Ctrl-C.
    window.adapter.start()
    try:
        studio.open()
    except EngineError as error:
        window.notice.fail(str(error))
    if studio.notices:
        window.notice.tell(" ".join(studio.notices))
    if bridge is not None and studio.settings.bridge.on:
        try:
            bridge.start()
        except EngineError as error:
            window.notice.fail(str(error))
    window.open_up()
    if not window.state.welcomed:
        window.welcome()


class OscBridge:
    """The bridge in the shape that the panel knows (gui/bridge_port.py); it is imported when first needed."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._bridge: Bridge | None = None

    def snapshot(self) -> BridgeStatus:
        """How it stands."""
        return self._there().status()

    def start(self) -> None:
        """Listen, as the settings say."""
        self._there().start()

    def stop(self) -> None:
        """Listen no more."""
        if self._bridge is not None:
            self._bridge.stop()

    def tempo(self) -> float | None:
        """The tempo that a DAW reported last."""
        return self._there().status().bpm or None

    def hosts(self) -> list[tuple[str, str]]:
        """The hosts that there are scripts for."""
        from bridge.daw.hosts import HOSTS

        return [(name, host.title) for name, host in HOSTS.items()]

    def install(self, name: str) -> str:
        """Install the scripts of a host, as `roomtone daw install` does."""
        from bridge.daw.hosts import find_host
        from bridge.daw.install import install, make_mailbox, plan

        host = find_host(name)
        make_mailbox(host)
        lines = install(plan(host))
        return "\n".join([*lines, host.next])

    def receivers(self) -> list[tuple[str, str, bool]]:
        """The hosts that clips can be sent to, and whether their scripts are installed."""
        from bridge.daw.hosts import HOSTS
        from bridge.daw.letters import able_hosts, hosts_with_inbox

        installed = hosts_with_inbox()
        return [(name, HOSTS[name].title, name in installed) for name in able_hosts()]

    def send(self, host: str, clips: Sequence[Path]) -> None:
        """Put a letter with these clips into the host's inbox."""
        from bridge.daw.letters import send

        send(host, clips)

    def _there(self) -> Bridge:
        if self._bridge is None:
            from bridge.server import Bridge

            self._bridge = Bridge(self._studio)
        return self._bridge


def _follow_the_system(application: QApplication, window: Window) -> None:
    """With the theme "system", become dark or light when the system does."""

    def changed() -> None:
        if window.state.theme == "system":
            window.use_theme("system")

    hints = application.styleHints()
    if hints is not None:
        hints.colorSchemeChanged.connect(changed)


def _catch_bugs(window: Window) -> None:
    """An error that nobody caught is logged and told; the panel lives on."""
    from engine.logs import keep

    def caught(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None, where: str = "the panel"
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close_unasked()
            return
        window.tell_of_a_bug(keep(error.with_traceback(trace), where))

    def caught_in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            keep(args.exc_value, f"the panel's thread {args.thread.name if args.thread else ''}")

    sys.excepthook = caught
    threading.excepthook = caught_in_thread


def _parser() -> Parser:
    parser = Parser(prog="roomtone panel", description="Open the panel.", allow_abbrev=False)
    parser.add_argument("--no-osc", action="store_true", help="without the bridge to the DAW")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except EngineError as error:
        print(f"roomtone: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) else 1)
