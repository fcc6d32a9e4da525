"""`roomtone train`: exit codes, what is said where, stopping and going on, with a real model of size tiny."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.training import checkpoints
from engine.training.__main__ import duration, main
from engine.training.stages import STAGES


@pytest.fixture
def tiny_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(STAGES, "vae", "tests.training_fakes:TinyStage")
    path = tmp_path / "RUN.toml"
    path.write_text(
        f'stage = "vae"\nmodel = "tiny"\nout = "{(tmp_path / "out").as_posix()}"\ndevice = "cpu"\n'
        '[optim]\nsteps = 4\nprecision = "fp32"\n[every]\nvalidate = 2\ncheckpoint = 2\n'
    )
    return path


def test_the_command_stops_politely_and_resumes(tiny_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tiny_run), "--set", "vae.stop_at=2"]) == 130
    spoken = capsys.readouterr()
    assert spoken.out == ""
    assert "go on with --resume" in " ".join(spoken.err.split())
    assert checkpoints.steps(tiny_run.parent / "out") == [2, 3]
    assert main([str(tiny_run), "--resume"]) == 0
    folder = Path(capsys.readouterr().out.strip())
    assert folder == tiny_run.parent / "out/model"
    assert (folder / "model_index.json").is_file()


def test_the_command_answers_mistakes_with_a_sentence_and_the_right_code(
    tiny_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tiny_run), "--set", "optim.stepz=3"]) == 2
    assert "did you mean 'steps'?" in " ".join(capsys.readouterr().err.split())
    assert main([str(tiny_run.with_name("NONE.toml"))]) == 2
    (tiny_run.parent / "file").write_text("")
    assert main([str(tiny_run), "--set", f"out={(tiny_run.parent / 'file/out').as_posix()}"]) == 1
    assert "cannot be written" in " ".join(capsys.readouterr().err.split())


def test_a_duration_reads_as_one_says_it() -> None:
    assert [duration(seconds) for seconds in (12, 200, 7500)] == ["12 s", "3 min 20 s", "2 h 05 min"]
