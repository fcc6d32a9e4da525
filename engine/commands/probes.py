"""What the doctor tries in a process of its own: torch, the sound card, Qt. A crash there is a finding here.

A probe is a short Python program that prints one JSON object; what it says on stderr is kept for the finding.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.commands.findings import Finding

TIMEOUT_S = 120.0

_TORCH = """
import json, torch
from engine.devices import available, choose_precision
def described(name):
    if name == "cuda":
        memory = torch.cuda.get_device_properties(0).total_memory / 1e9
        return f"{torch.cuda.get_device_name(0)}, {memory:.0f} GB"
    if name == "mps":
        return "Apple's GPU"
    return f"{torch.backends.cpu.get_cpu_capability()}, {torch.get_num_threads()} threads"
print(json.dumps([
    {
        "name": name,
        "description": described(name),
        "precision": str(choose_precision(torch.device(name))).removeprefix("torch."),
    }
    for name in available()
]))
"""

_SOUND = """
import json, soundfile, soxr
print(json.dumps({"libsndfile": soundfile.__libsndfile_version__, "soxr": soxr.__version__}))
"""

_AUDIO = """
import json, sounddevice
default = sounddevice.default.device[1]
print(json.dumps({
    "devices": [
        {"name": device["name"], "default": number == default}
        for number, device in enumerate(sounddevice.query_devices())
        if device["max_output_channels"] > 0
    ],
    "portaudio": sounddevice.get_portaudio_version()[1],
}))
"""

_QT = """
import json
from PyQt6.QtCore import PYQT_VERSION_STR, QT_VERSION_STR
from PyQt6.QtWidgets import QApplication
application = QApplication(["roomtone"])
print(json.dumps({"qt": QT_VERSION_STR, "pyqt": PYQT_VERSION_STR, "platform": application.platformName()}))
"""

_QT_FOLDER = """
import importlib.util, json
spec = importlib.util.find_spec("PyQt6")
print(json.dumps({"folder": spec.submodule_search_locations[0] if spec else ""}))
"""

DEBIAN_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}


def devices() -> Iterator[Finding]:
    """The devices that torch sees, and the precision that each does well."""
    yield from judge_devices(*probe(_TORCH))


def sound_files() -> Iterator[Finding]:
    """The libraries that read, write and resample sound."""
    yield judge_sound_files(*probe(_SOUND))


def audio_devices() -> Iterator[Finding]:
    """The sound cards one can listen with."""
    yield judge_audio(*probe(_AUDIO))


def panel() -> Iterator[Finding]:
    """Whether Qt starts, without a screen, and which libraries its window on X11 would miss."""
    yield judge_panel(*probe(_QT, {"QT_QPA_PLATFORM": "offscreen"}), missing=sorted(_missing_libraries()))


def judge_devices(found: Any, fault: str) -> Iterator[Finding]:
    """The probe's answer, or its fault, as findings."""
    if fault:
        yield Finding(
            "Devices", "fail", f"torch does not start: {fault}", "pip install --force-reinstall torch"
        )
        return
    for number, device in enumerate(found):
        chosen = "" if number else ", chosen by itself"
        says = f"{device['name']} ({device['description']}), {device['precision']}{chosen}"
        yield Finding("Device", "ok", says)


def judge_sound_files(found: Any, fault: str) -> Finding:
    """The probe's answer, or its fault, as a finding."""
    if fault:
        return Finding("Sound files", "fail", fault, "pip install --force-reinstall soundfile soxr")
    return Finding("Sound files", "ok", f"libsndfile {found['libsndfile']}, soxr {found['soxr']}")


def judge_audio(found: Any, fault: str) -> Finding:
    """The probe's answer, or its fault, as a finding."""
    if "PortAudio" in fault:
        return Finding("Audio devices", "warn", "PortAudio is missing", _install(["libportaudio2"]))
    if fault:
        return Finding("Audio devices", "warn", fault, "pip install --force-reinstall sounddevice")
    if not found["devices"]:
        remedy = "Listening needs a sound card; rendering does not."
        return Finding("Audio devices", "warn", f"no output device ({found['portaudio']})", remedy)
    names = (f"{device['name']}{' (default)' if device['default'] else ''}" for device in found["devices"])
    return Finding("Audio devices", "ok", f"{'; '.join(names)} ({found['portaudio']})")


def judge_panel(found: Any, fault: str, missing: list[str]) -> Finding:
    """The probe's answer, or its fault, and the shared libraries it misses, as a finding."""
    remedy = _remedy(missing)
    if fault:
        says = f"Qt does not start: {fault}" + (f"; missing: {', '.join(missing)}" if missing else "")
        return Finding("Panel", "warn", says, remedy or "pip install --force-reinstall PyQt6")
    if missing:
        return Finding("Panel", "warn", f"Qt {found['qt']} misses {', '.join(missing)}", remedy)
    return Finding("Panel", "ok", f"Qt {found['qt']}, PyQt {found['pyqt']}")


def probe(program: str, environment: dict[str, str] | None = None) -> tuple[Any, str]:
    """What the program printed, and what went wrong, in a line; one of them is empty."""
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    env = {**os.environ, **(environment or {}), "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    try:
        ended = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, errors="replace",
            timeout=TIMEOUT_S, env=env, check=False,
        )  # fmt: skip
        if ended.returncode == 0:
            return json.loads(ended.stdout.strip().splitlines()[-1]), ""
    except subprocess.TimeoutExpired:
        return {}, f"no answer in {TIMEOUT_S:.0f} s"
    except (ValueError, IndexError):
        return {}, f"an answer that is none: {ended.stdout[-200:]!r}"
    last = ended.stderr.strip().splitlines()[-1:] or [f"it ended with code {ended.returncode}"]
    return {}, last[0][:300]


def _missing_libraries() -> set[str]:
    if not sys.platform.startswith("linux") or not shutil.which("ldd"):
        return set()
    found, _fault = probe(_QT_FOLDER)
    top = Path(found.get("folder", "") or os.devnull)
    files = [*top.glob("Qt*.so"), top / "Qt6/plugins/platforms/libqxcb.so"]
    wanted = [str(file) for file in files if file.name.split(".")[0] in _QT_FILES and file.exists()]
    if not wanted:
        return set()
    told = subprocess.run(["ldd", *wanted], capture_output=True, text=True, check=False).stdout
    lines = (line.strip() for line in told.splitlines())
    return {line.split(" ")[0] for line in lines if line.endswith("not found")}


_QT_FILES = ("QtCore", "QtGui", "QtWidgets", "libqxcb")


def _remedy(libraries: list[str]) -> str:
    known = sorted({DEBIAN_PACKAGES[name] for name in libraries if name in DEBIAN_PACKAGES})
    return _install(known) if known else ""


def _install(packages: list[str]) -> str:
    return f"Debian: apt-get install {' '.join(packages)}"
