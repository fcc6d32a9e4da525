from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine import __version__
from engine.commands.parser import COMMANDS, OUTPUT_OPTIONS
from engine.commands.scene_options import CHANGE_OF, CLIP_OPTIONS, FIELD_OF, SCENE_OPTIONS
from engine.configs import to_mapping
from engine.scene import Output, Scene
from tests.noise_model import make_noise_model, roomtone

ROOT = Path(__file__).parents[1]
HEAVY = ("torch", "numpy", "rich", "soundfile", "diffusers", "transformers")


@pytest.fixture(autouse=True)
def noise_folder(roomtone_home: Path) -> Path:
    return make_noise_model()


def test_help_starts_without_anything_heavy() -> None:
    program = (
        "import sys; from engine.__main__ import main; code = main(['--help']);"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules];"
        "sys.exit(code or ', '.join(heavy) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    for command in COMMANDS:
        assert command in ended.stdout


def test_help_takes_less_than_half_a_second_of_the_processor() -> None:
    code = (
        "import resource, subprocess, sys;"
        "subprocess.run([sys.executable, '-m', 'engine', '--help'], stdout=subprocess.DEVNULL, check=True);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime)"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert float(told.stdout) < 0.5


def test_the_command_alone_prints_its_help_where_there_is_no_screen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert roomtone() == 0
    assert "render" in capsys.readouterr().out


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert roomtone("--version") == 0
    assert capsys.readouterr().out == f"roomtone {__version__}\n"


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - {"train"}))
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert roomtone(command, "--help") == 0
    assert f"roomtone {command}" in capsys.readouterr().out


def test_every_field_of_a_scene_and_of_an_output_is_an_option() -> None:
    fields = {*to_mapping(Scene("x")), *to_mapping(Output())}
    options = [name for name in (*SCENE_OPTIONS, *CLIP_OPTIONS, *OUTPUT_OPTIONS) if name not in CHANGE_OF]
    named = {FIELD_OF.get(name, name.replace("-", "_")) for name in options}
    # A clip and what is made of it are one option; a stem and its gain are the business of --stems.
    assert fields == {"prompt", "source", "change", "stem", "gain_db", *named}


def test_models_are_listed_one_a_line_and_damaged_ones_named(
    roomtone_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = make_noise_model("broken")
    (broken / "model_index.json").write_text("{")
    assert roomtone("models") == 0
    told = capsys.readouterr()
    (line,) = [line for line in told.out.splitlines() if line.startswith("noise")]
    assert "8 kHz stereo" in line
    assert str(broken) in told.err


def test_a_model_is_shown_in_words_and_as_json(
    noise_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert roomtone("models", "show", "noise") == 0
    assert "6 steps of euler, guidance 2" in capsys.readouterr().out
    assert roomtone("models", "show", str(noise_folder), "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["name"], facts["folder"], facts["sale_allowed"]) == ("noise", str(noise_folder), True)
    assert len(facts["weight_hash"]) == 16


def test_training_is_handed_over_with_all_its_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert roomtone("train", "--help") == 0
    assert "roomtone train" in capsys.readouterr().out
    assert roomtone("train", "--set", "optim.lr=1e-4", str(tmp_path / "none.toml")) == 2
    assert "no training run" in capsys.readouterr().err
