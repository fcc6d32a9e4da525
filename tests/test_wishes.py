"""The scene options together: layers, morphs, clips to start from, and what they may not be together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.commands.parser import parse
from engine.commands.wishes import output_for, scene_wished
from engine.errors import EngineError, UsageError
from engine.layer import Layer
from engine.recipe import Recipe, read_recipe
from engine.scene import Output, Scene
from tests.noise_model import RATE, make_noise_model, roomtone
from tests.sounds import noise


@pytest.fixture(autouse=True)
def _model() -> None:
    make_noise_model()


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.wav"
    soundfile.write(path, noise(2.0, 16_000), 16_000, "PCM_16")
    return path


def scene(*words: str, recipe: Recipe | None = None) -> Scene:
    return scene_wished(parse(["render", *words]), recipe)


def test_layers_come_from_options_and_from_lines() -> None:
    expected = (Layer("rain"), Layer("thunder", -9, distance=0.7), Layer("owl", -15, -0.6))
    assert scene("rain", "--layer", "thunder -9 dB distant", "--layer", "owl -15 dB left").layers == expected
    assert scene("rain 0 dB\nthunder -9 dB distant\n\nowl -15 dB left\n").layers == expected
    assert scene("--layer", "rain", "--layer", "wind").prompt == "rain, wind"
    assert scene("a hum of 40 dB in a hall").layers == ()


def test_a_morph_has_its_first_prompt_from_wherever_it_stands() -> None:
    for words in (
        ["dawn birds", "--morph", "insects", "thunder"],
        ["--morph", "dawn birds", "insects", "thunder"],
    ):
        wanted = scene(*words)
        assert (wanted.prompt, wanted.morph) == ("dawn birds", ("insects", "thunder"))
    assert scene("rain", "--morph", "wind", "--blend", "0.3").blend == 0.3


def test_a_clip_that_is_extended_without_a_length_becomes_ten_seconds_longer(clip: Path) -> None:
    assert scene("rain", "--extend", str(clip)).seconds == 12.0
    assert scene("rain", "--extend", str(clip), "--seconds", "5").seconds == 5.0
    assert scene("rain", "--extend", str(clip), "--bars", "4", "--bpm", "120").seconds == 8.0


def test_a_clip_of_ours_says_its_prompt_by_itself_and_another_does_not(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.wav"
    assert roomtone("render", "a brook", "--seconds", "1", "--model", "noise", "--out", str(own)) == 0
    assert scene("--from", str(own)).prompt == "a brook"
    assert scene("a river", "--from", str(own)).prompt == "a river"
    with pytest.raises(UsageError, match="give a prompt"):
        scene("--from", str(clip))
    with pytest.raises(EngineError, match="no sound file"):
        scene("--from", str(tmp_path / "none.wav"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["rain", "--from", "a.wav", "--extend", "b.wav"], "one clip to start from"),
        (["rain", "--seconds", "3", "--bars", "4", "--bpm", "100"], "not in both"),
        (["rain", "--draft", "--steps", "8"], "either --draft or --steps"),
        (["rain", "--inpaint", "a.wav", "--range", "5-3"], "shorter than"),
        (["rain", "--width", "2"], "width is 2"),
        (["rain", "--best-of", "99"], "number of candidates is 99"),
        (["rain", "--layer", "owl -3 dB up"], "'up' is not known"),
        (["rain", "--range", "1-2"], "--range goes with --inpaint"),
        (["rain", "--strength", "0.2"], "--strength goes with --from"),
        (["rain", "--at", "start"], "--at goes with --extend"),
        (["rain", "--blend", "0.2"], "--blend goes with --morph"),
        ([], "Say what shall be heard"),
    ],
)
def test_wishes_that_cannot_be_are_refused(words: list[str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        scene(*words)


def test_a_draft_is_two_steps() -> None:
    assert (scene("rain").steps, scene("rain", "--draft").steps) == (None, 2)


def test_seconds_do_away_with_the_bars_of_a_recipe() -> None:
    recipe = Recipe(Scene("rain", bars=4, bpm=120).checked())
    assert scene("--seconds", "3", recipe=recipe).seconds == 3.0
    assert scene(recipe=recipe).seconds == 8.0


def test_a_clip_that_is_kept_keeps_its_rate_and_bits(clip: Path) -> None:
    kept = scene("rain", "--inpaint", str(clip), "--range", "0.5-1")
    assert output_for(kept, {}, Output()) == Output(rate=16_000, bits="16")
    assert output_for(kept, {"rate": "48000"}, Output(rate=48_000)).rate == 48_000
    assert output_for(scene("rain", "--from", str(clip)), {}, Output()) == Output()


def test_an_inpainted_file_is_the_old_one_but_for_the_range(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = tmp_path / "new.wav"
    words = ["--inpaint", str(clip), "--range", "0.5-1", "--model", "noise", "--out", str(new)]
    assert roomtone("render", "rain", *words) == 0
    before, after = (soundfile.read(path, dtype="int16")[0] for path in (clip, new))
    assert np.array_equal(before[:8_000], after[:8_000])
    assert np.array_equal(before[16_000:], after[16_000:])
    assert not np.array_equal(before[8_000:16_000], after[8_000:16_000])
    made = read_recipe(new).scene
    assert (made.source, made.change, made.part, made.seconds) == (str(clip), "inpaint", "0.5-1", 2.0)
    assert RATE != 16_000


def test_a_clip_made_from_a_take_knows_its_parent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tmp_path / "first.wav", tmp_path / "second.wav"
    assert roomtone("render", "rain", "--seconds", "1", "--model", "noise", "--out", str(first)) == 0
    assert roomtone("render", "--from", str(first), "--model", "noise", "--out", str(second)) == 0
    assert read_recipe(second).parent == read_recipe(first).clip != ""
