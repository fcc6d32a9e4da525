"""The log of a run: figures, sounds and the loss graph, before and after a kill."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from engine.errors import EngineError
from engine.training import logs
from engine.training.loss_graph import curves, draw_losses, smoothed


@pytest.fixture
def log(tmp_path: Path) -> Iterator[logs.RunLog]:
    opened = logs.RunLog(tmp_path, 0)
    yield opened
    opened.close()


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in (folder / "metrics.jsonl").read_text().splitlines()]


def board(folder: Path) -> EventAccumulator:
    found = EventAccumulator(str(folder / "tensorboard"))
    found.Reload()
    return found


def test_a_line_holds_the_means_since_the_last_one_and_the_pace(log: logs.RunLog, tmp_path: Path) -> None:
    for step, loss in ((1, 4.0), (2, 2.0)):
        log.turn("vae", {"loss": loss})
        log.step(step, seconds=0.25, bad_steps=1)
    log.write_means(2)
    log.turn("vae", {"loss": 1.0})
    log.step(3, seconds=0.5, bad_steps=1)
    log.write_means(3)
    first, second = lines(tmp_path)
    assert first == {
        "step": 2,
        "kind": "train",
        "vae/loss": 3.0,
        "steps_per_second": 4.0,
        "skipped_steps": 1.0,
    }
    assert second["vae/loss"] == 1.0
    assert [event.value for event in board(tmp_path).Scalars("train/vae/loss")] == [3.0, 1.0]


def test_means_take_each_figure_where_it_is() -> None:
    assert logs.means([{"l1": 1.0, "kl": 2.0}, {"l1": 3.0}]) == {"l1": 2.0, "kl": 2.0}
    assert logs.means([]) == {}


def test_a_figure_that_is_no_number_stays_valid_json(log: logs.RunLog, tmp_path: Path) -> None:
    log.validation(1, {"l1": float("nan"), "kl": 1.0})
    assert lines(tmp_path) == [{"step": 1, "kind": "validation", "l1": None, "kl": 1.0}]


def test_lines_after_the_step_that_a_run_goes_on_from_are_forgotten(tmp_path: Path) -> None:
    first = logs.RunLog(tmp_path, 0)
    for step in (1, 2, 3):
        first.validation(step, {"l1": float(step)})
    first.close()
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "ki')
    second = logs.RunLog(tmp_path, 2)
    second.validation(3, {"l1": 30.0})
    second.close()
    assert [(line["step"], line["l1"]) for line in lines(tmp_path)] == [(1, 1.0), (2, 2.0), (3, 30.0)]


def test_a_sound_is_kept_as_a_file_and_in_tensorboard_in_stereo(log: logs.RunLog, tmp_path: Path) -> None:
    wave = torch.stack([torch.linspace(-1, 1, 100), torch.zeros(100)])
    with log.listening(500):
        logs.add_audio("rain/output", wave, 8000)
    samples, rate = soundfile.read(tmp_path / "audio/rain/output-step-000500.wav")
    assert (samples.shape, rate) == ((100, 2), 8000)
    assert samples[:, 0] == pytest.approx(wave[0].numpy(), abs=1e-4)
    sound = board(tmp_path).Audio("audio/rain/output")[0]
    assert (sound.step, sound.sample_rate, sound.length_frames) == (500, 8000.0, 100)


def test_a_sound_outside_a_validation_goes_nowhere(log: logs.RunLog, tmp_path: Path) -> None:
    logs.add_audio("rain", torch.zeros(10), 8000)
    assert not (tmp_path / "audio").exists()


def test_the_graph_is_drawn_whole(log: logs.RunLog, tmp_path: Path) -> None:
    log.turn("vae", {"loss": 1.0})
    log.step(1, 0.1, 0)
    log.write_means(1)
    log.validation(1, {"loss": 2.0})
    log.draw()
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_the_graph_of_no_lines_is_a_picture_too(tmp_path: Path) -> None:
    draw_losses([], tmp_path / "loss.png")
    assert (tmp_path / "loss.png").stat().st_size > 0


def test_a_validation_figure_joins_the_training_figure_of_its_name() -> None:
    written = [
        {"step": 1, "kind": "train", "vae/loss": 3.0, "vae/l1": 1.0, "critic/loss": 2.0},
        {"step": 2, "kind": "validation", "l1": 5.0, "loss": 4.0, "snr": None},
    ]
    found = curves(written)
    assert found["vae/l1"] == {"train": [(1, 1.0)], "validation": [(2, 5.0)]}
    assert found["loss"] == {"validation": [(2, 4.0)]}
    assert list(found)[:3] == ["critic/loss", "loss", "vae/loss"]
    assert "snr" not in found


def test_smoothing_leaves_a_constant_alone() -> None:
    assert [value for _, value in smoothed([(step, 3.0) for step in range(5)])] == pytest.approx([3.0] * 5)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="cannot be written"):
        logs.RunLog(tmp_path / "file" / "run", 0)
