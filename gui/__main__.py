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
from types import TracebackType
from typing import TYPE_CHECKING

from engine.commands.parser import Parser
from engine.errors import EngineError, UsageError

if TYPE_CHECKING:
    from engine.studio import Studio
    from gui.bridge_port import BridgePort
    from gui.window import Window

TELL_FIRST_PAINT = "ROOMTONE_TELL_FIRST_PAINT"
"""Set to the moment of the command (seconds since 1970): the first paint is told on stdout, for measuring."""


def main(argv: Sequence[str] | None = None, studio: Studio | None = None) -> int:
    """Open the panel and return its exit code. studio: by default one with the user's settings.

    Raises UsageError for wrong words, EngineError when there is no screen.
    """
    arguments = _parser().parse_args(sys.argv[1:] if argv is None else list(argv))
    from gui.state import load_state

    os.environ.setdefault("QT_SCALE_FACTOR", f"{load_state().scale:g}")
    from PyQt6.QtCore import Qt
    from PyQt6.QtWidgets import QApplication

    from engine.settings import load_settings
    from engine.studio import Studio
    from gui import theme
    from gui.window import Window

    application = QApplication.instance() or QApplication(["roomtone"])
    assert isinstance(application, QApplication)
    application.setApplicationName("Roomtone")
    theme.apply_theme(application, load_state().theme)
    studio = studio or Studio(load_settings())
    bridge = None if arguments.no_osc else _bridge(studio)
    window = Window(studio, bridge)
    _catch_bugs(window)
    # Queued: told in the paint event, heard when all of the window is painted.
    start = partial(_after_first_paint, window, studio, bridge)
    window.first_painted.connect(start, Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]
    window.show()
    try:
        return int(application.exec())
    finally:
        if bridge is not None:
            bridge.stop()
        studio.close()


def _after_first_paint(window: Window, studio: Studio, bridge: BridgePort | None) -> None:
    """Start what the first sight did not need."""
    if began := os.environ.get(TELL_FIRST_PAINT):
        seconds = time.time() - float(began)
        print(f"first paint after {seconds:.3f} s, torch {'torch' in sys.modules}", flush=True)
    studio.open()
    if bridge is not None and studio.settings.bridge.on:
        try:
            bridge.start()
        except EngineError as error:
            window.notice.fail(str(error))
    window.open_up()
    if not window.state.welcomed:
        window.welcome()


def _bridge(studio: Studio) -> BridgePort | None:
    return None


def _catch_bugs(window: Window) -> None:
    """An error that nobody caught is logged and told; the panel lives on."""
    from engine.logs import keep

    def caught(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None, where: str = "the panel"
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close()
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
