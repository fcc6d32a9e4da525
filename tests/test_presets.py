"""Presets: the factory's are all valid, the user's own are kept, wrong ones are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import EngineError, UsageError
from engine.presets import (
    FACTORY,
    Preset,
    broken_presets,
    delete_preset,
    find_preset,
    list_presets,
    read_preset,
    save_preset,
)
from engine.scene import Scene

FAMILIES = {
    *("weather", "water", "forest", "night", "city", "interior", "transport"),
    *("industry", "crowd", "fire", "sci-fi", "horror", "tonal", "paintings"),
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROOMTONE_HOME", str(tmp_path))
    return tmp_path


def test_every_factory_preset_is_valid_and_every_family_has_one() -> None:
    factory = list_presets()
    assert broken_presets() == []
    assert all(preset.factory for preset in factory)
    assert len(factory) >= 60
    assert {preset.family for preset in factory} >= FAMILIES
    assert len({preset.key for preset in factory}) == len(factory)
    assert len({preset.scene.prompt for preset in factory}) == len(factory)


def test_factory_presets_leave_the_models_defaults_alone() -> None:
    for preset in list_presets():
        scene = preset.scene
        assert (scene.seed, scene.steps, scene.guidance, scene.model) == (None, None, None, "mini")


def test_a_preset_is_found_by_key_by_name_and_by_file() -> None:
    rain = find_preset("weather/rain-on-canvas-tent")
    assert rain == find_preset("rain-on-canvas-tent") == find_preset(str(rain.path))
    assert rain.title == "Rain on canvas tent"
    assert rain.path.is_relative_to(FACTORY)


def test_an_unknown_preset_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'fire/campfire'"):
        find_preset("fire/camp-fire")


def test_a_saved_preset_is_listed_after_the_factorys_and_found(home: Path) -> None:
    scene = Scene('rain on "tin" \\ roof', avoid="ü", seconds=12.5, seed=2**32 - 1, guidance=2.0)
    saved = save_preset("My Rain/über-tin", scene)
    assert saved == Preset("My Rain", "über-tin", scene, home / "presets" / "My Rain" / "über-tin.toml")
    assert list_presets()[-1] == saved
    assert find_preset("über-tin") == saved


def test_the_users_own_goes_before_the_factorys_of_the_same_key() -> None:
    save_preset("fire/campfire", Scene("my own fire"))
    assert find_preset("fire/campfire").scene.prompt == "my own fire"


def test_a_name_that_two_families_share_must_be_said_in_full() -> None:
    save_preset("a/same", Scene("rain"))
    save_preset("b/same", Scene("wind"))
    with pytest.raises(UsageError, match="a/same or b/same"):
        find_preset("same")
    assert find_preset("b/same").scene.prompt == "wind"


def test_a_preset_is_replaced_only_when_that_is_said() -> None:
    save_preset("mine", Scene("rain"))
    with pytest.raises(UsageError, match="already"):
        save_preset("mine", Scene("wind"))
    assert save_preset("mine", Scene("wind"), replace=True).scene.prompt == "wind"


@pytest.mark.parametrize(
    "name",
    ["", " ", "..", "../x", "/x", "a/b/c", "a\\b", "a:b", "con", "a/NUL", ".x", "a.b", "x" * 65, "a\x00"],
)
def test_a_name_that_no_file_system_could_carry_is_refused(name: str, home: Path) -> None:
    with pytest.raises(UsageError, match="cannot be a preset's name"):
        save_preset(name, Scene("rain"))
    assert list(home.iterdir()) == []


def test_a_scene_that_cannot_be_rendered_is_not_saved(home: Path) -> None:
    with pytest.raises(UsageError, match="length"):
        save_preset("mine", Scene("rain", seconds=0.1))
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("prompt = ", "not valid TOML"),
        ("", "'prompt' is missing"),
        ("prompt = 'x'\nsecond = 3", "did you mean 'seconds'"),
        ("prompt = 'x'\nseconds = 3000", "The length is 3000"),
    ],
)
def test_a_wrong_file_is_named_and_spoils_no_other(home: Path, content: str, words: str) -> None:
    path = home / "presets" / "wrong.toml"
    path.parent.mkdir()
    path.write_text(content)
    before = len(list_presets())
    save_preset("right", Scene("rain"))
    assert len(list_presets()) == before + 1
    [error] = broken_presets()
    assert str(path) in str(error)
    assert words in str(error)
    with pytest.raises(EngineError, match=words):
        read_preset(path)


def test_a_users_preset_can_be_deleted_and_a_factory_preset_cannot() -> None:
    mine = save_preset("mine", Scene("rain"))
    delete_preset(mine)
    assert not mine.path.exists()
    campfire = find_preset("campfire")
    with pytest.raises(UsageError, match="comes with Roomtone"):
        delete_preset(campfire)
    assert campfire.path.exists()
