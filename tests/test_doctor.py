from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge import card
from bridge.status import BridgeStatus
from engine.commands import checks, probes
from engine.commands.doctor import report
from engine.commands.findings import Finding
from engine.settings import BridgeSettings, Settings, save_settings
from tests.noise_model import make_noise_model, roomtone


def by_subject(findings: Iterator[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


def test_the_doctor_looks_at_everything_and_says_so_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    make_noise_model()
    code = roomtone("doctor", "--json")
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert told.err == ""
    assert code == (0 if found["can_render"] else 1)
    subjects = {finding["subject"] for finding in found["findings"]}
    expected = {"Python", "torch", "Device", "Sound files", "Settings", "Library", "Model noise", "OSC port"}
    assert expected | {"Audio devices", "Panel", "PyQt6"} <= subjects
    for finding in found["findings"]:
        assert finding["state"] == "ok" or finding["remedy"]


def test_a_finding_that_forbids_rendering_gives_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    warning = Finding("Panel", "warn", "no Qt", "pip install PyQt6")
    fault = Finding("torch", "fail", "not installed", "pip install torch")
    assert report(iter([warning]), as_json=False) == 0
    assert report(iter([warning, fault]), as_json=False) == 1
    told = capsys.readouterr().out
    assert "fail  torch: not installed\n      pip install torch\n" in told
    assert "Nothing can be rendered" in told


def test_the_packages_that_rendering_needs_are_those_that_are_installed() -> None:
    found = by_subject(checks.packages())
    assert {name for name in checks.RENDERING if found[name].state != "ok"} == set()


def test_a_missing_package_is_named_with_the_line_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "RENDERING", ("roomtone-of-nowhere",))
    monkeypatch.setattr(checks, "OTHERS", {"panel-of-nowhere": "the panel"})
    found = by_subject(checks.packages())
    assert found["roomtone-of-nowhere"].state == "fail"
    assert found["roomtone-of-nowhere"].remedy == "pip install roomtone-of-nowhere"
    assert found["panel-of-nowhere"].state == "warn"


def test_wrong_settings_forbid_rendering_and_spoil_no_other_check(roomtone_home: Path) -> None:
    (roomtone_home / "settings.toml").write_text("colour = 'red'\n")
    (finding,) = checks.settings()
    assert finding.state == "fail"
    assert "colour" in finding.says
    assert by_subject(checks.places())["Library"].state == "ok"
    assert by_subject(checks.models())["Models"].state == "fail"


def test_folders_that_cannot_be_written_to_are_told(roomtone_home: Path) -> None:
    (roomtone_home / "file").write_text("")
    save_settings(Settings(library=str(roomtone_home / "file" / "clips"), models="/proc/models"))
    found = by_subject(checks.places())
    assert found["Library"].state == "fail"
    assert "settings" in found["Library"].remedy
    assert found["Models folder"].state == "warn"
    assert found["Cache"].state == "ok"


def test_no_check_makes_a_folder_or_leaves_a_file(roomtone_home: Path) -> None:
    for check in (checks.machine, checks.settings, checks.places, checks.models, checks.port):
        assert [*check()]
    assert not [*roomtone_home.iterdir()]


def test_a_model_whose_weights_are_gone_is_told() -> None:
    folder = make_noise_model()
    (folder / "unet" / "model.safetensors").unlink()
    assert by_subject(checks.models())["Model noise"].state == "warn"


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A UDP port that somebody has, and that the bridge should have."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        number = int(taken.getsockname()[1])
        save_settings(Settings(bridge=BridgeSettings(port=number)))
        yield number


def test_a_port_that_is_taken_is_told(taken_port: int) -> None:
    (finding,) = checks.port()
    assert finding.state == "warn"
    assert str(taken_port) in finding.says
    assert "ss -lunp" in finding.remedy


def test_the_port_of_roomtones_own_bridge_is_no_fault(taken_port: int) -> None:
    card.write(BridgeStatus(on=True, port=taken_port))
    (finding,) = checks.port()
    assert (finding.state, finding.remedy) == ("ok", "")
    assert f"Roomtone's own bridge (process {os.getpid()})" in finding.says


def test_a_bridge_that_had_to_take_another_port_is_told(taken_port: int) -> None:
    card.write(BridgeStatus(on=True, port=taken_port - 1))
    (finding,) = checks.port()
    assert finding.state == "warn"
    assert finding.says.endswith(f"(process {os.getpid()}) has {taken_port - 1}")


@pytest.mark.parametrize("text", ["{", "[]", '{"udp_port": PORT}', '{"udp_port": PORT, "pid": GONE}'])
def test_a_card_that_no_bridge_stands_behind_is_not_believed(taken_port: int, text: str) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    written = text.replace("PORT", str(taken_port)).replace("GONE", str(gone.pid))
    card.card_file().parent.mkdir(parents=True, exist_ok=True)
    card.card_file().write_text(written)
    (finding,) = checks.port()
    assert finding.state == "warn"
    assert "Roomtone's" not in finding.says


def test_missing_portaudio_is_told_with_the_debian_package() -> None:
    finding = probes.judge_audio({}, "OSError: PortAudio library not found")
    assert (finding.state, finding.remedy) == ("warn", "Debian: apt-get install libportaudio2")


def test_audio_devices_are_listed_with_the_default() -> None:
    found = {
        "devices": [{"name": "Speakers", "default": True}, {"name": "HDMI", "default": False}],
        "portaudio": "PortAudio V19",
    }
    assert probes.judge_audio(found, "").says == "Speakers (default); HDMI (PortAudio V19)"
    assert probes.judge_audio({"devices": [], "portaudio": "PortAudio V19"}, "").state == "warn"


def test_libraries_that_qt_misses_are_told_with_their_debian_packages() -> None:
    found = {"qt": "6.11", "pyqt": "6.11", "platform": "offscreen"}
    finding = probes.judge_panel(found, "", ["libxcb-cursor.so.0", "libxcb-icccm.so.4"])
    assert finding.state == "warn"
    assert finding.remedy == "Debian: apt-get install libxcb-cursor0 libxcb-icccm4"
    broken = probes.judge_panel({}, "ImportError: libEGL.so.1", ["libEGL.so.1"])
    assert broken.remedy == "Debian: apt-get install libegl1"
    assert probes.judge_panel(found, "", []).state == "ok"


def test_a_torch_that_does_not_start_forbids_rendering() -> None:
    (finding,) = probes.judge_devices({}, "OSError: libgomp.so.1: cannot open shared object file")
    assert finding.state == "fail"
    assert "libgomp" in finding.says


def test_a_probe_that_crashes_is_a_finding_and_no_crash() -> None:
    answer, fault = probes.probe("import os; os.abort()")
    assert not answer
    assert "-6" in fault


def test_a_probe_may_print_before_its_answer() -> None:
    assert probes.probe("print('ALSA says hello'); print('{\"a\": 1}')") == ({"a": 1}, "")
