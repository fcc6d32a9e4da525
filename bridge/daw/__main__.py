"""`roomtone daw`: lists the hosts that there are scripts for, and installs those of one host.

The paths of the files go to stdout; what to do next goes to stderr. It knows no script.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bridge.daw.hosts import HOSTS, find_host, usual_places
from bridge.daw.install import install, make_mailbox, plan
from engine.commands.parser import Parser
from engine.errors import EngineError, UsageError


def run(words: Sequence[str]) -> int:
    """The words after `roomtone daw`; returns the exit code. Raises UsageError and EngineError."""
    parser = _parser()
    arguments = parser.parse_args(words)
    if arguments.action == "list":
        return _list(arguments.json)
    if arguments.action == "install":
        return _install(arguments.host, arguments.to, arguments.replace)
    parser.print_help()
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """As a program of its own, `python -m bridge.daw`: errors become one sentence and an exit code."""
    try:
        return run(sys.argv[1:] if argv is None else argv)
    except EngineError as error:
        print(f"roomtone: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1


def _list(as_json: bool) -> int:
    for name, host in HOSTS.items():
        places = [str(place) for place in usual_places(host)]
        if as_json:
            row = {"host": name, "title": host.title, "does": host.does, "places": places}
            print(json.dumps(row, ensure_ascii=False))
        else:
            where = ", ".join(places) or "wherever you say with --to DIR"
            print(f"{name:14} {host.title}: {host.does}\n{'':14} goes to {where}")
    return 0


def _install(name: str, to: str | None, replace: bool) -> int:
    host = find_host(name)
    make_mailbox(host)
    for line in install(plan(host, Path(to).expanduser().absolute() if to else None), replace):
        print(line)
    print(host.next, file=sys.stderr)
    return 0


def _parser() -> Parser:
    parser = Parser(
        prog="roomtone daw",
        description="Scripts that render from inside a DAW and place the clip there.",
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=Parser)
    listing = actions.add_parser("list", help="the hosts that there are scripts for", allow_abbrev=False)
    listing.add_argument("--json", action="store_true", help="print JSON, one object a host")
    installing = actions.add_parser("install", help="copy the scripts of one host", allow_abbrev=False)
    installing.add_argument("host", metavar="HOST", help=", ".join(HOSTS))
    installing.add_argument("--to", metavar="DIR", help="this folder instead of the host's usual one")
    installing.add_argument(
        "--replace", action="store_true", help="replace files that you have changed; yours are kept beside"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
