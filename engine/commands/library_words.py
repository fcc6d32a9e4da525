"""The grammar of `roomtone library`: its actions and their options. Values stay text, as in `parser`."""

from __future__ import annotations

import argparse

from engine.scene import FORMATS

FILTER_OPTIONS: dict[str, tuple[str, str]] = {
    "category": ("CATID", "a CatID of the Universal Category System, or its beginning, such as RAIN"),
    "tag": ("TAG", "a tag"),
    "model": ("NAME", "the model that made it"),
    "min-seconds": ("S", "at least so long"),
    "max-seconds": ("S", "at most so long"),
    "since": ("DATE", "made on that day or later, such as 2026-11-25"),
    "until": ("DATE", "made on that day or before"),
}


def actions(parser: argparse.ArgumentParser, output_options: dict[str, str]) -> None:
    """Add the actions. output_options: name and help of what `export` may change of a file."""
    kinds = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=type(parser), required=True)

    def action(name: str, text: str) -> argparse.ArgumentParser:
        made = kinds.add_parser(
            name, help=text, description=f"{text[:1].upper()}{text[1:]}.", allow_abbrev=False
        )
        made.add_argument("--json", action="store_true", help="print JSON, one object a line")
        made.add_argument("-q", "--quiet", action="store_true", help="no progress, only errors")
        return made

    _finding(action("list", "list the clips, newest first"))
    search = action("search", "find clips by words of prompt, tags, notes, category and model")
    search.add_argument("words", nargs="*", metavar="WORD", help="all of them begin a word of the clip")
    _finding(search)
    _clip(action("show", "show all that is known of a clip"))
    tag = action("tag", "add tags to a clip, or remove them")
    _clip(tag)
    tag.add_argument("tags", nargs="*", metavar="TAG", help="tags to add")
    tag.add_argument("--remove", action="append", default=[], metavar="TAG", help="a tag to remove")
    for name, text in (("star", "give clips a star"), ("reject", "hide clips from lists")):
        starring = action(name, text)
        starring.add_argument("clips", nargs="+", metavar="CLIP", help="ids, or files")
        starring.add_argument("--off", action="store_true", help="take it back")
    note = action("note", "write notes to a clip")
    _clip(note)
    note.add_argument("text", metavar="TEXT", help="the notes; an empty text removes them")
    rename = action("rename", "give a clip's file another name")
    _clip(rename)
    rename.add_argument("name", metavar="NAME", help="what stands between CatID and CreatorID")
    _export(action("export", "write a clip as another file, without a model"), output_options)
    action("rescan", "bring the index in line with the files")
    action("verify", "find missing, damaged and altered files")
    trash = action("trash", "put clips into the library's trash")
    trash.add_argument("clips", nargs="*", metavar="CLIP", help="ids, or files")
    trash.add_argument("--empty", action="store_true", help="delete what is in the trash, for good")
    restore = action("restore", "take clips out of the trash again")
    restore.add_argument("clips", nargs="+", metavar="CLIP", help="ids, or files")


def _clip(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("clip", metavar="CLIP", help="its id, or its file")


def _finding(parser: argparse.ArgumentParser) -> None:
    for name, (metavar, text) in FILTER_OPTIONS.items():
        parser.add_argument(f"--{name}", metavar=metavar, help=text)
    parser.add_argument("--loop", action="store_true", help="loops only")
    parser.add_argument("--starred", action="store_true", help="clips with a star only")
    parser.add_argument("--rejected", action="store_true", help="rejected clips too")
    parser.add_argument("--trashed", action="store_true", help="what is in the trash")
    parser.add_argument("--sort", metavar="NAME", default="created", help="default: created")
    parser.add_argument("--reverse", action="store_true", help="smallest, or oldest, first")
    parser.add_argument("--limit", metavar="N", default="100", help="at most so many (default 100)")


def _export(parser: argparse.ArgumentParser, output_options: dict[str, str]) -> None:
    _clip(parser)
    parser.add_argument("out", metavar="PATH", help=f"a new file ({' or '.join(FORMATS)}), or a folder")
    for name, text in output_options.items():
        parser.add_argument(f"--{name}", metavar="V", help=text)
