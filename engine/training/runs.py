"""A training run as one file: RUN.toml, read into frozen dataclasses, refused in words where it is wrong.

    stage = "vae"                # vae, clap, ldm or vocoder
    model = "mini"               # fresh random weights of that size, or the folder of a model or a run
    out = "runs/vae"
    [data]                       # manifests, roots, cache, segment_seconds, batch, ...
    [optim]                      # lr, warmup_steps, steps, ...
    [every]                      # log, validate, checkpoint, keep
    [vae]                        # the stage's own table; the stage reads it, nobody else

Paths are relative to the current directory. A YAML file of the seed project is read as well. This module
knows no torch and no stage: what stands in the stage's table is handed on as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import tomli_w

from engine.configs import from_mapping, nearest, override, to_mapping
from engine.errors import EngineError, UsageError
from engine.training.augment import AugmentConfig
from engine.training.seed_config import from_seed_yaml
from engine.training.weighting import WeightingConfig

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

STAGE_NAMES = ("vae", "clap", "ldm", "vocoder")
FRESH_SIZES = ("mini", "full", "tiny")
Config = TypeVar("Config")


@dataclass(frozen=True)
class DataConfig:
    """What is listened to, and how segments are drawn from it."""

    manifests: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()  # where each manifest's paths start; empty: the manifest's own folder
    cache: str = ""  # decoded audio and latents; empty: below `out`
    segment_seconds: float = 5.0
    batch: int = 8  # segments in one forward pass
    weighting: WeightingConfig = field(default_factory=WeightingConfig)
    augmentation: AugmentConfig = field(default_factory=AugmentConfig)

    def checked(self) -> DataConfig:
        _demand(self.segment_seconds > 0, f"data.segment_seconds must be above 0, not {self.segment_seconds}")
        _demand(self.batch >= 1, f"data.batch must be at least 1, not {self.batch}")
        _demand(
            len(self.roots) in (0, 1, len(self.manifests)),
            f"data.roots names {len(self.roots)} folders for {len(self.manifests)} manifests; give one "
            "for all, one for each, or none",
        )
        self.weighting.checked()
        self.augmentation.checked()
        return self


@dataclass(frozen=True)
class OptimConfig:
    """AdamW with linear warm-up and a cosine down to `lr * lr_floor` at `steps`."""

    lr: float = 2e-4
    warmup_steps: int = 200
    steps: int = 10_000
    lr_floor: float = 0.0
    weight_decay: float = 0.01  # matrices and kernels only; biases and norms are left alone
    betas: tuple[float, float] = (0.9, 0.99)
    clip: float = 1.0  # largest norm of the gradient; 0: no clipping
    accumulate: int = 1  # forward passes averaged into one step, over all processes each
    ema: float = 0.999  # decay of the averaged weights; 0: the live weights are used
    precision: Literal["auto", "bf16", "fp32", "fp16"] = "auto"  # auto: bf16 where the device is quick in it

    def checked(self) -> OptimConfig:
        _demand(self.lr > 0, f"optim.lr must be above 0, not {self.lr}")
        _demand(
            self.warmup_steps >= 0, f"optim.warmup_steps must not be negative, but is {self.warmup_steps}"
        )
        _demand(self.steps >= 1, f"optim.steps must be at least 1, not {self.steps}")
        _demand(0 <= self.lr_floor <= 1, f"optim.lr_floor must lie between 0 and 1, not at {self.lr_floor}")
        _demand(
            self.weight_decay >= 0, f"optim.weight_decay must not be negative, but is {self.weight_decay}"
        )
        _demand(all(0 <= b < 1 for b in self.betas), f"optim.betas must lie in [0, 1), not at {self.betas}")
        _demand(self.clip >= 0, f"optim.clip must not be negative, but is {self.clip}")
        _demand(self.accumulate >= 1, f"optim.accumulate must be at least 1, not {self.accumulate}")
        _demand(0 <= self.ema < 1, f"optim.ema must lie in [0, 1), not at {self.ema}")
        return self


@dataclass(frozen=True)
class EveryConfig:
    """Steps between two lines of the log, two validations, two checkpoints; the last `keep` checkpoints
    stay.
    """

    log: int = 20
    validate: int = 500
    checkpoint: int = 500
    keep: int = 3

    def checked(self) -> EveryConfig:
        for name in ("log", "validate", "checkpoint", "keep"):
            _demand(getattr(self, name) >= 1, f"every.{name} must be at least 1, not {getattr(self, name)}")
        return self


@dataclass(frozen=True)
class RunConfig:
    """One training run. `table` is what stands in the section named after the stage, unread."""

    stage: str
    out: str
    model: str = "mini"  # "mini", "full" or "tiny": fresh random weights; else a model's or a run's folder
    seed: int = 0
    threads: int = 0  # of torch on the CPU; 0: as many as torch takes
    device: str = "auto"
    data: DataConfig = DataConfig()
    optim: OptimConfig = OptimConfig()
    every: EveryConfig = EveryConfig()
    table: Mapping[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return Path(self.out)

    @property
    def fresh(self) -> bool:
        """True when `model` is a size to start from random weights, False when it is a folder."""
        return self.model in FRESH_SIZES

    def stage_config(self, cls: type[Config]) -> Config:
        """The stage's own table as its frozen config, for example `run.stage_config(VaeConfig)`."""
        return from_mapping(cls, self.table, f"[{self.stage}]")

    def checked(self) -> RunConfig:
        """The same run; raises UsageError with one sentence for the first setting that cannot be."""
        _check_stage(self.stage)
        _demand(bool(self.out.strip()), "out must name the folder that the run is written to")
        _demand(0 <= self.seed < 2**32, f"seed must lie between 0 and {2**32 - 1}, not at {self.seed}")
        _demand(self.threads >= 0, f"threads must not be negative, but is {self.threads}")
        self.data.checked()
        self.optim.checked()
        self.every.checked()
        return self


