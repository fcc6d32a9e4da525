"""File names that every system takes."""

from __future__ import annotations

import pytest

from engine.errors import UsageError
from engine.naming import LONGEST_STEM, Naming, safe_stem
from engine.recipe import Recipe
from engine.scene import Scene
from engine.settings import Settings

RECIPE = Recipe(
    Scene("rain on a tin roof", seed=7),
    model="mini",
    created="2026-11-23T15:00:00+01:00",
    category="RAINMetl",
)


def test_a_name_follows_the_category_system() -> None:
    assert Naming().stem(RECIPE) == "RAINMetl_RainOnTinRoof_RMTN_Roomtone"
    assert Naming(creator="ABC", source="Film").stem(RECIPE) == "RAINMetl_RainOnTinRoof_ABC_Film"


@pytest.mark.parametrize(
    ("template", "first", "second"),
    [
        ("{category}_{name}", "RAINMetl_RainOnTinRoof", "RAINMetl_RainOnTinRoof02"),
        ("{name}_{number}_{seed}", "RainOnTinRoof_01_7", "RainOnTinRoof_02_7"),
        ("{date} {model}", "2026-11-23 mini", "2026-11-23 mini_02"),
    ],
)
def test_every_number_gives_another_name(template: str, first: str, second: str) -> None:
    naming = Naming(template).checked()
    assert naming.stem(RECIPE, 1) == first
    assert naming.stem(RECIPE, 2) == second


@pytest.mark.parametrize(
    "template", ["", "clip", "{nmae}", "{name", "}", "{name}/{seed}", "..\\{name}", "{}"]
)
def test_a_template_that_cannot_work_is_refused(template: str) -> None:
    with pytest.raises(UsageError):
        Naming(template).checked()


def test_a_misspelt_field_is_told_the_right_one() -> None:
    with pytest.raises(UsageError, match="did you mean 'category'"):
        Naming("{catgory}_{name}").checked()


def test_a_template_cannot_look_into_the_program() -> None:
    with pytest.raises(UsageError):
        Naming("{name.__class__}").checked()
    with pytest.raises(UsageError):
        Naming("{name:>{seed}}").checked()


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ('a<b>c:d"e/f\\g|h?i*j\0k\n', "abcdefghijk"),
        ("  dots and blanks. . ", "dots and blanks"),
        ("CON", "_CON"),
        ("nul.rain", "_nul.rain"),
        ("COM1", "_COM1"),
        ("Å", "A"),
        ("雨", "Take"),
        ("", "Take"),
        ("...", "Take"),
        ("x" * 500, "x" * LONGEST_STEM),
    ],
)
def test_a_name_is_safe_on_every_system(text: str, safe: str) -> None:
    assert safe_stem(text) == safe


def test_all_parts_of_a_name_are_settings() -> None:
    settings = Settings(creator="ABC", source="Film", file_name="{source}-{category}-{name}").checked()
    naming = Naming(settings.file_name, settings.creator, settings.source)
    assert naming.stem(RECIPE) == "Film-RAINMetl-RainOnTinRoof"
    for wrong in ({"file_name": "{nmae}"}, {"file_name": "a/b"}, {"source": "a b"}, {"creator": "x" * 17}):
        with pytest.raises(UsageError):
            Settings(**wrong).checked()
