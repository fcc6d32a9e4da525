"""Devices and precisions: chosen by themselves, or as one says, or refused in a sentence."""

from __future__ import annotations

import pytest
import torch

from engine.devices import (
    DEVICES,
    PRECISIONS,
    autocast,
    available,
    choose,
    choose_precision,
    choose_training_precision,
    round_weights,
)
from engine.errors import EngineError, UsageError

CPU = torch.device("cpu")


def with_devices(monkeypatch: pytest.MonkeyPatch, cuda: int = 0, mps: bool = False) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


def test_the_cpu_is_always_there_and_always_last(monkeypatch: pytest.MonkeyPatch) -> None:
    with_devices(monkeypatch)
    assert available() == ["cpu"]
    with_devices(monkeypatch, cuda=2)
    assert available() == ["cuda", "cpu"]
    with_devices(monkeypatch, mps=True)
    assert available() == ["mps", "cpu"]


def test_auto_takes_the_fastest(monkeypatch: pytest.MonkeyPatch) -> None:
    for cuda, mps, chosen in ((1, False, "cuda"), (0, True, "mps"), (0, False, "cpu")):
        with_devices(monkeypatch, cuda, mps)
        assert choose("auto") == choose() == torch.device(chosen)


def test_a_device_is_taken_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with_devices(monkeypatch, cuda=2, mps=True)
    assert {name for name in DEVICES if choose(name)} == set(DEVICES)
    assert choose("cuda:1") == torch.device("cuda", 1)
    assert choose("cpu") == CPU


@pytest.mark.parametrize(
    "word", ["gpu", "", "cuda:", "cpu:", "cuda:x", "cuda:²", "cuda:-1", "CUDA", "cpu:0:1"]
)
def test_a_word_that_is_no_device_is_refused_with_those_there_are(word: str) -> None:
    with pytest.raises(UsageError, match=rf"no device '{word}'; choose one of auto, cuda, mps, cpu\.$"):
        choose(word)


@pytest.mark.parametrize("word", ["cuda", "cuda:0", "mps", "cpu:1"])
def test_a_device_that_is_not_here_is_refused_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    with_devices(monkeypatch)
    with pytest.raises(EngineError, match=rf"'{word}' is not to be had .* --device auto, or one of cpu\.$"):
        choose(word)


def test_a_second_gpu_is_not_there_because_a_first_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with_devices(monkeypatch, cuda=1)
    with pytest.raises(EngineError, match="'cuda:1' is not to be had"):
        choose("cuda:1")


def test_a_precision_is_taken_by_its_name() -> None:
    assert {name: choose_precision(CPU, name) for name in PRECISIONS} == PRECISIONS
    with pytest.raises(UsageError, match=r"no precision 'half'; choose auto, float32, bfloat16, float16\.$"):
        choose_precision(CPU, "half")


@pytest.mark.parametrize(
    ("amx", "avx512", "chosen"),
    [
        (False, False, torch.float32),
        (True, False, torch.bfloat16),
        (False, True, torch.bfloat16),
    ],
)
def test_the_processor_computes_in_what_it_has_instructions_for(
    monkeypatch: pytest.MonkeyPatch, amx: bool, avx512: bool, chosen: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512)
    assert choose_precision(CPU) is chosen


def test_graphics_processors_compute_in_half_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    for has_bfloat16, chosen in ((True, torch.bfloat16), (False, torch.float16)):
        monkeypatch.setattr(
            torch.cuda, "is_bf16_supported", lambda including_emulation, has=has_bfloat16: has
        )
        assert choose_precision(torch.device("cuda")) is chosen
    assert choose_precision(torch.device("mps")) is torch.float16


def test_training_computes_in_half_only_where_no_scaled_loss_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    assert choose_training_precision(CPU) is torch.float32
    assert choose_training_precision(CPU, "bf16") is torch.bfloat16
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True)
    assert choose_training_precision(CPU) is torch.bfloat16
    assert choose_training_precision(torch.device("mps")) is torch.float32
    assert choose_training_precision(torch.device("mps"), "fp16") is torch.float16


def test_weights_are_rounded_to_what_autocast_makes_of_them() -> None:
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 32, 3), torch.nn.GroupNorm(8, 32), torch.nn.Flatten(), torch.nn.Linear(512, 7)
    )
    x = torch.randn(2, 3, 6, 6)
    with torch.inference_mode(), autocast(torch.device("cpu"), torch.bfloat16):
        before = network(x)
        round_weights(network, torch.bfloat16)
        assert torch.equal(network(x), before)
    assert network[0].weight.dtype == torch.bfloat16
    assert network[1].weight.dtype == torch.float32
