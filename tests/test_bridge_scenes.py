"""Scenes as JSON: whatever comes is a scene or is refused with a sentence."""

from __future__ import annotations

import contextlib
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.browsing import scene_json
from bridge.desk import Tempo
from bridge.rendering import read_scene
from engine.errors import UsageError
from engine.scene import Scene

PATIENT = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
NAMES = [field.name for field in fields(Scene)]
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.text(max_size=30),
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
SCENES = st.dictionaries(st.sampled_from([*NAMES, "promt", ""]), VALUES, max_size=6)
TEMPO = Tempo(120.0, 7, 8)


@settings(PATIENT, max_examples=150)
@given(SCENES, st.booleans())
def test_any_object_is_a_scene_or_is_refused(fields_of_it: dict[str, Any], prompted: bool) -> None:
    text = json.dumps({**fields_of_it, "prompt": "rain"} if prompted else fields_of_it)
    with contextlib.suppress(UsageError):
        assert read_scene(text, TEMPO) == read_scene(text, TEMPO).checked()


@PATIENT
@given(st.text(max_size=200))
def test_any_text_is_a_scene_or_is_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        read_scene(text, TEMPO)


def test_a_scene_is_read_as_it_is_told() -> None:
    scene = Scene(
        "rain", avoid="voices", seconds=3.5, bpm=97.5, loop=True, seed=2**32 - 1, guidance=2.5
    ).checked()
    assert read_scene(scene_json(scene), TEMPO) == scene


def test_only_a_regular_file_of_sound_is_a_source(tmp_path: Path) -> None:
    sound, secret, link = tmp_path / "a.wav", tmp_path / "secret.txt", tmp_path / "link.wav"
    sound.write_bytes(b"RIFF")
    secret.write_text("secret")
    link.symlink_to(secret)
    (tmp_path / "folder.wav").mkdir()
    assert read_scene(json.dumps({"prompt": "rain", "source": str(sound)}), TEMPO).source == str(sound)
    for wrong in (
        secret,
        link,
        tmp_path / "folder.wav",
        tmp_path / "none.wav",
        "a.wav",
        "/dev/zero",
        "\0.wav",
    ):
        with pytest.raises(UsageError, match="no file of sound"):
            read_scene(json.dumps({"prompt": "rain", "source": str(wrong)}), TEMPO)


def test_a_model_is_called_by_name_and_no_folder_is_opened() -> None:
    for model in ("/etc", "../x", "a\\b", "~/models/x"):
        with pytest.raises(UsageError, match="a folder is not opened"):
            read_scene(json.dumps({"prompt": "rain", "model": model}), TEMPO)
