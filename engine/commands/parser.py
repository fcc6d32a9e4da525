"""The grammar of `roomtone`: which words and options there are, and what `--help` says of them.

Values stay text here; engine/configs.py turns them into numbers and engine/scene.py checks their ranges, so
that a CSV column, a preset and an option are refused in the same words. Nothing heavy is imported: `--help`
has half a second for everything.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import fields
from typing import NoReturn

from engine import __version__
from engine.commands.library_words import actions
from engine.commands.scene_options import METAVARS, SCENE_OPTIONS, add_clip_options, add_scene_options
from engine.configs import nearest
from engine.errors import UsageError
from engine.evaluation.bars import WHOLE
from engine.ranges import RANGES
from engine.scene import BITS, FORMATS, Output, Scene

COMMANDS: dict[str, str] = {
    "panel": "open the panel; `roomtone` alone does so too",
    "render": "render a clip from a prompt",
    "batch": "render every line of a text file or CSV",
    "queue": "show, cancel or clear the jobs of the Roomtone that runs",
    "library": "find, label, export and check the clips that there are",
    "models": "list the models, or show one",
    "train": "train a model from a run file",
    "evaluate": "measure a model against real clips",
    "bench": "time a model on this machine",
    "bridge": "answer OSC without a window: the way in from the DAW",
    "osc": "send one OSC message and print the answers",
    "daw": "list and install the scripts for DAWs",
    "doctor": "check the installation, and say what is missing and how to get it",
}

OUTPUT_OPTIONS: dict[str, str] = {
    "format": f"{' or '.join(FORMATS)} (default: by the name given to --out, else {Output.format})",
    "rate": f"sample rate, {RANGES['rate']} (default {Output.rate})",
    "bits": f"{', '.join(BITS)} (default {Output.bits})",
    "lufs": f"loudness, {RANGES['lufs']} (default {Output.lufs:g})",
}

_METAVARS = {
    "format": "|".join(FORMATS),
    "rate": "HZ",
    "bits": "|".join(BITS),
    "lufs": "L",
}


class Parser(argparse.ArgumentParser):
    """An argument parser that raises UsageError, one sentence, instead of printing its usage and leaving."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}. See: {self.prog} --help")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The command line as a namespace with `command` and the command's options; options not given are None.

    Raises UsageError for an unknown command or option, naming the nearest right one, and SystemExit(0) after
    `--help` and `--version`.
    """
    if argv and not argv[0].startswith("-") and argv[0] not in COMMANDS:
        raise UsageError(f"There is no command '{argv[0][:40]}'{nearest(argv[0], COMMANDS)}")
    parser, subparsers = _parsers()
    arguments, strangers = parser.parse_known_args(argv)
    if strangers:
        _refuse(strangers, subparsers.get(arguments.command, parser))
    return arguments


def help_text() -> str:
    """What `roomtone` says when it is called alone where no window can be shown."""
    return _parsers()[0].format_help()


def _parsers() -> tuple[Parser, dict[str, Parser]]:
    parser = Parser(
        prog="roomtone",
        description="Ambience from a sentence: renders stereo clips of a scene, on this machine.",
        epilog='Try: roomtone render "steady rain on a canvas tent, distant thunder"',
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"roomtone {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    parsers = {
        name: commands.add_parser(name, help=text, description=f"{_sentence(text)}", allow_abbrev=False)
        for name, text in COMMANDS.items()
    }
    for name, parts in _PARTS.items():
        parts(parsers[name])
    return parser, parsers


def _render(parser: Parser) -> None:
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="what shall be heard, in quotes")
    parser.add_argument(
        "--recipe",
        metavar="CLIP",
        help="make the clip in this file again, bit for bit; options given beside it change the recipe",
    )
    _rendering(parser, "file, or folder (made if missing); several variations in one file are numbered")
    parser.add_argument(
        "--stems", action="store_true", help="beside the mix, a file for each --layer, as it is in the mix"
    )


def _batch(parser: Parser) -> None:
    parser.add_argument(
        "file",
        metavar="FILE",
        help="text with one prompt a line (# begins a comment), or .csv with a header of Scene columns "
        f"({', '.join(field.name for field in fields(Scene))}); - is standard input",
    )
    _rendering(parser, "folder for the clips, made if missing (default: the library)")


def _rendering(parser: Parser, out: str) -> None:
    scene = parser.add_argument_group("scene")
    add_scene_options(scene)
    add_clip_options(parser.add_argument_group("from a clip that there is"))
    scene.add_argument(
        "--variations",
        metavar="N",
        help=f"clips with the seeds seed, seed + 1, ...; {RANGES['variations']} (default 1)",
    )
    output = parser.add_argument_group("output")
    output.add_argument("--out", metavar="PATH", help=out)
    for name, text in OUTPUT_OPTIONS.items():
        output.add_argument(f"--{name}", metavar=_METAVARS[name], help=text)
    _machine(parser)
    _telling(parser)


def _queue(parser: Parser) -> None:
    parser.add_argument("action", nargs="?", choices=("list", "cancel", "clear"), default="list")
    parser.add_argument("job", nargs="?", metavar="ID|all", help="the job to cancel, or all of them")
    parser.add_argument("--json", action="store_true", help="print JSON, one job a line")


def _models(parser: Parser) -> None:
    parser.add_argument("action", nargs="?", choices=("list", "show"), default="list", help="default: list")
    parser.add_argument("name", nargs="?", metavar="NAME|FOLDER", help="the model to show")
    parser.add_argument("--json", action="store_true", help="print JSON, one object a line")


def _library(parser: Parser) -> None:
    actions(parser, OUTPUT_OPTIONS)


def _evaluate(parser: Parser) -> None:
    parser.add_argument("--model", metavar="NAME|FOLDER", default=Scene.model, help=f"default {Scene.model}")
    parser.add_argument(
        "--manifest", metavar="CSV", nargs="+", required=True, help="table of the real clips, or several"
    )
    parser.add_argument("--split", metavar="NAME", default="test", help="rows to measure (default test)")
    parser.add_argument("--limit", metavar="N", help="measure N rows only, evenly spaced")
    parser.add_argument(
        "--prompts", metavar="N", help="render N of the 100 held-back prompts too (default 0)"
    )
    parser.add_argument(
        "--bars",
        metavar="N",
        nargs="?",
        const=str(WHOLE),
        help=f"measure every quality bar, with N prompts (default {WHOLE}; fewer are quicker)",
    )
    parser.add_argument(
        "--presets", action="store_true", help="render every factory preset too, and have it judged"
    )
    for name in ("steps", "guidance"):
        parser.add_argument(f"--{name}", metavar=METAVARS.get(name, "N"), help=SCENE_OPTIONS[name])
    parser.add_argument("--out", metavar="DIR", help="keep the rendered clips in this folder")
    parser.add_argument(
        "--images", action="store_true", help="draw each clip's spectrogram beside the real one's"
    )
    parser.add_argument("--cache", metavar="DIR", help="where decoded recordings are kept")
    _machine(parser)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress, only errors")


def _bench(parser: Parser) -> None:
    parser.add_argument("--model", metavar="NAME|FOLDER", default=Scene.model, help=f"default {Scene.model}")
    parser.add_argument("--seconds", metavar="S", help=f"length of the clip (default {Scene.seconds:g})")
    parser.add_argument("--repeats", metavar="N", default="3", help="timed renders (default 3)")
    parser.add_argument("--threads", metavar="N", default="2", help="CPU threads (default 2)")
    parser.add_argument(
        "--no-compare", action="store_true", help="leave out AudioLDM's sizes, which take a minute or more"
    )
    parser.add_argument("--long", action="store_true", help="render 30 s and 120 s too, for their memory")
    _machine(parser)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def _doctor(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def _machine(parser: Parser) -> None:
    machine = parser.add_argument_group("machine")
    machine.add_argument("--device", metavar="D", help="auto, cpu, cuda, cuda:1, mps (default: auto)")
    machine.add_argument("--precision", metavar="P", help="auto, float32, bfloat16, float16 (default: auto)")


def _telling(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON, one object a clip, instead of paths")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress, only errors")


def _refuse(strangers: list[str], parser: Parser) -> NoReturn:
    option = strangers[0]
    if not option.startswith("-"):
        hint = " put the prompt in quotes" if parser.prog.endswith("render") else f" see {parser.prog} --help"
        raise UsageError(f"'{option[:40]}' is one word too many:{hint}.")
    known = [name for action in parser._actions for name in action.option_strings]
    name = option.partition("=")[0][:40]
    raise UsageError(f"{parser.prog} has no option {name}{nearest(name, known)}")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


_PARTS = {
    "render": _render,
    "batch": _batch,
    "queue": _queue,
    "library": _library,
    "models": _models,
    "evaluate": _evaluate,
    "bench": _bench,
    "doctor": _doctor,
}
