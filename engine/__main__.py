"""`roomtone`: the command line. It reads the words, calls one command and turns errors into exit codes.

stdout carries results only (paths, or JSON); everything else goes to stderr. Exit codes: 0 done, 1 failed,
2 asked wrongly, 130 interrupted. Starting is light: what a command needs is imported with that command.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence

from engine.commands import console
from engine.commands.interrupts import interruptible
from engine.commands.parser import help_text, parse
from engine.commands.programs import has_screen, is_program, run_program
from engine.commands.session import OpenStudio, Session, open_studio
from engine.errors import Cancelled, EngineError, UsageError

DONE, FAILED, ASKED_WRONGLY, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None, open_studio: OpenStudio = open_studio) -> int:
    """Run one command and return its exit code.

    argv: the words after `roomtone`, by default those of the process. open_studio: by default the studio with
    the user's settings.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    _speak_any_path()
    with interruptible() as interrupts:
        try:
            code = _run(words, Session(open_studio, lambda: bool(interrupts)))
            sys.stdout.flush()
            return code
        except (KeyboardInterrupt, Cancelled):
            return _interrupted()
        except UsageError as error:
            console.error(str(error))
            return ASKED_WRONGLY
        except EngineError as error:
            console.error(str(error))
            return FAILED
        except BrokenPipeError:
            return _nobody_listens()
        except OSError as error:
            return _refused(error, words)
        except Exception as error:  # noqa: BLE001  the one place where a bug of ours becomes a sentence
            return _interrupted() if interrupts else _unexpected(error, words)


def _run(words: list[str], session: Session) -> int:
    if not words and not has_screen():
        print(help_text(), end="")
        return DONE
    words = words or ["panel"]
    try:
        if is_program(words[0]):
            return run_program(words, session)
        arguments = parse(words)
        if arguments.command is None:
            raise UsageError("No command is given. See: roomtone --help")
        command = importlib.import_module(f"engine.commands.{arguments.command}")
        return int(command.run(arguments, session))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else DONE


def _speak_any_path() -> None:
    """File names are bytes on Linux; one that is not UTF-8 goes out as it came in."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="surrogateescape")


def _interrupted() -> int:
    console.error("Interrupted.")
    return INTERRUPTED


def _nobody_listens() -> int:
    # The reader of our pipe has gone, as with `| head -1`. Python would complain once more at its end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


def _refused(error: OSError, words: list[str]) -> int:
    from engine.logs import keep

    keep(error, f"roomtone {' '.join(words)}")
    where = f": {error.filename}" if error.filename else ""
    console.error(f"{error.strerror or error}{where}.")
    return FAILED


def _unexpected(error: Exception, words: list[str]) -> int:
    from engine.logs import keep

    console.error(keep(error, f"roomtone {' '.join(words)}"))
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
