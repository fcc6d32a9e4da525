"""The training loop on a small true stage: resuming, stopping, bad numbers, averages, processes, command."""

from __future__ import annotations

import json
import math
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.errors import Cancelled, EngineError, UsageError
from engine.training import checkpoints
from engine.training.learner import Turn
from engine.training.loop import BAD_STEPS_IN_A_ROW, Progress, Training
from engine.training.seeds import torch_generator
from tests.training_fakes import LineStage, alone, flat, run_of, same, save_line

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As the processes that the tests start: sums over another number of threads end in other bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def trained(out: Path, stage: LineStage | None = None, resume: bool = False, **optim: Any) -> Path:
    run = run_of(out, **optim)
    return Training(run, stage or LineStage(run), save_line, alone()).go(lambda _: None, resume=resume)


def started(out: Path, environment: dict[str, str] | None = None, **wanted: Any) -> subprocess.Popen[str]:
    """The fake's own program, in a process of its own."""
    wanted = {"out": str(out), "optim": {}, "stage": {}} | wanted
    return subprocess.Popen(
        [sys.executable, "-m", "tests.training_fakes", json.dumps(wanted)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"} | (environment or {}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_run_killed_and_resumed_ends_bit_for_bit_like_one_that_was_not(tmp_path: Path) -> None:
    straight = trained(tmp_path / "straight")
    with started(tmp_path / "killed", kill_at=5) as process:
        assert process.stdout is not None
        assert any(line.startswith("5 ") for line in process.stdout)
        process.kill()
    assert checkpoints.steps(tmp_path / "killed") == [3]
    resumed = trained(tmp_path / "killed", resume=True)
    assert resumed.name == straight.name == "step-000006"
    assert same(checkpoints.read(resumed), checkpoints.read(straight))
    assert same(torch.load(resumed / "model/line.pt"), torch.load(straight / "model/line.pt"))
    assert len([leaf for leaf in flat(checkpoints.read(straight)) if isinstance(leaf, torch.Tensor)]) > 20


def test_another_seed_gives_other_weights(tmp_path: Path) -> None:
    one = trained(tmp_path / "one", LineStage(run_of(tmp_path / "one")))
    run = run_of(tmp_path / "two")
    stage = LineStage(run)
    stage.seed = 1
    two = Training(run, stage, save_line, alone()).go(lambda _: None)
    assert not same(checkpoints.read(one)["turns"], checkpoints.read(two)["turns"])


def test_training_lowers_the_loss(tmp_path: Path) -> None:
    run = run_of(tmp_path, steps=80, lr=5e-2)
    stage = LineStage(run, dropout=0.0)
    before = stage.validate(torch_generator(0))["line/loss"]
    Training(run, stage, save_line, alone()).go(lambda _: None)
    stage.line.eval()
    assert stage.validate(torch_generator(0))["line/loss"] < 0.1 * before


def test_a_request_to_stop_writes_a_checkpoint_and_the_rest_follows_as_if_nothing_had_been(
    tmp_path: Path,
) -> None:
    straight = trained(tmp_path / "straight")
    run = run_of(tmp_path / "stopped")
    told: list[Progress] = []
    with pytest.raises(Cancelled, match="step-000004"):
        Training(run, LineStage(run), save_line, alone()).go(
            told.append, lambda: bool(told) and told[-1].step == 4
        )
    resumed = trained(tmp_path / "stopped", resume=True)
    assert same(checkpoints.read(resumed), checkpoints.read(straight))


def test_a_bad_loss_leaves_no_trace_but_the_count(tmp_path: Path) -> None:
    run = run_of(tmp_path, steps=3)
    stage = LineStage(run)
    training = Training(run, stage, save_line, alone())
    stage.poison = {2}
    kept: list[Any] = []

    def report(progress: Progress) -> None:
        if progress.doing == "training" and progress.step in (2, 3):
            kept.append(
                [leaf.clone() for leaf in flat(training._state()["turns"]) if isinstance(leaf, torch.Tensor)]
            )

    training.go(report)
    assert training.bad_steps == 1
    assert same(kept[0], kept[1])


def test_a_loss_that_stays_bad_ends_the_run_with_a_sentence(tmp_path: Path) -> None:
    run = run_of(tmp_path, steps=100)
    stage = LineStage(run)
    stage.poison = set(range(4, 100))
    with pytest.raises(
        EngineError, match=rf"{BAD_STEPS_IN_A_ROW} steps in a row, up to step 24; lower optim\.lr"
    ):
        Training(run, stage, save_line, alone()).go(lambda _: None)
    assert all(torch.isfinite(weight).all() for weight in stage.line.parameters())


def test_a_folder_with_a_run_in_it_is_not_trained_over(tmp_path: Path) -> None:
    trained(tmp_path, steps=3)
    with pytest.raises(UsageError, match="--resume"):
        trained(tmp_path, steps=3)


def test_resuming_a_finished_run_trains_nothing(tmp_path: Path) -> None:
    done = trained(tmp_path, steps=3)
    stage = LineStage(run_of(tmp_path))
    assert trained(tmp_path, stage, resume=True, steps=3) == done
    assert stage.seen == []


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    trained(tmp_path, steps=3)
    with pytest.raises(EngineError, match="does not fit"):
        trained(tmp_path, LineStage(run_of(tmp_path), norm=False), resume=True)


def test_every_batch_is_asked_for_once_and_serves_all_turns(tmp_path: Path) -> None:
    stage = LineStage(run_of(tmp_path))
    trained(tmp_path, stage, steps=3, accumulate=2)
    assert stage.seen == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]


def test_a_late_turn_waits_for_its_step(tmp_path: Path) -> None:
    stage = LineStage(run_of(tmp_path), late=3)
    before = stage.size.weight.detach().clone()
    folder = trained(tmp_path, stage, steps=3)
    assert torch.equal(stage.size.weight, before)
    assert checkpoints.read(folder)["turns"]["size"]["updates"] == 0


def test_validation_and_model_folder_use_averaged_weights_and_training_goes_on_with_live_ones(
    tmp_path: Path,
) -> None:
    stage = LineStage(run_of(tmp_path))
    folder = trained(tmp_path, stage, steps=3)
    saved = torch.load(folder / "model/line.pt")["1.weight"]
    state = checkpoints.read(folder)["turns"]["line"]
    assert torch.equal(stage.line[1].weight, state["module"]["1.weight"])
    assert any(saved.shape == kept.shape and torch.equal(saved, kept) for kept in state["average"])
    assert not torch.equal(saved, stage.line[1].weight)


def test_two_turns_may_not_share_a_weight(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    stage = LineStage(run)
    stage.turns = [Turn("one", stage.line), Turn("two", stage.line[1])]
    with pytest.raises(ValueError, match="share a weight"):
        Training(run, stage, save_line, alone())


def test_half_precision_without_cuda_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="choose bf16 or fp32"):
        trained(tmp_path, precision="fp16")


def test_bfloat16_reaches_the_stage_and_leaves_the_weights_in_float32(tmp_path: Path) -> None:
    stage = LineStage(run_of(tmp_path))
    seen: list[torch.dtype] = []
    stage.line[1].register_forward_hook(lambda module, given, result: seen.append(result.dtype))
    trained(tmp_path, stage, steps=1, precision="bf16")
    assert seen[0] == torch.bfloat16
    assert stage.line[1].weight.dtype == torch.float32


def test_training_leaves_the_callers_random_numbers_alone(tmp_path: Path) -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    trained(tmp_path, steps=2)
    assert torch.equal(torch.rand(3), expected)


def test_progress_counts_down_and_ends_at_nothing_left(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    told: list[Progress] = []
    Training(run, LineStage(run), save_line, alone()).go(told.append)
    assert [progress.step for progress in told if progress.doing == "training"] == [1, 2, 3, 4, 5, 6]
    assert {progress.doing for progress in told} == {"training", "validating", "writing a checkpoint"}
    assert told[-1].seconds_left == 0.0
    assert all(math.isfinite(progress.loss) for progress in told)


def test_two_processes_learn_what_one_learns_with_twice_the_accumulation(tmp_path: Path) -> None:
    plain: dict[str, Any] = {"dropout": 0.0, "norm": False}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shared = {
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "GLOO_SOCKET_IFNAME": "lo",
    }
    ranks = [
        started(tmp_path / "two", shared | {"RANK": rank, "LOCAL_RANK": rank}, stage=plain)
        for rank in ("0", "1")
    ]
    assert [process.communicate(timeout=600) and process.returncode for process in ranks] == [0, 0]
    run = run_of(tmp_path / "one", accumulate=2)
    one = Training(run, LineStage(run, **plain), save_line, alone()).go(lambda _: None)
    two = checkpoints.latest(tmp_path / "two")
    assert two is not None
    pairs = list(zip(flat(checkpoints.read(one)["turns"]), flat(checkpoints.read(two)["turns"]), strict=True))
    tensors = [(a, b) for a, b in pairs if isinstance(a, torch.Tensor)]
    assert len(tensors) > 20
    assert all(torch.allclose(a, b, rtol=1e-4, atol=1e-6) for a, b in tensors)
