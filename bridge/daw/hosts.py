"""The closed table of hosts: which files a script is made of, where they go on each system, what to do then.

It knows places, no file contents, and copies nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from engine.configs import nearest
from engine.errors import UsageError

SCRIPTS = Path(__file__).parent


@dataclass(frozen=True)
class Host:
    """One program that Roomtone reaches.

    title: how people call it, with the versions. folder: below bridge/daw; all files in it are copied, with
    their subfolders. does: what one gets, for the list. next: what the user does then, one sentence.
    places: for each system ("linux", "darwin", "win32") the folders that its scripts go to, newest version
    first; {home}, {config}, {documents}, {roaming} and {local} stand for the user's folders. Scripts go to
    each of the places whose parent is there, and to the first when none is. mailbox: folders in the mailbox
    that its scripts need and cannot make.
    """

    title: str
    folder: str
    does: str
    next: str
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mailbox: tuple[str, ...] = ()


HOSTS: dict[str, Host] = {
    "ardour": Host(
        title="Ardour 7 and 8",
        folder="ardour",
        does="a dialog that renders at the playhead, and an inbox for clips sent from the panel",
        next="In Ardour open Edit > Lua Scripts > Script Manager, put 'Roomtone: render a scene' on a free "
        "line of Action Scripts and 'Roomtone: inbox' under Action Hooks.",
        places={
            "linux": ("{config}/ardour8/scripts", "{config}/ardour7/scripts"),
            "darwin": (
                "{home}/Library/Preferences/Ardour8/scripts",
                "{home}/Library/Preferences/Ardour7/scripts",
            ),
            "win32": ("{local}/ardour8/scripts", "{local}/ardour7/scripts"),
        },
        mailbox=("replies", "ardour-inbox"),
    ),
    "reaper": Host(
        title="REAPER 6 and 7",
        folder="reaper",
        does="renders to the time selection or to bars, and inserts at the cursor; in Lua, and in Python",
        next="In REAPER open Actions > Show action list > New action > Load ReaScript, and choose "
        "roomtone.lua (or roomtone.py, where Python is set up).",
        places={
            "linux": ("{config}/REAPER/Scripts/Roomtone",),
            "darwin": ("{home}/Library/Application Support/REAPER/Scripts/Roomtone",),
            "win32": ("{roaming}/REAPER/Scripts/Roomtone",),
        },
        mailbox=("replies", "requests"),
    ),
    "live": Host(
        title="Ableton Live 11 and 12",
        folder="live",
        does="renders what a track is named after, into a Session slot or the Arrangement",
        next="Restart Live and choose Roomtone as a Control Surface in Settings > Link, Tempo & MIDI.",
        places={
            "darwin": ("{home}/Music/Ableton/User Library/Remote Scripts",),
            "win32": ("{documents}/Ableton/User Library/Remote Scripts",),
        },
        mailbox=("live-inbox",),
    ),
    "bitwig": Host(
        title="Bitwig Studio 5",
        folder="bitwig",
        does="renders so many bars at the project's tempo into the selected launcher slot",
        next="In Bitwig open Settings > Controllers > Add Controller and choose Roomtone; prompt and button "
        "are then in the Studio I/O panel.",
        places={
            "linux": ("{home}/Bitwig Studio/Controller Scripts/Roomtone",),
            "darwin": ("{documents}/Bitwig Studio/Controller Scripts/Roomtone",),
            "win32": ("{documents}/Bitwig Studio/Controller Scripts/Roomtone",),
        },
    ),
    "max": Host(
        title="Max 8 and 9, Max for Live",
        folder="max",
        does="a patcher that gives the path of the clip, and a device that fills the selected slot of Live",
        next="In Max open Roomtone.maxpat; in Live drop Roomtone.amxd from that folder on an audio track.",
        places={
            "darwin": ("{documents}/Max 9/Library/Roomtone", "{documents}/Max 8/Library/Roomtone"),
            "win32": ("{documents}/Max 9/Library/Roomtone", "{documents}/Max 8/Library/Roomtone"),
        },
    ),
    "supercollider": Host(
        title="SuperCollider 3",
        folder="supercollider",
        does='a Quark: Roomtone.render("steady rain", 8) { |buf| buf.play }',
        next="In SuperCollider recompile the class library; the help is under Roomtone.",
        places={
            "linux": ("{home}/.local/share/SuperCollider/Extensions/Roomtone",),
            "darwin": ("{home}/Library/Application Support/SuperCollider/Extensions/Roomtone",),
            "win32": ("{local}/SuperCollider/Extensions/Roomtone",),
        },
    ),
    "puredata": Host(
        title="Pure Data 0.51 and newer",
        folder="puredata",
        does="an abstraction [roomtone]: a message in, the path of the clip out",
        next="In Pd add that folder under Edit > Preferences > Path; then [roomtone] has a help patch.",
        places={
            "linux": ("{documents}/Pd/externals/roomtone",),
            "darwin": ("{documents}/Pd/externals/roomtone",),
            "win32": ("{documents}/Pd/externals/roomtone",),
        },
    ),
    "shell": Host(
        title="Shell, TouchOSC, QLab",
        folder="shell",
        does="renders one clip or a cue list with oscsend and oscdump; TouchOSC and QLab are in the README",
        next="Try:  sh roomtone-render 'steady rain' 8  in that folder, once Roomtone runs.",
        places={
            "linux": ("{home}/.local/share/roomtone/shell",),
            "darwin": ("{home}/Library/Application Support/roomtone/shell",),
        },
    ),
}


def find_host(name: str) -> Host:
    """The host of that name. Raises UsageError, naming the nearest, when there is none."""
    if name.lower() not in HOSTS:
        raise UsageError(f"Roomtone has no script for '{name[:40]}'{nearest(name, HOSTS)}")
    return HOSTS[name.lower()]


def usual_places(host: Host, system: str = sys.platform) -> list[Path]:
    """Where the scripts of this host go: each place whose parent is there, else the first.

    Empty when the host does not run on this system. system: "linux", "darwin" or "win32".
    """
    places = [Path(_filled(place)) for place in host.places.get(system, ())]
    return [place for place in places if place.parent.is_dir()] or places[:1]


def _filled(place: str) -> str:
    home = Path.home()
    return place.format(
        home=home,
        config=os.environ.get("XDG_CONFIG_HOME") or home / ".config",
        documents=platformdirs.user_documents_path(),
        roaming=os.environ.get("APPDATA") or home / "AppData" / "Roaming",
        local=os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local",
    )
