from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.configs import from_mapping
from engine.recipe import read_recipe
from engine.scene import Output, Scene
from engine.settings import Settings, save_settings
from tests.noise_model import Loader, make_noise_model, roomtone

RENDER = ["render", "rain on a tin roof", "--model", "noise", "--seconds", "1"]


@pytest.fixture(autouse=True)
def noise_folder(roomtone_home: Path) -> Path:
    return make_noise_model()


def the_clip(capsys: pytest.CaptureFixture[str]) -> Path:
    (line,) = capsys.readouterr().out.splitlines()
    return Path(line)


def test_a_render_prints_the_path_alone_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert roomtone(*RENDER) == 0
    told = capsys.readouterr()
    path = Path(told.out.rstrip("\n"))
    assert path.is_file()
    assert "denoising" in told.err
    assert "done in" in told.err
    info = soundfile.info(path)
    assert (info.samplerate, info.channels, info.subtype, info.frames) == (44_100, 2, "PCM_24", 44_100)


def test_quiet_says_nothing_but_the_path(capsys: pytest.CaptureFixture[str]) -> None:
    assert roomtone(*RENDER, "--quiet") == 0
    assert capsys.readouterr().err == ""


def test_json_tells_the_whole_scene_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert roomtone(*RENDER, "--json", "--seed", "7", "--avoid", "wind") == 0
    (line,) = capsys.readouterr().out.splitlines()
    facts = json.loads(line)
    scene = from_mapping(Scene, facts["scene"])
    asked = Scene("rain on a tin roof", "wind", seconds=1.0, seed=7, model="noise")
    assert scene == replace(asked, steps=6, guidance=2.0, sampler="euler")
    assert Path(facts["path"]).is_file()


def test_options_reach_scene_and_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = tmp_path / "clip.flac"
    options = ["--steps", "9", "--guidance", "4.5", "--sampler", "heun", "--guidance-rescale", "0.5"]
    output = ["--rate", "22050", "--bits", "16", "--lufs", "-30", "--out", str(clip)]
    assert roomtone(*RENDER, *options, *output) == 0
    assert the_clip(capsys) == clip
    recipe = read_recipe(clip)
    assert recipe.output == Output("flac", 22_050, "16", -30.0)
    scene = recipe.scene
    assert (scene.steps, scene.guidance, scene.sampler, scene.guidance_rescale) == (9, 4.5, "heun", 0.5)
    assert soundfile.info(clip).subtype == "PCM_16"


def test_a_seed_that_was_drawn_is_shown_and_gives_the_same_clip(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first.wav", tmp_path / "second.wav"
    assert roomtone(*RENDER, "--out", str(first)) == 0
    seed = capsys.readouterr().err.split("seed ")[1].split()[0]
    assert roomtone(*RENDER, "--out", str(second), "--seed", seed) == 0
    assert np.array_equal(soundfile.read(first)[0], soundfile.read(second)[0])


def test_variations_have_their_own_seeds_and_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert roomtone(*RENDER, "--variations", "3", "--seed", "4") == 0
    told = capsys.readouterr()
    clips = [Path(line) for line in told.out.splitlines()]
    assert [read_recipe(clip).scene.seed for clip in clips] == [4, 5, 6]
    assert "3 of 3" in told.err


def test_variations_in_one_file_are_numbered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert roomtone(*RENDER, "--variations", "2", "--out", str(tmp_path / "rain.wav")) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rain-1.wav", "rain-2.wav"]
    capsys.readouterr()
    assert roomtone(*RENDER, "--variations", "2", "--out", str(tmp_path / "rain.wav")) == 2
    assert "rain-1.wav is there already" in capsys.readouterr().err


def test_a_folder_is_made_and_gets_names_as_in_the_library(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert roomtone(*RENDER, "--out", f"{tmp_path}/new/v1.2/") == 0
    assert the_clip(capsys).parent == tmp_path / "new" / "v1.2"


def test_the_recipe_in_a_clip_makes_the_same_clip_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again = tmp_path / "first.wav", tmp_path / "again.wav"
    assert roomtone(*RENDER, "--rate", "22050", "--bits", "16", "--out", str(first)) == 0
    assert roomtone("render", "--recipe", str(first), "--out", str(again)) == 0
    assert soundfile.info(again).subtype == "PCM_16"
    assert np.array_equal(soundfile.read(first)[0], soundfile.read(again)[0])
    assert read_recipe(again).scene == read_recipe(first).scene


def test_options_beside_a_recipe_change_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = tmp_path / "first.wav"
    assert roomtone(*RENDER, "--seed", "3", "--out", str(first)) == 0
    capsys.readouterr()
    assert roomtone("render", "hail", "--recipe", str(first), "--seconds", "2", "--format", "flac") == 0
    scene = read_recipe(the_clip(capsys)).scene
    assert (scene.prompt, scene.seconds, scene.seed) == ("hail", 2.0, 3)


def test_a_recipe_whose_weights_have_changed_is_refused_unless_the_model_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = tmp_path / "first.wav"
    assert roomtone(*RENDER, "--out", str(first)) == 0
    make_noise_model(weights=b"pink")
    assert roomtone("render", "--recipe", str(first)) == 1
    assert "cannot be made again" in capsys.readouterr().err
    assert roomtone("render", "--recipe", str(first), "--model", "noise") == 0


def test_a_recipe_brings_its_device_precision_and_threads(tmp_path: Path) -> None:
    save_settings(Settings(threads=3))
    loader = Loader()
    clip = str(tmp_path / "clip.wav")
    assert roomtone(*RENDER, "--out", clip, loader=loader) == 0
    assert roomtone("render", "--recipe", clip, loader=loader) == 0
    assert roomtone("render", "--recipe", clip, "--device", "cuda", loader=loader) == 0
    assert loader.asked == [("noise", "auto", "auto"), ("noise", "cpu", "float32"), ("noise", "cuda", "auto")]
    assert loader.threads == [0, 3, 0]


def test_the_output_of_the_settings_holds_unless_an_option_says_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_settings(Settings(output=Output(bits="32f", rate=48_000)))
    assert roomtone(*RENDER) == 0
    assert soundfile.info(the_clip(capsys)).subtype == "FLOAT"
    assert roomtone(*RENDER, "--out", str(tmp_path / "clip.flac")) == 0
    assert soundfile.info(tmp_path / "clip.flac").subtype == "PCM_24"
