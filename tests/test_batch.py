from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from engine.commands.prompts import read_lines
from engine.errors import EngineError, UsageError
from engine.logs import log_file
from engine.recipe import read_recipe
from engine.scene import Scene
from tests.interrupting import interrupted_when
from tests.noise_model import FailingRenderer, Loader, make_noise_model, roomtone


@pytest.fixture(autouse=True)
def noise_folder(roomtone_home: Path) -> Path:
    return make_noise_model()


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    file = tmp_path / "prompts.txt"
    file.write_text("# an evening\nrain\n\n  wind in pines  \n", encoding="utf-8")
    return file


def batch(file: Path, *options: str, loader: Loader | None = None) -> int:
    return roomtone("batch", str(file), "--model", "noise", "--seconds", "1", *options, loader=loader)


def scenes(told: str) -> list[Scene]:
    return [read_recipe(line).scene for line in told.splitlines()]


def test_every_prompt_becomes_a_clip_and_comments_and_blank_lines_none(
    prompts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert batch(prompts) == 0
    told = capsys.readouterr()
    assert [scene.prompt for scene in scenes(told.out)] == ["rain", "wind in pines"]
    assert "2 of 2 clips done" in told.err


def test_options_are_for_every_line_and_each_line_draws_its_own_seed(
    prompts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert batch(prompts, "--steps", "3", "--avoid", "voices") == 0
    first, second = scenes(capsys.readouterr().out)
    assert (first.steps, first.avoid, second.steps, second.avoid) == (3, "voices", 3, "voices")
    assert first.seed != second.seed


def test_variations_are_for_every_line(prompts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert batch(prompts, "--variations", "2", "--seed", "5") == 0
    made = [(scene.prompt, scene.seed) for scene in scenes(capsys.readouterr().out)]
    assert made == [("rain", 5), ("rain", 6), ("wind in pines", 5), ("wind in pines", 6)]


def test_a_csv_has_scene_columns_which_go_before_the_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "scenes.csv"
    file.write_text('prompt,seconds,seed,avoid\n"rain, heavy",2,4,\nwind,,,hiss\n', encoding="utf-8-sig")
    assert batch(file, "--avoid", "voices") == 0
    first, second = scenes(capsys.readouterr().out)
    assert (first.prompt, first.seconds, first.seed, first.avoid) == ("rain, heavy", 2.0, 4, "voices")
    assert (second.prompt, second.seconds, second.avoid) == ("wind", 1.0, "hiss")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_of_any_spreadsheet_is_understood(delimiter: str, tmp_path: Path) -> None:
    file = tmp_path / "scenes.CSV"
    rows = [["Prompt", "Guidance Rescale"], ["# note", ""], ["rain\nat night", "0.5"], ["", ""], ["wind", ""]]
    file.write_text(
        "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows), encoding="utf-8"
    )
    lines = read_lines(str(file))
    assert [line.number for line in lines] == [3, 6]
    assert lines[0].columns == {"prompt": "rain\nat night", "guidance_rescale": "0.5"}
    assert lines[1].columns == {"prompt": "wind"}


def test_prompts_are_read_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("pluie d'été\n".encode())))
    assert batch(Path("-")) == 0
    (scene,) = scenes(capsys.readouterr().out)
    assert scene.prompt == "pluie d'été"


def test_clips_go_into_the_folder_that_is_named(prompts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert batch(prompts, "--out", str(prompts.parent / "clips")) == 0
    for line in capsys.readouterr().out.splitlines():
        assert Path(line).parent == prompts.parent / "clips"


def test_all_lines_are_checked_before_the_first_is_rendered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "scenes.csv"
    file.write_text("prompt,seconds,model\nrain,2,\nwind,9999,\n,1,\nhail,1,nois\n", encoding="utf-8")
    loader = Loader()
    assert batch(file, loader=loader) == 2
    told = capsys.readouterr()
    assert (told.out, loader.asked) == ("", [])
    heading, third, fourth, fifth = told.err.splitlines()
    assert "3 lines are wrong" in heading
    assert third.startswith("  line 3: ")
    assert "9999" in third
    assert fourth.startswith("  line 4: The prompt is empty")
    assert fifth.startswith("  line 5: There is no model 'nois'")


def test_a_wrong_option_is_told_once(prompts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert batch(prompts, "--steps", "0") == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "line" not in told


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.txt", "# nothing\n\n", "no prompt"),
        ("a.csv", "", "no prompt"),
        ("a.csv", "prompt\n", "no prompt"),
        ("a.csv", "rain\nwind\n", "has a column 'rain'"),
        ("a.csv", "prompt,secs\nrain,1\n", "has a column 'secs'"),
        ("a.csv", "seconds\n1\n", "no column 'prompt'"),
        ("a.csv", "prompt,prompt\nrain,wind\n", "twice"),
        ("a.csv", "prompt,seconds\nrain, heavy,1\n", "line 2 has 3 cells for 2 columns"),
        ("a.csv", 'prompt\n"rain\n', "is not CSV"),
    ],
)
def test_a_file_that_is_no_list_of_scenes_is_refused(
    name: str, text: str, expected: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=expected):
        read_lines(str(tmp_path / name))


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("forêt".encode("latin-1"))
    with pytest.raises(UsageError, match="UTF-8"):
        read_lines(str(tmp_path / "a.txt"))


def test_a_file_that_is_missing_or_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no file"):
        read_lines(str(tmp_path / "a.txt"))
    with pytest.raises(EngineError, match="cannot be read"):
        read_lines(str(tmp_path))


def test_one_failing_line_does_not_stop_the_rest(prompts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loader = Loader(FailingRenderer({"rain": EngineError("The clouds are gone.")}))
    assert batch(prompts, loader=loader) == 1
    told = capsys.readouterr()
    assert [scene.prompt for scene in scenes(told.out)] == ["wind in pines"]
    assert "line 2: The clouds are gone." in told.err
    assert "1 of 2 clips done" in told.err
    assert "1 failed" in told.err


def test_a_bug_costs_one_line_and_is_logged(prompts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loader = Loader(FailingRenderer({"rain": ZeroDivisionError("by nothing")}))
    assert batch(prompts, loader=loader) == 1
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 1
    assert "Traceback" not in told.err
    assert "batch, line 2" in log_file().read_text()


def test_an_interrupt_stops_the_batch_and_the_summary_says_what_was_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "scenes.csv"
    file.write_text("prompt,seconds\nrain,1\nwind,600\n", encoding="utf-8")
    with interrupted_when(lambda: any(tmp_path.glob("clips/*.wav")), after_s=1.0):
        assert batch(file, "--rate", "192000", "--out", f"{tmp_path}/clips/") == 130
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 1
    assert "1 of 2 clips done" in told.err
    assert "1 not done" in told.err
    assert len([*(tmp_path / "clips").iterdir()]) == 1


def test_json_has_a_line_for_each_clip_and_each_fault(
    prompts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loader = Loader(FailingRenderer({"wind in pines": EngineError("The clouds are gone.")}))
    assert batch(prompts, "--json", "--seed", "3", loader=loader) == 1
    done, failed = map(json.loads, capsys.readouterr().out.splitlines())
    assert (done["line"], done["scene"]["prompt"], Path(done["path"]).is_file()) == (2, "rain", True)
    expected = {"line": 4, "prompt": "wind in pines", "seed": 3, "error": "The clouds are gone."}
    assert failed == expected


@pytest.mark.parametrize("out", ["clip.wav", "prompts.txt"])
def test_a_batch_needs_a_folder(out: str, prompts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert batch(prompts, "--out", str(prompts.parent / out)) == 2
    assert "folder" in capsys.readouterr().err
