"""The seed project's training YAML (the layout of AudioLDM's trainer), read as a training run of ours.

What has a counterpart is taken over, what describes the shape of the networks is compared with `full`, and
what has no counterpart is named in a note, never dropped in silence. PyYAML follows YAML 1.1: `5e-4` arrives
as text and `no` as False, so every value is converted by the type that its place asks for. The YAML is only
read, never written; no class named in it is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from engine.errors import UsageError

Plain = dict[str, Any]


def from_seed_yaml(text: str, name: str) -> tuple[Plain, tuple[str, ...]]:
    """(mapping for `engine.training.runs`, notes: whole sentences about what has no counterpart).

    Raises UsageError when `text` is no YAML mapping, names no known stage or holds a value of the wrong type.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as problem:
        raise UsageError(f"'{name}' is not a YAML file: {problem}.") from problem
    if not isinstance(document, Mapping) or not isinstance(document.get("model"), Mapping):
        raise UsageError(f"'{name}' is not a training configuration: it has no section 'model'.")
    leaves = _leaves(document)
    stage = _stage(leaves, name)
    mapping: Plain = {"stage": stage, "model": "full", "out": f"runs/{stage}", "optim": {"precision": "fp32"}}
    used = _take_over(leaves, stage, mapping, name)
    differing, known = _shape_notes(leaves, stage, name)
    unknown = [key for key in leaves if key not in used | known and not key.startswith(_SILENT)]
    notes = tuple(differing) + tuple(
        f"{name}: '{key}' has no counterpart here and is left out." for key in unknown
    )
    return mapping, (*notes, _MANIFEST_NOTE.format(name=name))


_MANIFEST_NOTE = "{name}: the recordings are to be named by --set 'data.manifests=[\"manifest.csv\"]'."
_STAGE_OF_CLASS = {"AutoencoderKL": "vae", "LatentDiffusion": "ldm"}
# The anchors are used where they are named; `precision` was only a hint for float32 multiplications.
_SILENT = ("variables.", "model.target", "precision", "model.params.unet_config.target")


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError("a number")
    try:
        return float(value)
    except ValueError:
        raise ValueError("a number") from None


def _whole(value: Any) -> int:
    number = _number(value)
    if not number.is_integer():
        raise ValueError("a whole number")
    return int(number)


def _text(value: Any) -> str:
    if isinstance(value, bool):  # YAML 1.1 reads the words no and yes as truth values
        return "yes" if value else "no"
    if isinstance(value, (Mapping, list)) or value is None:
        raise ValueError("text")
    return str(value)


def _truth(value: Any) -> bool:
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    known = value if isinstance(value, bool) else words.get(str(value).strip().lower())
    if known is None:
        raise ValueError("true or false")
    return known


def _numbers(value: Any) -> tuple[float, ...]:
    if not isinstance(value, list):
        raise ValueError("a list of numbers")
    return tuple(_number(one) for one in value)


# Theirs -> ours. The VAE's configuration keeps its learning rate one level higher than that of the diffusion.
_COUNTERPARTS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "log_directory": ("out", _text),
    "step.max_steps": ("optim.steps", _whole),
    "step.save_checkpoint_every_n_steps": ("every.checkpoint", _whole),
    "step.save_top_k": ("every.keep", _whole),
    "model.params.base_learning_rate": ("optim.lr", _number),
    "model.base_learning_rate": ("optim.lr", _number),
    "model.params.warmup_steps": ("optim.warmup_steps", _whole),
    "model.params.batchsize": ("data.batch", _whole),
    "model.params.unconditional_prob_cfg": ("ldm.drop", _number),
    "preprocessing.audio.duration": ("data.segment_seconds", _number),
}

