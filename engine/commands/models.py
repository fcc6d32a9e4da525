"""`roomtone models list|show`: which models there are, and what one of them is.

It reads the catalogue only; no weights are loaded.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from engine.catalogue import ModelEntry, broken_models, find_model, list_models, weight_hash
from engine.commands import console
from engine.configs import to_mapping
from engine.errors import UsageError
from engine.model_index import ModelIndex
from engine.settings import load_settings

_SALE = {True: "yes", False: "no", None: "unknown"}


def run(arguments: argparse.Namespace, _session: object) -> int:
    """Print the models. Damaged ones are named on stderr and change nothing for the others."""
    if arguments.action == "show":
        if not arguments.name:
            raise UsageError("Say which model to show, for example: roomtone models show mini")
        return _show(find_model(arguments.name), arguments.json)
    if arguments.name:
        raise UsageError(f"To see one model: roomtone models show {arguments.name[:80]}")
    return _list(arguments.json)


def _list(as_json: bool) -> int:
    models = list_models()
    if as_json:
        for model in models:
            print(json.dumps(_brief(model), ensure_ascii=False))
    else:
        width = max((len(model.name) for model in models), default=0)
        for model in models:
            print(f"{model.name:{width}}  {model.index.size:6}  {_format(model)}  {model.folder}")
    for broken in broken_models():
        console.error(str(broken))
    if not models:
        console.error(f"There is no model yet: put a model folder into {load_settings().models_folder}.")
    return 0


def _show(model: ModelEntry, as_json: bool) -> int:
    facts = _facts(model)
    if as_json:
        print(json.dumps(facts, ensure_ascii=False))
        return 0
    index = model.index
    rows = {
        "name": model.name,
        "folder": model.folder,
        "size": f"{index.size}, {facts['bytes'] / 1e6:.1f} MB of weights",
        "weights": facts["weight_hash"],
        "sound": _format(model),
        "window": f"{index.window_seconds:g} s at once; longer clips are made of overlapping windows",
        "defaults": _defaults(index),
        "licence": index.licence or "unknown",
        "clips may be sold": _SALE[index.sale_allowed],
        "parts": ", ".join(f"{part} ({kind})" for part, kind in index.parts.items()),
        "description": index.description,
    }
    width = max(map(len, rows))
    for name, value in rows.items():
        if str(value):
            print(f"{name:{width}}  {value}")
    return 0


def _brief(model: ModelEntry) -> dict[str, Any]:
    return {**to_mapping(model.index), "name": model.name, "folder": str(model.folder)}


def _facts(model: ModelEntry) -> dict[str, Any]:
    weights = sum(path.stat().st_size for path in model.folder.rglob("*.safetensors"))
    return {**_brief(model), "weight_hash": weight_hash(model.folder), "bytes": weights}


def _defaults(index: ModelIndex) -> str:
    return f"{index.default_steps} steps of {index.default_sampler}, guidance {index.default_guidance:g}"


def _format(model: ModelEntry) -> str:
    channels = {1: "mono", 2: "stereo"}[model.index.channels]
    return f"{model.index.sample_rate / 1000:g} kHz {channels}"
