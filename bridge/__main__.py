"""`roomtone bridge`: the engine and OSC without a window, until it is interrupted.

It says on standard error where it listens; standard output stays empty.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.osc import read_number
from bridge.ports import shown_address
from bridge.server import Bridge
from engine.commands.console import Console
from engine.commands.parser import Parser
from engine.commands.session import Session

if TYPE_CHECKING:
    from engine.studio import Studio

DONE, FAILED = 0, 1
LOOK_SECONDS = 0.2


def run(words: Sequence[str], session: Session) -> int:
    """Listen until Ctrl-C or SIGTERM; returns the exit code. Raises UsageError and EngineError."""
    options = _parser().parse_args(words)
    console = Console(quiet=options.quiet)
    studio = session.open_studio("", "", 0)
    settings = studio.settings.bridge
    port = read_number("--port", options.port, settings.port)
    settings = replace(settings, port=port, next_free=options.next_free or settings.next_free).checked()
    try:
        # The port first: a second bridge ends here, before it has started an engine.
        with closing(studio), Bridge(studio, settings) as bridge:
            _tell_where(console, bridge)
            studio.open()
            _tell_left_over(console, studio, options.resume)
            while bridge.status().on:
                time.sleep(LOOK_SECONDS)
            console.say(bridge.status().sentence)
            return FAILED
    except KeyboardInterrupt:
        console.say("The bridge is closed.")
        return DONE


def _tell_where(console: Console, bridge: Bridge) -> None:
    status = bridge.status()
    console.say(status.sentence)
    ways = {
        "OSC over TCP with SLIP": status.tcp_slip_port,
        "OSC over TCP with length": status.tcp_length_port,
    }
    ways["OSCQuery"] = status.oscquery_port
    for name, port in ways.items():
        if port:
            console.say(f"{name}: {shown_address((status.host, port))}")
    if status.mailbox:
        console.say(f"Mailbox: {status.mailbox}")
    console.say("Ctrl-C ends it.")


def _tell_left_over(console: Console, studio: Studio, resume: bool) -> None:
    for notice in studio.notices:
        console.say(notice)
    left = len(studio.left_over())
    if left and resume:
        console.say(f"Jobs of the last run that go on: {len(studio.resume_jobs())}.")
    elif left:
        console.say(
            f"Jobs left over from the last run: {left}. `roomtone bridge --resume` renders them; one that is "
            "sent again is rendered, too."
        )


def _parser() -> Parser:
    parser = Parser(
        prog="roomtone bridge",
        description="Runs the engine and the OSC bridge without a window. The settings under [bridge] say "
        "where it listens.",
        allow_abbrev=False,
    )
    parser.add_argument("--port", metavar="N", help="UDP port (default: that of the settings, 9000)")
    parser.add_argument("--next-free", action="store_true", help="take the next free port when it is taken")
    parser.add_argument("--resume", action="store_true", help="render the jobs left over from the last run")
    parser.add_argument("-q", "--quiet", action="store_true", help="say only errors")
    return parser


if __name__ == "__main__":
    from engine.__main__ import main

    sys.exit(main(["bridge", *sys.argv[1:]]))
