"""What may be asked for, and how it is refused."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.configs import from_mapping, to_mapping
from engine.errors import UsageError
from engine.scene import PROMPT_CHARACTERS, Output, Scene, morph_seconds


def test_a_scene_needs_no_more_than_a_prompt() -> None:
    scene = Scene("rain").checked()
    assert (scene.seconds, scene.seed, scene.steps, scene.guidance, scene.model) == (
        10.0,
        None,
        None,
        None,
        "mini",
    )


def test_blanks_around_the_prompt_are_trimmed() -> None:
    assert Scene("  rain \n", avoid=" music ").checked() == Scene("rain", avoid="music")


@pytest.mark.parametrize("prompt", ["", "   ", "\n", "!!!", "...", "\u200b"])
def test_a_prompt_without_a_word_is_refused(prompt: str) -> None:
    with pytest.raises(UsageError, match=r"^The prompt .*\.$"):
        Scene(prompt).checked()


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\t", "\n", "\x7f", "\x85", "\udcff", "\uffff"])
def test_control_characters_are_refused_in_prompt_and_avoid(character: str) -> None:
    with pytest.raises(UsageError, match="The prompt has a control character"):
        Scene(f"rain{character}wind").checked()
    with pytest.raises(UsageError, match="The text to avoid has a control character"):
        Scene("rain", avoid=f"a{character}b").checked()


def test_the_longest_prompt_is_taken_and_one_more_character_is_not() -> None:
    Scene("a" * PROMPT_CHARACTERS).checked()
    with pytest.raises(UsageError, match="2001 characters"):
        Scene("a" * (PROMPT_CHARACTERS + 1)).checked()
    with pytest.raises(UsageError, match="100000 characters") as refusal:
        Scene("a" * 100_000).checked()
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    "prompt", ["雨の音", "café à la pluie", "дождь", "rain 🌧 on tin", "a 'b' \"c\" \\ / %s {x}"]
)
def test_any_language_and_any_sign_is_taken(prompt: str) -> None:
    assert Scene(prompt).checked().prompt == prompt


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": 0.49},
        {"seconds": 600.1},
        {"seconds": float("nan")},
        {"seed": -1},
        {"seed": 2**32},
        {"steps": 0},
        {"steps": 201},
        {"guidance": -0.1},
        {"guidance": 20.5},
        {"guidance_rescale": 1.1},
        {"sampler": "ddpm"},
        {"model": " "},
    ],
)
def test_what_is_out_of_range_is_refused_in_one_sentence(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"^The [^\n]*[.?]$"):
        Scene("rain", **wrong).checked()


@pytest.mark.parametrize(
    "wrong",
    [{"format": "mp3"}, {"bits": "8"}, {"rate": 100}, {"lufs": 3.0}, {"format": "flac", "bits": "32f"}],
)
def test_a_file_that_cannot_be_written_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"^[^\n]*[.?]$"):
        Output(**wrong).checked()


@given(
    prompt=st.text(st.characters(blacklist_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=50),
    seconds=st.floats(0.5, 600),
    seed=st.none() | st.integers(0, 2**32 - 1),
    guidance=st.none() | st.floats(0, 20),
)
def test_a_scene_survives_a_mapping(
    prompt: str, seconds: float, seed: int | None, guidance: float | None
) -> None:
    scene = Scene(prompt, seconds=seconds, seed=seed, guidance=guidance)
    assert from_mapping(Scene, to_mapping(scene)) == scene


def test_a_scene_cannot_be_changed_under_anyones_feet() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Scene("rain").prompt = "wind"  # type: ignore[misc]


def test_the_prompts_of_a_morph_are_evenly_spaced_and_a_loop_comes_back() -> None:
    morph = Scene("dawn birds", morph=("midday insects", "thunder"), seconds=60.0)
    assert morph_seconds(morph) == ((0.0, "dawn birds"), (30.0, "midday insects"), (60.0, "thunder"))
    looped = morph_seconds(dataclasses.replace(morph, loop=True))
    assert looped[1:] == ((20.0, "midday insects"), (40.0, "thunder"), (60.0, "dawn birds"))
    assert morph_seconds(dataclasses.replace(morph, blend=0.5)) == morph_seconds(Scene("rain")) == ()


def test_what_is_wrong_with_a_morph_is_told_of_the_morph() -> None:
    for wrong in ("...", "x" * (PROMPT_CHARACTERS + 1), "rain\n"):
        with pytest.raises(UsageError, match=r"^A prompt of the morph has .*\.$"):
            Scene("rain", morph=("wind", wrong)).checked()
