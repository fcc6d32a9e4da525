"""A home for one Ardour alone: its settings, the scripts that it remembers, and an empty session.

Scripts get into its slots by writing the file in which Ardour remembers them. Nothing is started here but the
tools that write these files; what runs in the home is ardour_session's.
"""

from __future__ import annotations

import base64
import os
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path

RATE = 48_000
# Which signals a hook listens to, one bit each, in Ardour 7.3: the tenth of a second alone.
_TIMER_ONLY = "0100000000000000000000000000000000000000000000000"

_CONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<Ardour>
  <Config>
    <Option name="hide-dummy-backend" value="0"/>
    <Option name="try-autostart-engine" value="1"/>
    <Option name="osc-port" value="{port}"/>
  </Config>
  <Extra>
    <AudioMIDISetup><EngineStates>
      <State backend="None (Dummy)" driver="Normal Speed" device="Silence" input-device="" output-device=""
        sample-rate="48000" buffer-size="1024" n-periods="0" input-latency="0" output-latency="0"
        lm-input="" lm-output="" active="1" use-buffered-io="0" midi-option="1 in, 1 out, Silence" lru="1">
        <MIDIDevices/></State>
    </EngineStates></AudioMIDISetup>
  </Extra>
</Ardour>
"""

# Ardour remembers a script as Lua text: its name, its source, and the bytecode of its factory.
_REMEMBERED = """
local file = assert (io.open (arg[1], "rb"))
local source = file:read ("*a")
local around = setmetatable ({ ardour = function () end }, { __index = _G })
assert (load (source, "script", "t", around)) ()
local text = '%s["n"] = %q %s["s"] = %q %s["f"] = %q %s["a"] = {} '
io.write ((text:gsub ("%%s", arg[2]):format (arg[3], source, string.dump (around.factory, true))))
"""


def home_environment(folder: Path) -> dict[str, str]:
    """The variables that keep Ardour in a home of its own in this folder, and off every screen."""
    home = folder / "home"
    home.mkdir(parents=True)
    run = folder / "run"
    run.mkdir(mode=0o700)
    own = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_RUNTIME_DIR": str(run),
        "ARDOUR_TRY_AUTOSTART_ENGINE": "1",
        "LC_ALL": "C.UTF-8",
    }
    return {name: value for name, value in os.environ.items() if name != "DISPLAY"} | own


def write_configuration(
    folder: Path, port: int, actions: Mapping[str, Path], hooks: Mapping[str, Path]
) -> None:
    """Settings with OSC on this port, and the scripts in their slots: what Ardour finds in its home."""
    home = folder / "home" / ".config" / "ardour7"
    home.mkdir(parents=True)
    (home / ".a7").touch()
    (home / "config").write_text(_CONFIG.format(port=port))
    remembered = ["scripts = {} "]
    for slot, (name, path) in enumerate(actions.items(), 1):
        remembered += [f"scripts[{slot}] = {{}} ", _remembered(path, f"scripts[{slot}]", name)]
    ui = ET.Element("UIScripts")
    ET.SubElement(ui, "ActionScript", lua="Lua 5.3").text = _base64("".join(remembered))
    listening = ET.SubElement(ui, "ActionHooks")
    for number, (name, path) in enumerate(hooks.items(), 424_242):
        callback = ET.SubElement(
            listening, "LuaCallback", lua="Lua 5.3", id=str(number), name=name, signals=_TIMER_ONLY
        )
        callback.text = _base64("s = {} " + _remembered(path, "s", name))
    ET.ElementTree(ui).write(home / "ui_scripts", encoding="UTF-8", xml_declaration=True)


def make_session(folder: Path, environment: dict[str, str], prepare: str) -> Path:
    """An empty session that listens to OSC, after running the Lua `prepare` in it. Returns its file."""
    session = folder / "scene" / "scene.ardour"
    script = folder / "new.lua"
    save = 'Session:save_state ("", false, false, false, false, false)'
    create = f'create_session ("{session.parent}", "scene", {RATE})'
    script.write_text("\n".join([create, prepare, save, "Session:close () quit ()", ""]))
    subprocess.run(
        ["ardour7-lua", str(script)], env=environment, timeout=60, capture_output=True, check=False
    )
    text = session.read_text(encoding="utf-8")
    off, on = (f'name="Open Sound Control (OSC)" active="{state}"' for state in (0, 1))
    assert off in text
    session.write_text(text.replace(off, on), encoding="utf-8")
    return session


def _remembered(path: Path, table: str, name: str) -> str:
    ended = subprocess.run(
        ["lua5.3", "-", str(path), table, name],
        input=_REMEMBERED.encode(),
        capture_output=True,
        check=True,
        timeout=20,
    )
    return ended.stdout.decode("latin-1")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("latin-1")).decode()
