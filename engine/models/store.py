"""Model folders in and out, in diffusers' form: `model_index.json`, `<part>/config.json` and safetensors.

The index names classes from the closed table below; nothing in a file is ever imported or unpickled. Refuses
to know Scenes and users; which folders there are is the catalogue's business.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from engine.configs import from_mapping, to_mapping
from engine.diffusion.schedule import Process, ProcessConfig
from engine.errors import EngineError, UsageError
from engine.model_index import INDEX_FILE, ModelIndex, read_index, write_index
from engine.models.audio_encoder import AudioEncoder, AudioEncoderConfig
from engine.models.denoiser import Denoiser, DenoiserConfig
from engine.models.latents import Autoencoder, AutoencoderConfig
from engine.models.mel import MelConfig, MelFrontEnd
from engine.models.sizes import SIZES, Size
from engine.models.text import TextEncoder, TextEncoderConfig
from engine.models.vocoder import HifiGan, HifiGanConfig, IstftHifiGan, IstftHifiGanConfig

CLASSES: dict[str, tuple[type[Any], type[Any]]] = {
    "MelFrontEnd": (MelFrontEnd, MelConfig),
    "Autoencoder": (Autoencoder, AutoencoderConfig),
    "Denoiser": (Denoiser, DenoiserConfig),
    "TextEncoder": (TextEncoder, TextEncoderConfig),
    "AudioEncoder": (AudioEncoder, AudioEncoderConfig),
    "HifiGan": (HifiGan, HifiGanConfig),
    "IstftHifiGan": (IstftHifiGan, IstftHifiGanConfig),
    "Process": (Process, ProcessConfig),
}
KINDS: dict[str, tuple[str, ...]] = {
    "mel": ("MelFrontEnd",),
    "vae": ("Autoencoder",),
    "unet": ("Denoiser",),
    "text_encoder": ("TextEncoder",),
    "audio_encoder": ("AudioEncoder",),
    "vocoder": ("HifiGan", "IstftHifiGan"),
    "scheduler": ("Process",),
}
"""The classes that each part may be of."""
CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"


@dataclass
class Model:
    """A whole model. A part that was not asked for when loading is absent, and touching it is a bug."""

    index: ModelIndex
    mel: MelFrontEnd
    vae: Autoencoder
    unet: Denoiser
    text_encoder: TextEncoder
    audio_encoder: AudioEncoder
    vocoder: HifiGan | IstftHifiGan
    scheduler: Process

    def to(self, device: torch.device | str) -> Model:
        """Move every network; the same Model."""
        for part in self.networks().values():
            part.to(device)
        return self

    def networks(self) -> dict[str, nn.Module]:
        """The parts that are networks and are there, by name."""
        parts = {field.name: getattr(self, field.name, None) for field in fields(self)}
        return {name: part for name, part in parts.items() if isinstance(part, nn.Module)}


PART_NAMES = tuple(field.name for field in fields(Model) if field.name != "index")


def create(size: str, seed: int) -> Model:
    """A model of `size` ("mini", "full" or "tiny") with random weights, the same for the same seed.

    Raises UsageError for another size.
    """
    if size not in SIZES:
        raise UsageError(f"There is no model size '{size}'; choose one of {', '.join(SIZES)}.")
    return assemble(SIZES[size], seed, name=size)


def assemble(size: Size, seed: int, name: str) -> Model:
    """Parts with random weights for the configs of `size`."""
    parts: dict[str, Any] = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for part in PART_NAMES:
            config = getattr(size, part)
            parts[part] = _class_of(config)(config)
    index = ModelIndex(
        name=name,
        size="mini" if name == "mini" else "full" if name == "full" else "custom",
        sample_rate=size.mel.sample_rate,
        channels=size.mel.channels,
        window_seconds=size.window_seconds,
        default_steps=size.default_steps,
        default_guidance=size.default_guidance,
        draft_guidance=size.draft_guidance,
        default_sampler=size.default_sampler,
        parts={part: type(parts[part]).__name__ for part in PART_NAMES},
    )
    model = Model(index=index, **parts)
    for network in model.networks().values():
        network.eval()
    return model


def save(model: Model, folder: Path, dtype: torch.dtype = torch.float16) -> None:
    """Write a model folder. Weights are stored as `dtype`, measured figures (buffers) in full precision.

    Raises OSError as it comes: the caller owns the folder and its half-written state.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in PART_NAMES:
        part = getattr(model, name)
        place = folder / name
        place.mkdir(exist_ok=True)
        config = {"_class_name": type(part).__name__, **to_mapping(part.config)}
        (place / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        if isinstance(part, nn.Module) and (tensors := _tensors(part, dtype)):
            save_file(tensors, place / WEIGHTS_FILE, metadata={"format": "pt"})
        if isinstance(part, TextEncoder):
            part.save_extra(place)
    parts = {name: type(getattr(model, name)).__name__ for name in PART_NAMES}
    write_index(folder, replace(model.index, parts=parts))


def load(folder: Path, parts: Collection[str] = PART_NAMES) -> Model:
    """Read a model folder, weights as float32 on the CPU, networks in eval mode; only `parts` of it.

    Raises EngineError naming the file for anything missing, damaged or of a class that is not in the table.
    """
    index = read_index(folder)
    model = Model.__new__(Model)
    model.index = index
    for name in PART_NAMES:
        if name in parts:
            setattr(model, name, _load_part(folder / name, index.parts.get(name, "")))
    return model


def _load_part(place: Path, class_name: str) -> Any:
    if class_name not in KINDS[place.name]:
        raise EngineError(
            f"{place.parent / INDEX_FILE} names '{class_name}' as the part '{place.name}', but that must be "
            f"{' or '.join(KINDS[place.name])}: get the folder anew."
        )
    part = _made(class_name, place / CONFIG_FILE)
    if not isinstance(part, nn.Module):
        return part
    if part.state_dict():
        _load_weights(part, place / WEIGHTS_FILE)
    if isinstance(part, TextEncoder):
        part.load_extra(place)
    return part.eval().requires_grad_(False)


def _made(class_name: str, path: Path) -> Any:
    """The part that the config of `path` describes, with random weights."""
    cls, config_cls = CLASSES[class_name]
    try:
        mapping = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(mapping, dict):
            raise ValueError("it holds no table of settings")
        mapping.pop("_class_name", None)
        with torch.random.fork_rng(devices=[]):
            return cls(from_mapping(config_cls, mapping))
    except (OSError, ValueError, TypeError, ArithmeticError, RuntimeError, UsageError) as error:
        raise _damaged(path, error) from error


def _load_weights(part: nn.Module, path: Path) -> None:
    try:
        tensors = load_file(path)
        part.load_state_dict(tensors)
    except (OSError, SafetensorError, RuntimeError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> EngineError:
    told = str((isinstance(error, OSError) and error.strerror) or error).strip() or type(error).__name__
    reason = " ".join(told.split())[:200].rstrip(".:")
    return EngineError(f"{path} is missing or damaged ({reason}): get the folder anew.")


def _tensors(part: nn.Module, dtype: torch.dtype) -> dict[str, Tensor]:
    weights = {name for name, _ in part.named_parameters()}
    return {
        name: (tensor.detach().cpu().to(dtype) if name in weights else tensor.detach().cpu())
        .contiguous()
        .clone()
        for name, tensor in part.state_dict().items()
    }


def _class_of(config: Any) -> type[Any]:
    return next(cls for cls, config_cls in CLASSES.values() if type(config) is config_cls)
