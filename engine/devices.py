"""Which device computes, and in which precision: chosen by itself, or as the user says.

Below the torch line. Knows torch's devices; refuses to know models.
"""

from __future__ import annotations

import re

import torch
from torch import nn

from engine.errors import EngineError, UsageError

DEVICES = ("auto", "cuda", "mps", "cpu")
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def available() -> list[str]:
    """The devices that work here, the fastest first; "cpu" is always the last."""
    found = []
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def choose(device: str = "auto") -> torch.device:
    """The device for "auto", "cuda", "cuda:1", "mps" or "cpu".

    Raises UsageError for another word and EngineError for a device that is not here.
    """
    if device == "auto":
        return torch.device(available()[0])
    word = re.fullmatch(rf"({'|'.join(DEVICES[1:])})(?::([0-9]{{1,3}}))?", device)
    if word is None:
        raise UsageError(f"There is no device '{device}'; choose one of {', '.join(DEVICES)}.")
    kind, number = word[1], int(word[2] or 0)
    count = torch.cuda.device_count() if kind == "cuda" else 1
    if kind not in available() or number >= count:
        raise EngineError(
            f"The device '{device}' is not to be had on this machine; use --device auto, or one of "
            f"{', '.join(available())}."
        )
    return torch.device(device)


def choose_precision(device: torch.device, precision: str = "auto") -> torch.dtype:
    """The dtype that networks compute in; "auto" takes what the device does well.

    CUDA: bfloat16 where the GPU has it, else float16. Apple's GPU: float16. CPU: bfloat16 where the processor
    has instructions for it (it is emulated, slowly, elsewhere), else float32. Raises UsageError for
    another word.
    """
    if precision != "auto":
        if precision not in PRECISIONS:
            raise UsageError(f"There is no precision '{precision}'; choose auto, {', '.join(PRECISIONS)}.")
        return PRECISIONS[precision]
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if device.type == "mps":
        return torch.float16
    return torch.bfloat16 if _cpu_has_bfloat16() else torch.float32


def choose_training_precision(device: torch.device, precision: str = "auto") -> torch.dtype:
    """What a training step autocasts to, for "auto", "bf16", "fp16" or "fp32"; float32 means no autocast.

    "auto" is bfloat16 where the device has it, else float32: float16 needs a scaled loss and has to be asked
    for. A CPU without the instructions takes four times as long in bfloat16 as in float32.
    """
    if precision != "auto":
        return {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}[precision]
    chosen = choose_precision(device)
    return chosen if chosen == torch.bfloat16 else torch.float32


def autocast(device: torch.device, kind: torch.dtype) -> torch.autocast:
    """The context in which networks compute in `kind`; none for float32."""
    mixed = kind != torch.float32
    return torch.autocast(device.type, dtype=kind if mixed else torch.bfloat16, enabled=mixed)


def round_weights(network: nn.Module, kind: torch.dtype) -> None:
    """Bring what autocast would bring to `kind` at every call, to the same numbers, once and for all: the
    network then computes under autocast only.
    """
    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.to(kind)


def _cpu_has_bfloat16() -> bool:
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
