"""Stems on the command line: files beside the mix, as long as it, that add up to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.__main__ import main
from engine.commands.stems import stem_targets
from engine.errors import UsageError
from engine.layer import Layer
from engine.mastering import mastered
from engine.scene import Output, Scene
from tests.noise_model import make_noise_model, roomtone
from tests.sounds import noise


def test_a_fixed_gain_takes_the_place_of_the_loudness(tmp_path: Path) -> None:
    wave = noise(1.0, level=0.01)
    wave -= wave.mean(axis=0)

    def blocks() -> Iterator[np.ndarray]:
        yield wave

    with mastered(blocks(), 44_100, Output(gain_db=6.0), 1.0, tmp_path) as master:
        made = np.concatenate(list(master.blocks()))
    assert np.allclose(made[1_000:-1_000], wave[1_000:-1_000] * 10 ** (6 / 20), atol=1e-6)
    assert master.sound.gain_db == 6.0


@pytest.mark.slow
def test_the_files_of_the_stems_add_up_to_the_file_of_the_mix(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from engine.models import store

    store.save(store.create("tiny", 0), tmp_path / "tiny")
    mix = tmp_path / "forest.wav"
    words = [
        "rain",
        "--layer",
        "thunder -9 dB distant",
        "--layer",
        "owl -6 dB left",
        "--stems",
        "--bits",
        "32f",
    ]
    options = ["--model", str(tmp_path / "tiny"), "--seconds", "1", "--rate", "11025", "--out", str(mix)]
    assert main(["render", *words, *options]) == 0
    paths = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert [path.name for path in paths] == [
        "forest.wav",
        "forest-1-rain.wav",
        "forest-2-thunder.wav",
        "forest-3-owl.wav",
    ]
    whole, *parts = (soundfile.read(path, dtype="float32")[0] for path in paths)
    assert np.abs(sum(parts) - whole).max() < 1e-5 * np.abs(whole).max()


def test_stems_go_beside_their_mix_and_overwrite_nothing(tmp_path: Path) -> None:
    scene = Scene("forest", layers=(Layer("rain on a Tin roof!"), Layer("雨")))
    files = stem_targets(scene, tmp_path / "a.flac")
    assert [file and file.name for file in files] == ["a-1-rain-on-a-tin-roof.flac", "a-2-layer.flac"]
    assert stem_targets(scene, tmp_path) == [tmp_path] * 2
    assert stem_targets(scene, None) == [None] * 2
    (tmp_path / "a-1-rain-on-a-tin-roof.flac").touch()
    with pytest.raises(UsageError, match="never overwritten"):
        stem_targets(scene, tmp_path / "a.flac")


def test_a_mix_with_a_width_has_no_stems() -> None:
    with pytest.raises(UsageError, match="leave the width out"):
        stem_targets(Scene("forest", layers=(Layer("rain"),), width=0.5), None)


def test_a_scene_without_layers_has_no_stems(capsys: pytest.CaptureFixture[str]) -> None:
    make_noise_model()
    assert roomtone("render", "rain", "--stems", "--model", "noise") == 2
    assert "no layers" in capsys.readouterr().err