# The sizes of `full`; under model.params for the diffusion, and the VAE's own below `ddconfig`.
_SHARED_SHAPE: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "preprocessing.audio.sampling_rate": (16000, _whole),
    "preprocessing.audio.max_wav_value": (32768, _number),
    "preprocessing.stft.filter_length": (1024, _whole),
    "preprocessing.stft.hop_length": (160, _whole),
    "preprocessing.stft.win_length": (1024, _whole),
    "preprocessing.mel.n_mel_channels": (64, _whole),
    "preprocessing.mel.mel_fmin": (0, _number),
    "preprocessing.mel.mel_fmax": (8000, _number),
    "model.params.sampling_rate": (16000, _whole),
}
_DIFFUSION_SHAPE: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "model.params.linear_start": (0.0015, _number),
    "model.params.linear_end": (0.0195, _number),
    "model.params.timesteps": (1000, _whole),
    "model.params.parameterization": ("eps", _text),
    "model.params.latent_t_size": (256, _whole),
    "model.params.latent_f_size": (16, _whole),
    "model.params.channels": (8, _whole),
    "model.params.scale_by_std": (True, _truth),
    "model.params.unet_config.params.extra_film_condition_dim": (1024, _whole),
    "model.params.unet_config.params.in_channels": (8, _whole),
    "model.params.unet_config.params.out_channels": (8, _whole),
    "model.params.unet_config.params.model_channels": (128, _whole),
    "model.params.unet_config.params.attention_resolutions": ((8.0, 4.0, 2.0), _numbers),
    "model.params.unet_config.params.num_res_blocks": (2, _whole),
    "model.params.unet_config.params.channel_mult": ((1.0, 2.0, 3.0, 5.0), _numbers),
    "model.params.unet_config.params.num_head_channels": (32, _whole),
    "model.params.unet_config.params.use_spatial_transformer": (True, _truth),
    "model.params.unet_config.params.transformer_depth": (1, _whole),
    "model.params.evaluation_params.unconditional_guidance_scale": (3.5, _number),
}
_VAE_SHAPE: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "embed_dim": (8, _whole),
    "subband": (1, _whole),
    "time_shuffle": (1, _whole),
    "ddconfig.double_z": (True, _truth),
    "ddconfig.mel_bins": (64, _whole),
    "ddconfig.z_channels": (8, _whole),
    "ddconfig.downsample_time": (False, _truth),
    "ddconfig.in_channels": (1, _whole),
    "ddconfig.out_ch": (1, _whole),
    "ddconfig.ch": (128, _whole),
    "ddconfig.ch_mult": ((1.0, 2.0, 4.0), _numbers),
    "ddconfig.num_res_blocks": (2, _whole),
    "ddconfig.attn_resolutions": ((), _numbers),
    "ddconfig.dropout": (0.0, _number),
}


def _stage(leaves: Mapping[str, Any], name: str) -> str:
    target = str(leaves.get("model.target", "")).rsplit(".", 1)[-1]
    if target not in _STAGE_OF_CLASS:
        raise UsageError(
            f"{name}: model.target '{target}' is no training stage; known are {', '.join(_STAGE_OF_CLASS)}."
        )
    return _STAGE_OF_CLASS[target]


def _take_over(leaves: Mapping[str, Any], stage: str, mapping: Plain, name: str) -> set[str]:
    for key, (ours, convert) in _COUNTERPARTS.items():
        if key in leaves:
            section, _, setting = ours.rpartition(".")
            table = mapping.setdefault(section, {}) if section else mapping
            table[setting] = _converted(convert, leaves[key], key, name)
    return set(_COUNTERPARTS)


def _shape_notes(leaves: Mapping[str, Any], stage: str, name: str) -> tuple[list[str], set[str]]:
    below = "model.params." if stage == "vae" else "model.params.first_stage_config.params."
    shape = {**_SHARED_SHAPE, **{below + key: fixed for key, fixed in _VAE_SHAPE.items()}}
    if stage == "ldm":
        shape |= _DIFFUSION_SHAPE
    notes = []
    for key, (ours, convert) in shape.items():
        theirs = _converted(convert, leaves[key], key, name) if key in leaves else ours
        if theirs != ours:
            notes.append(
                f"{name}: '{key}' is {theirs}, but the model 'full' has {ours}, which is kept; "
                "for other sizes start from a model folder of your own."
            )
    return notes, set(shape)


def _converted(convert: Callable[[Any], Any], value: Any, key: str, name: str) -> Any:
    try:
        return convert(value)
    except ValueError as wanted:
        raise UsageError(f"{name}: '{key}' must be {wanted}, not {value!r}.") from None


def _leaves(branch: Mapping[Any, Any], above: str = "") -> Plain:
    """Every value by its dotted key; empty sections count as values, so that they are named as well."""
    found: Plain = {}
    for key, value in branch.items():
        dotted = f"{above}{_text(key) if isinstance(key, bool) else key}"
        found |= _leaves(value, f"{dotted}.") if isinstance(value, Mapping) and value else {dotted: value}
    return found
