"""`roomtone osc`: sends one message to the bridge and prints its answers on standard output, one a line.

It knows no studio.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bridge import card
from bridge.client import Client, is_error, read_message
from engine.commands.parser import Parser
from engine.errors import UsageError
from engine.settings import load_settings

DONE, FAILED = 0, 1


def run(words: Sequence[str]) -> int:
    """Send the message in `words`; returns the exit code. Raises UsageError and EngineError."""
    options = _parser().parse_args(words)
    settings = load_settings().bridge
    found = card.read()
    host = options.host or str(found.get("host") or settings.host)
    port = read_number("--port", options.port, int(found.get("udp_port") or settings.port))
    timeout = read_number("--timeout", options.timeout, 600)
    message = read_message(options.words)
    answer = None
    with Client(host, port) as client:
        for answer in client.ask(message, float(timeout)):
            sys.stdout.write(f"{answer}\n")
            sys.stdout.flush()
    return FAILED if answer is None or is_error(answer) else DONE


def read_number(option: str, text: str | None, otherwise: int) -> int:
    """The whole number given to an option, or what holds otherwise. Raises UsageError."""
    if text is None:
        return otherwise
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise UsageError(f"{option} is {text[:40]!r}, but must be a whole number.")
    return int(text)


def _parser() -> Parser:
    parser = Parser(
        prog="roomtone osc",
        description="Sends one OSC message to the bridge and prints the answers, one a line.",
        epilog="Try: roomtone osc ping, roomtone osc describe, "
        "roomtone osc 'render job1 \"rain on leaves\" 4'",
        allow_abbrev=False,
    )
    parser.add_argument(
        "words", nargs="+", metavar="MESSAGE", help="address and values; /roomtone/1/ may be left out"
    )
    parser.add_argument("--host", metavar="H", help="default: where the bridge of this user listens")
    parser.add_argument("--port", metavar="N", help="default: where the bridge of this user listens")
    parser.add_argument("--timeout", metavar="S", help="seconds to wait for the last answer (default 600)")
    return parser
