"""Real Ardour on a screen of its own: a home, a session and a display that exist for one test only.

Ardour has no headless import, so the whole program runs, on Xvfb and with its Dummy sound card. Its home with
the scripts in their slots is ardour_home's; its own OSC surface triggers actions. Everything that is started
is ended by its id.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TextIO

from tests.ardour_home import RATE, home_environment, make_session, write_configuration
from tests.osc_stand_in import free_port

PROGRAMS = ("ardour", "ardour7-lua", "Xvfb", "xdotool", "xdpyinfo", "oscsend", "lua5.3")
TICKS_PER_SECOND = 282_240_000  # Ardour counts positions in these


@dataclass(frozen=True)
class Region:
    """A region as the saved session has it: seconds are on its timeline."""

    track: str
    name: str
    start_seconds: float
    seconds: float


def missing_programs() -> list[str]:
    """Those that this machine lacks for a test with Ardour."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


class Ardour:
    """A running Ardour with an empty session, until the block is left.

    folder: an empty folder for all of it. actions: names and files of action scripts, in their slots from 1
    on; hooks: names and files of hooks on the tenth of a second. prepare: Lua that is run in the new session.
    """

    def __init__(
        self, folder: Path, actions: Mapping[str, Path], hooks: Mapping[str, Path], prepare: str = ""
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self._stack = ExitStack()
        self._environment = home_environment(folder)
        write_configuration(folder, self.port, actions, hooks)
        self.session = make_session(folder, self._environment, prepare)

    def __enter__(self) -> Ardour:
        try:
            self._environment["DISPLAY"] = self._stack.enter_context(_screen(self._environment))
            log = self._stack.enter_context((self.folder / "ardour.log").open("w"))
            command = ["ardour", "--no-announcements", "--no-splash", str(self.session)]
            self._stack.enter_context(_running(command, self._environment, log))
            self._wait_until_it_listens()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def act(self, slot: int) -> None:
        """Trigger the action script in this slot."""
        self._send("/access_action", "s", f"LuaAction/script-{slot}")

    def locate(self, seconds: float) -> None:
        """Put the playhead there. A range that was selected stays selected."""
        self._send("/locate", "ii", str(round(seconds * RATE)), "0")
        time.sleep(0.5)

    def select_range(self, start_seconds: float, end_seconds: float) -> None:
        """Make a range of the timeline the selection, by way of the loop range."""
        self._send("/loop_location", "ii", str(round(start_seconds * RATE)), str(round(end_seconds * RATE)))
        time.sleep(0.5)
        self._send("/access_action", "s", "Editor/select-loop-range")
        time.sleep(0.5)

    def window(self, name: str, timeout: float = 20.0) -> str:
        """The id of the visible window whose whole name this is, when it comes."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            found = self.xdotool("search", "--onlyvisible", "--name", f"^{name}$").split()
            if found:
                return found[-1]
            time.sleep(0.1)
        raise AssertionError(f"The window '{name}' never came.")

    def focus(self, window: str) -> None:
        """Let the keyboard reach it."""
        self.xdotool("windowactivate", "--sync", window)
        self.xdotool("windowfocus", "--sync", window)
        time.sleep(0.3)

    def close_window(self, name: str, key: str) -> None:
        """Press the key that closes this window until it is closed."""
        window = self.window(name)
        for _ in range(20):
            self.focus(window)
            self.xdotool("key", key)
            time.sleep(0.5)
            if window not in self.xdotool("search", "--onlyvisible", "--name", f"^{name}$").split():
                return
        raise AssertionError(f"The window '{name}' does not close.")

    def xdotool(self, *words: str) -> str:
        """Keys and the mouse on Ardour's screen."""
        return subprocess.run(
            ["xdotool", *words],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        ).stdout

    def screenshot(self, path: Path) -> None:
        """The whole screen as a PNG."""
        subprocess.run(
            ["import", "-window", "root", str(path)], env=self._environment, timeout=20, check=True
        )

    def sounds(self, count: int, timeout: float = 30.0) -> list[Path]:
        """The session's audio files, when there are so many."""
        folder = self.session.parent / "interchange" / "scene" / "audiofiles"
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            found = sorted(folder.glob("*.wav"))
            if len(found) >= count:
                return found
            time.sleep(0.1)
        raise AssertionError(f"There are {len(list(folder.glob('*.wav')))} sounds, not {count}.")

    def regions(self) -> list[Region]:
        """All regions, after saving the session."""
        before = self.session.stat().st_mtime_ns
        time.sleep(0.5)
        self._send("/save_state")
        end = time.monotonic() + 10
        while self.session.stat().st_mtime_ns == before and time.monotonic() < end:
            time.sleep(0.1)
        playlists = ET.parse(self.session).getroot().find("Playlists")
        assert playlists is not None
        return [_region(playlist, region) for playlist in playlists for region in playlist.iter("Region")]

    def tracks(self) -> list[str]:
        """Names of the tracks in the session as saved last."""
        root = ET.parse(self.session).getroot()
        return [route.get("name", "") for route in root.iter("Route") if route.get("default-type") == "audio"]

    def _send(self, *words: str) -> None:
        subprocess.run(["oscsend", "127.0.0.1", str(self.port), *words], check=True, timeout=10)

    def _wait_until_it_listens(self) -> None:
        end = time.monotonic() + 60
        while f"0100007F:{self.port:04X}" not in _udp() and f"00000000:{self.port:04X}" not in _udp():
            assert time.monotonic() < end, (self.folder / "ardour.log").read_text()[-2000:]
            time.sleep(0.2)
        self.window("scene - Ardour.*", 30)
        time.sleep(2.0)


@contextmanager
def _screen(environment: dict[str, str]) -> Iterator[str]:
    """An X server on a display number that it picks itself, with a window manager when there is one."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(
        command, env=environment, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            display = f":{told.readline().strip()}"
        with ExitStack() as stack:
            if shutil.which("openbox"):
                stack.enter_context(_running(["openbox"], environment | {"DISPLAY": display}))
            yield display
    finally:
        _end(server)


@contextmanager
def _running(command: list[str], environment: dict[str, str], log: TextIO | None = None) -> Iterator[None]:
    out = log if log is not None else subprocess.DEVNULL
    program = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        _end(program)


def _end(program: subprocess.Popen[bytes]) -> None:
    program.terminate()
    try:
        program.wait(10)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


def _region(playlist: ET.Element, region: ET.Element) -> Region:
    length, _, position = region.get("length", "a0@a0").partition("@")
    return Region(
        playlist.get("name", ""),
        region.get("name", ""),
        int(position[1:]) / TICKS_PER_SECOND,
        int(length[1:]) / TICKS_PER_SECOND,
    )


def _udp() -> str:
    return Path("/proc/net/udp").read_text()
