"""`roomtone library`: lists, finds, labels, exports, checks and tidies the clips that there are.

It opens the index beside the library; no model and no studio is needed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from engine.commands.console import Console, duration
from engine.commands.console import error as complain
from engine.commands.library_words import FILTER_OPTIONS
from engine.commands.request import output_of, whole
from engine.commands.session import Session
from engine.configs import from_mapping, to_mapping
from engine.errors import UsageError
from engine.library import Clip, Filters, Library
from engine.recipe import read_recipe
from engine.scene import Output
from engine.settings import folders, load_settings

MOST_LISTED = 1_000_000
QUICKLY_LOOKED_THROUGH = 5_000
"""So many unchanged files are looked through in a tenth of a second."""


def run(arguments: argparse.Namespace, session: Session) -> int:
    """Do what the action says. `verify` returns 1 when something is amiss."""
    console = Console(arguments.quiet or arguments.json)
    with Library(load_settings().library_folder, folders().state / "library.sqlite") as library:
        if arguments.action != "rescan":
            _look(library, session, console)
        for sentence in library.sentences():
            complain(sentence)
        return ACTIONS[arguments.action](library, arguments, session, console)


def _look(library: Library, session: Session, console: Console) -> None:
    """Notice what was done by hand: always in a small library, in a large one when its index is new."""
    if not library.folder.is_dir():
        return
    if library.complete:
        if library.count() <= QUICKLY_LOOKED_THROUGH:
            library.rescan(cancelled=session.cancelled)
        return
    with console.progress() as report:
        library.rescan(report, session.cancelled)


def _list(library: Library, arguments: argparse.Namespace, _session: Session, console: Console) -> int:
    words = " ".join(getattr(arguments, "words", ()))
    filters = _filters(arguments)
    limit = whole("clips to list", arguments.limit, 1, MOST_LISTED)
    clips = library.search(words, filters, arguments.sort, not arguments.reverse, limit)
    for clip in clips:
        print(_json(clip) if arguments.json else _line(clip))
    count = library.count(words, filters) if len(clips) == limit else len(clips)
    many = "1 clip" if count == 1 else f"{count} clips"
    console.say(f"{len(clips)} of {many}" if count > len(clips) else many)
    return 0


def _show(library: Library, arguments: argparse.Namespace, _session: Session, _console: Console) -> int:
    clip = _clip(library, arguments.clip)
    if arguments.json:
        print(_json(clip))
        return 0
    for name, value in _facts(clip).items():
        if value not in ("", None, [], ()):
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            print(f"{name:13} {shown}")
    return 0


def _tag(library: Library, arguments: argparse.Namespace, _session: Session, _console: Console) -> int:
    if not arguments.tags and not arguments.remove:
        raise UsageError("Say which tag to add, or --remove one.")
    clip = library.tag(_clip(library, arguments.clip).id, arguments.tags, arguments.remove)
    print(_json(clip) if arguments.json else ", ".join(clip.tags))
    return 0


def _star(library: Library, arguments: argparse.Namespace, _session: Session, _console: Console) -> int:
    change = library.star if arguments.action == "star" else library.reject
    return _each(library, arguments, lambda clip: change(clip, not arguments.off))


def _note(library: Library, arguments: argparse.Namespace, _session: Session, _console: Console) -> int:
    clip = library.note(_clip(library, arguments.clip).id, arguments.text)
    print(_json(clip) if arguments.json else clip.path)
    return 0


def _rename(library: Library, arguments: argparse.Namespace, _session: Session, _console: Console) -> int:
    clip = library.rename(_clip(library, arguments.clip).id, arguments.name)
    print(_json(clip) if arguments.json else clip.path)
    return 0


def _export(library: Library, arguments: argparse.Namespace, _session: Session, _console: Console) -> int:
    clip = _clip(library, arguments.clip)
    base = read_recipe(clip.path).output if clip.own else Output(rate=clip.rate)
    path = library.export(clip.id, Path(arguments.out).expanduser().absolute(), output_of(arguments, base))
    print(json.dumps({"path": str(path), "clip": clip.id}) if arguments.json else path)
    return 0


def _rescan(library: Library, arguments: argparse.Namespace, session: Session, console: Console) -> int:
    with console.progress() as report:
        found = library.rescan(report, session.cancelled)
    for sentence in found.unreadable:
        complain(sentence)
    if arguments.json:
        print(json.dumps(asdict(found), ensure_ascii=False))
    else:
        print(
            f"{found.files} files: {found.added} new, {found.changed} changed, {found.moved} moved, "
            f"{found.missing} newly missing, {len(found.unreadable)} unreadable"
        )
    return 0


def _verify(library: Library, arguments: argparse.Namespace, session: Session, console: Console) -> int:
    with console.progress() as report:
        findings = library.verify(report, session.cancelled)
    for finding in findings:
        row = {**asdict(finding), "path": str(finding.path)}
        print(json.dumps(row, ensure_ascii=False) if arguments.json else finding.sentence)
    if not arguments.json and not findings:
        print("Every file is there, whole, and as it was made.")
    return 1 if findings else 0


def _trash(library: Library, arguments: argparse.Namespace, _session: Session, _console: Console) -> int:
    if arguments.empty == bool(arguments.clips):
        raise UsageError("Say which clips to put into the trash, or --empty to delete what is in it.")
    if arguments.empty:
        deleted = library.empty_trash()
        print(json.dumps({"deleted": deleted}) if arguments.json else f"{deleted} files deleted")
        return 0
    return _each(library, arguments, library.trash)


def _restore(library: Library, arguments: argparse.Namespace, _session: Session, _console: Console) -> int:
    return _each(library, arguments, library.restore)


def _each(library: Library, arguments: argparse.Namespace, change: Callable[[str], Clip]) -> int:
    for clip in [_clip(library, word) for word in arguments.clips]:
        changed = change(clip.id)
        print(_json(changed) if arguments.json else changed.path)
    return 0


def _clip(library: Library, word: str) -> Clip:
    """The clip that the user means by an id or a file."""
    path = Path(word).expanduser()
    if path.suffix or path.is_file():
        return library.at(path)
    return library.get(word.strip().lower())


def _filters(arguments: argparse.Namespace) -> Filters:
    given = {name.replace("-", "_"): getattr(arguments, name.replace("-", "_")) for name in FILTER_OPTIONS}
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    for name in ("loop", "starred"):
        if getattr(arguments, name):
            chosen[name] = True
    chosen |= {"rejected": arguments.rejected, "trashed": arguments.trashed}
    return from_mapping(Filters, chosen)


def _line(clip: Clip) -> str:
    marks = ("*" if clip.starred else " ") + ("!" if clip.missing else " ")
    tags = f"  [{', '.join(clip.tags)}]" if clip.tags else ""
    return f"{clip.id} {marks} {duration(clip.seconds):>9}  {clip.category:9} {clip.title}{tags}"


def _json(clip: Clip) -> str:
    return json.dumps({**_facts(clip), "scene": to_mapping(clip.scene)}, ensure_ascii=False)


def _facts(clip: Clip) -> dict[str, Any]:
    facts = {field.name: getattr(clip, field.name) for field in fields(clip) if field.name != "scene"}
    return {**facts, "path": str(clip.path), "tags": list(clip.tags)}


ACTIONS = {
    "list": _list,
    "search": _list,
    "show": _show,
    "tag": _tag,
    "star": _star,
    "reject": _star,
    "note": _note,
    "rename": _rename,
    "export": _export,
    "rescan": _rescan,
    "verify": _verify,
    "trash": _trash,
    "restore": _restore,
}