def load_run(
    path: Path, overrides: Sequence[str] = (), tell: Callable[[str], None] | None = None
) -> RunConfig:
    """Read RUN.toml (or a YAML file of the seed project), apply `--set` assignments, check.

    `tell` gets one sentence for each thing in the seed's YAML that has no counterpart here. Raises UsageError
    for a wrong key or value, EngineError for a file that cannot be read.
    """
    mapping, notes = read_mapping(path)
    for assignment in overrides:
        mapping = override(mapping, assignment)
    run = run_from_mapping(mapping, path.name)
    for note in notes if tell else ():
        tell(note)  # type: ignore[misc]
    return run


def run_from_mapping(mapping: Mapping[str, Any], where: str = "") -> RunConfig:
    """A checked RunConfig from nested plain values; the table named after the stage becomes `table`."""
    stage = mapping.get("stage")
    if isinstance(stage, str):
        _check_stage(stage)
    own = mapping.get(stage, {}) if isinstance(stage, str) else {}
    if "table" in mapping:
        raise UsageError(f"{where or 'The run'}: the table of a stage's own settings bears the stage's name.")
    if not isinstance(own, Mapping):
        raise UsageError(f"{where or 'The run'}: [{stage}] must be a table of the stage's own settings.")
    rest = {key: value for key, value in mapping.items() if key != stage}
    return replace(from_mapping(RunConfig, rest, where), table=dict(own)).checked()


def write_run(run: RunConfig) -> None:
    """Keep what is asked for, overrides included, as `<out>/run.toml`; `load_run` reads it again.

    Raises EngineError where the folder cannot be written.
    """
    mapping = to_mapping(run)
    mapping[run.stage] = mapping.pop("table")
    try:
        run.folder.mkdir(parents=True, exist_ok=True)
        (run.folder / "run.toml").write_text(tomli_w.dumps(mapping), encoding="utf-8")
    except OSError as problem:
        raise EngineError(f"The run's folder '{run.folder}' cannot be written: {problem}.") from problem


def read_mapping(path: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The nested plain values of a run file, and notes about what the seed's YAML asks for in vain."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"There is no training run file '{path}'.") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise EngineError(f"The training run file '{path}' cannot be read: {problem}.") from problem
    if path.suffix.lower() in (".yaml", ".yml"):
        return from_seed_yaml(text, path.name)
    try:
        return tomllib.loads(text), ()
    except tomllib.TOMLDecodeError as problem:
        raise UsageError(f"'{path}' is not a TOML file: {problem}.") from problem


def _check_stage(stage: str) -> None:
    if stage not in STAGE_NAMES:
        raise UsageError(f"There is no training stage '{stage}'{nearest(stage, STAGE_NAMES)}")


def _demand(holds: bool, sentence: str) -> None:
    if not holds:
        raise UsageError(f"{sentence}.")
