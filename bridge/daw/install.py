"""Puts the scripts of a host where the host looks for them: whole files, nobody's work lost, all of it told.

A file that the user has changed is not touched unless asked, and then a copy of it stays beside. Which files
are ours is known by their hashes, kept in `<state>/daw.json`. It does not start, ask or configure any host.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.daw.hosts import SCRIPTS, Host, usual_places
from engine.errors import EngineError, UsageError
from engine.newfiles import told, unfinished
from engine.settings import folders, make_folder

STATE_MARK = "@ROOMTONE_STATE@"
"""Stands between double quotes in a script, for the state folder; `/` divides folders on every system."""

_RECORD = "daw.json"


@dataclass(frozen=True)
class Copy:
    """One file to be installed. found: what stands there: "nothing", "same", "ours" (older) or "changed"."""

    target: Path
    content: bytes
    found: str


def plan(host: Host, to: Path | None = None) -> list[Copy]:
    """What installing would do; nothing is written.

    to: the folder for the files instead of the host's usual places. Raises UsageError when the host has no
    usual place on this system and none is given.
    """
    places = [to] if to else usual_places(host)
    if not places:
        raise UsageError(
            f"The scripts of {host.title} have no usual place on this system: say where with --to DIR."
        )
    record = _read_record()
    return [
        Copy(target, content, _found(target, content, record))
        for place in places
        for target, content in _files(host, place)
    ]


def make_mailbox(host: Host) -> None:
    """Make the folders of the mailbox that the scripts need; they belong to the user alone."""
    for name in host.mailbox:
        make_folder(folders().state / "mailbox" / name).chmod(0o700)


def install(copies: list[Copy], replace: bool = False) -> list[str]:
    """Write what was planned, each file in one step; returns a line for each, saying what was done.

    Raises UsageError before anything is written when a file was changed by the user and `replace` is not set;
    with it the changed file stays beside under a name of its own.
    """
    changed = [copy.target for copy in copies if copy.found == "changed"]
    if changed and not replace:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise UsageError(
            f"{changed[0]}{more} is not as Roomtone left it, so nothing was copied: with --replace the new "
            "script takes its place, and yours stays beside it as a copy."
        )
    lines = [_put(copy) for copy in copies]
    _write_record(_read_record() | {str(copy.target): _hash(copy.content) for copy in copies})
    return lines


def _files(host: Host, place: Path) -> Iterator[tuple[Path, bytes]]:
    folder = SCRIPTS / host.folder
    for source in sorted(folder.rglob("*")):
        inside = source.relative_to(folder)
        if source.is_file() and not any(part[:1] in "._" and part != "__init__.py" for part in inside.parts):
            yield place / inside, _filled(source.read_bytes())


def _filled(content: bytes) -> bytes:
    # Without links: the bridge takes no spool that is reached through one.
    state = folders().state.resolve().as_posix().replace("\\", "\\\\").replace('"', '\\"')
    return content.replace(STATE_MARK.encode(), state.encode("utf-8", "surrogateescape"))


def _found(target: Path, content: bytes, record: dict[str, str]) -> str:
    if not target.exists():
        return "nothing"
    there = target.read_bytes()
    if there == content:
        return "same"
    return "ours" if record.get(str(target)) == _hash(there) else "changed"


def _put(copy: Copy) -> str:
    if copy.found == "same":
        return f"{copy.target}: is there already"
    said = {"nothing": "copied", "ours": "brought up to date"}.get(copy.found, "")
    make_folder(copy.target.parent)
    with told(copy.target.parent), unfinished(copy.target.parent) as part:
        part.write_bytes(copy.content)
        if copy.found == "changed":
            kept = _spare_name(copy.target)
            copy.target.rename(kept)
            said = f"replaced; yours is now {kept.name}"
        part.replace(copy.target)
    return f"{copy.target}: {said}"


def _spare_name(target: Path) -> Path:
    names = (target.with_name(f"{target.name}.yours{number or ''}") for number in range(1000))
    free = next((name for name in names if not name.exists()), None)
    if free is None:
        raise EngineError(f"There are too many copies of {target}: remove those whose name ends in .yours.")
    return free


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_record() -> dict[str, str]:
    try:
        record = json.loads((folders().state / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Without it every file that differs counts as the user's own, which is the careful answer.
        return {}
    return {str(path): str(value) for path, value in record.items()} if isinstance(record, dict) else {}


def _write_record(record: dict[str, str]) -> None:
    folder = make_folder(folders().state)
    with told(folder), unfinished(folder) as part:
        part.write_text(json.dumps(record, indent=1), encoding="utf-8")
        part.replace(folder / _RECORD)
