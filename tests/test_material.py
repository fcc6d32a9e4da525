"""What a stage listens to: broken files are named, folders are found, splits are kept apart."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.errors import UsageError
from engine.training.material import cache_folder, gather, waves
from engine.training.runs import RunConfig
from tests.recordings import RATE, run_of, write_recordings


@pytest.fixture
def run(tmp_path: Path) -> RunConfig:
    return run_of("vae", write_recordings(tmp_path, seconds=1.2), {})


def with_data(run: RunConfig, **changes: object) -> RunConfig:
    return replace(run, data=replace(run.data, **changes))  # type: ignore[arg-type]


def test_train_and_test_are_kept_apart(run: RunConfig) -> None:
    material = gather(run, RATE, 2)
    assert len(material.recordings) == 8
    assert {recording.split for recording in material.train.recordings} == {"train"}
    assert {recording.split for recording in material.test.recordings} == {"test"}
    wave = waves(material.train.draw(0, 0, 3), torch.device("cpu"))
    assert wave.shape == (3, 2, RATE)
    assert wave.dtype == torch.float32


def test_the_test_split_is_heard_as_it_is(run: RunConfig) -> None:
    loud = with_data(run, augmentation=replace(run.data.augmentation, gain_db=(-30.0, -30.0)))
    plain, changed = (gather(one, RATE, 2) for one in (run, loud))
    assert (plain.test.draw(0, 0, 1).wave == changed.test.draw(0, 0, 1).wave).all()
    assert changed.train.draw(0, 0, 4).wave.std() < 0.5 * plain.train.draw(0, 0, 4).wave.std()


def test_a_broken_file_is_named_once_with_the_reason_and_left_out(
    run: RunConfig, caplog: pytest.LogCaptureFixture
) -> None:
    folder = Path(run.data.manifests[0]).parent
    (folder / "rain-train.wav").write_bytes(b"RIFF")
    (folder / "hum-test.wav").unlink()
    with caplog.at_level(logging.WARNING):
        material = gather(run, RATE, 2)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert told[0].startswith(f"{folder / 'rain-train.wav'} is skipped: ")
    assert told[1].startswith(f"{folder / 'hum-test.wav'} is skipped: it cannot be read")
    assert len(material.recordings) == 6


def test_paths_start_at_the_manifests_own_folder_or_where_one_says(run: RunConfig, tmp_path: Path) -> None:
    manifest = Path(run.data.manifests[0])
    moved = tmp_path / "elsewhere" / "manifest.csv"
    moved.parent.mkdir()
    moved.write_text(manifest.read_text())
    for manifests, roots in (
        ((str(manifest),), ()),
        ((str(manifest),), ("",)),
        ((str(moved),), (str(tmp_path),)),
    ):
        assert len(gather(with_data(run, manifests=manifests, roots=roots), RATE, 2).recordings) == 8


def test_without_a_test_split_the_train_split_is_validated_on(run: RunConfig) -> None:
    manifest = Path(run.data.manifests[0])
    kept = [line for line in manifest.read_text().splitlines() if not line.endswith(",test")]
    manifest.write_text("\n".join(kept) + "\n")
    material = gather(run, RATE, 2)
    assert material.test.recordings == material.train.recordings


def test_dull_recordings_can_be_left_out_of_training_alone(run: RunConfig) -> None:
    manifest = Path(run.data.manifests[0])
    header, *rows = manifest.read_text().splitlines()
    flagged = [f"{row},{'low_bandwidth' if row.startswith('rain') else ''}" for row in rows]
    manifest.write_text("\n".join([f"{header},flags", *flagged]) + "\n")
    assert len(gather(run, RATE, 2).train.recordings) == 4
    material = gather(run, RATE, 2, low_bandwidth=False)
    assert {recording.scene for recording in material.train.recordings} == {"hum", "beep", "clock"}
    assert len(material.test.recordings) == 4


def test_the_cache_lies_below_the_run_unless_one_says_otherwise(run: RunConfig, tmp_path: Path) -> None:
    assert cache_folder(run) == tmp_path / "run" / "cache"
    assert cache_folder(with_data(run, cache=str(tmp_path / "shared"))) == tmp_path / "shared"


def test_a_run_without_manifests_is_refused(run: RunConfig) -> None:
    with pytest.raises(UsageError, match="check the manifest"):
        gather(with_data(run, manifests=()), RATE, 2)
