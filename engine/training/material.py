"""What a stage listens to: the run's manifests, decoded, as one source for training and one for validation.

Knows the run's [data] table and the model's rate; refuses to know losses.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.training.cache import AudioCache
from engine.training.decode import CacheConfig
from engine.training.manifest import Recording, read_manifests, select
from engine.training.runs import RunConfig
from engine.training.segments import SegmentBatch, SegmentSource

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Material:
    """Segments to learn from, and the fixed ones of the test split, or of the train split without one."""

    train: SegmentSource
    test: SegmentSource
    recordings: tuple[Recording, ...]


def gather(run: RunConfig, sample_rate: int, channels: int, low_bandwidth: bool = True) -> Material:
    """Decode what is missing in the cache and open both sources; broken files are named once and skipped.

    `low_bandwidth` False leaves out of training what would teach dull highs. Raises UsageError for a manifest
    that cannot be used, EngineError for a cache that cannot be written.
    """
    data = run.data
    recordings = read_manifests(data.manifests, data.roots)
    cache = AudioCache(cache_folder(run), CacheConfig(sample_rate=sample_rate, channels=channels))
    report = cache.build(recordings)
    for path, reason in report.broken:
        log.warning("%s is skipped: %s", path, reason)
    train = tuple(select(report.ready, "train", low_bandwidth))
    test = tuple(select(report.ready, "test")) or train
    return Material(
        train=SegmentSource(train, cache, data.segment_seconds, run.seed, data.weighting, data.augmentation),
        test=SegmentSource(test, cache, data.segment_seconds, run.seed),
        recordings=report.ready,
    )


def waves(batch: SegmentBatch, device: torch.device) -> torch.Tensor:
    """(b, channels, samples) float32 on `device`."""
    return torch.from_numpy(batch.wave).to(device)


def cache_folder(run: RunConfig) -> Path:
    """Where decoded audio and latents of the run are kept."""
    return Path(run.data.cache) if run.data.cache else run.folder / "cache"
