"""The recipe inside a file, and files that have none."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from engine.errors import EngineError
from engine.recipe import RECIPE_CHUNK, Recipe, from_json, read_recipe, read_recipe_and_sound, to_json
from engine.scene import Output, Scene
from engine.takes import write_take
from engine.wavechunks import WavFormat, write_wav
from tests.sounds import cut, noise

RECIPE = Recipe(
    scene=Scene(
        'regn på tälttak 雨 "quoted" \\ /',
        avoid="röster",
        seconds=0.6,
        seed=2**32 - 1,
        steps=8,
        guidance=3.5,
        guidance_rescale=0.25,
        sampler="heun",
    ),
    output=Output("wav", 48_000, "24", -20.5),
    model="mini",
    weight_hash="0123456789abcdef",
    created="2026-11-23T15:04:05+01:00",
    version="0.1.0",
    device="cpu",
    precision="bfloat16",
    category="RAINClth",
    clip="0123456789ab",
    parent="ba9876543210",
)


@pytest.mark.parametrize("output", [Output(rate=48_000), Output("flac"), Output(bits="32f")])
def test_a_file_gives_back_its_recipe(tmp_path: Path, output: Output) -> None:
    recipe = replace(RECIPE, output=output)
    take = write_take(cut(noise(0.6)), 44_100, recipe, None, tmp_path)
    assert read_recipe(take.path) == recipe
    assert read_recipe(str(take.path)) == recipe


def test_json_gives_back_every_field() -> None:
    text = to_json(RECIPE)
    assert from_json(text) == RECIPE
    assert text.isascii()
    assert "\n" not in text


def test_the_figures_stand_beside_the_recipe(tmp_path: Path) -> None:
    take = write_take(cut(noise(0.6)), 44_100, RECIPE, None, tmp_path)
    _, figures = read_recipe_and_sound(take.path)
    assert figures["lufs"] == pytest.approx(-20.5, abs=0.05)
    assert figures["samples"] == 28_800
    assert figures["channels"] == 2


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg"])
def test_a_file_of_another_program_has_no_recipe(tmp_path: Path, name: str) -> None:
    soundfile.write(tmp_path / name, noise(0.1), 44_100)
    with pytest.raises(EngineError, match="carries no recipe") as refused:
        read_recipe(tmp_path / name)
    assert str(tmp_path / name) in str(refused.value)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="There is no file"):
        read_recipe(tmp_path / "a.wav")
    with pytest.raises(EngineError, match="cannot be read"):
        read_recipe(tmp_path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"not json", "is damaged"),
        (b"[]", "is damaged"),
        (b'{"format":1}', "is damaged"),
        (b"[" * 100_000, "is damaged"),
        (b'{"format":1,"recipe":{}}', "'scene' is missing"),
        (b'{"format":1,"recipe":{"scene":{"prompt":"rain","sceonds":3}}}', "seconds"),
        (b'{"format":2,"recipe":{"version":"9.0","new":1}}', r"newer Roomtone \(9.0\)"),
    ],
)
def test_a_damaged_or_newer_recipe_is_refused_with_the_files_name(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "a.wav"
    with path.open("wb") as file:
        wav_format = WavFormat(44_100, 2, "24", 4410)
        write_wav(file, wav_format, [noise(0.1)], after=[(RECIPE_CHUNK, content)])
    with pytest.raises(EngineError, match=sentence) as refused:
        read_recipe(path)
    assert str(path) in str(refused.value)


def test_a_recipe_of_an_older_roomtone_gets_the_defaults_of_what_it_does_not_know() -> None:
    document = {"format": 1, "recipe": {"scene": {"prompt": "rain"}}}
    recipe = from_json(json.dumps(document))
    assert recipe == Recipe(Scene("rain"), clip=recipe.clip)


def test_a_recipe_from_before_clips_had_ids_always_gets_the_same_one() -> None:
    first, second = (json.dumps({"format": 1, "recipe": {"scene": {"prompt": text}}}) for text in ("a", "b"))
    assert from_json(first).clip == from_json(first).clip
    assert re.fullmatch("[0-9a-f]{12}", from_json(first).clip)
    assert from_json(first).clip != from_json(second).clip
