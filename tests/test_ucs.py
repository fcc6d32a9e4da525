"""Categories chosen from prompts, and short names."""

from __future__ import annotations

import re

import pytest

from engine.ucs import CATEGORIES, ascii_text, by_id, choose, fx_name


@pytest.mark.parametrize(
    ("prompt", "cat_id"),
    [
        ("steady rain on a canvas tent, distant thunder", "RAINClth"),
        ("rain", "RAIN"),
        ("Heavy RAINFALL at night", "RAIN"),
        ("rain drops tapping on a window, heard from indoors", "RAINGlas"),
        ("rain on a tin roof", "RAINMetl"),
        ("rain on leaves in a garden", "RAINVege"),
        ("rain heard from inside a cabin", "RAINInt"),
        ("rain with thunder", "STORM"),
        ("distant thunder", "THUN"),
        ("hail on a car", "HAIL"),
        ("ocean waves", "WATRWave"),
        ("surf on a sandy beach", "WATRSurf"),
        ("a small stream in the forest", "WATRFlow"),
        ("roaring waterfall", "WATRFall"),
        ("dripping water in a cave", "WATRDrip"),
        ("wind in the trees", "WINDVege"),
        ("howling wind", "WINDTonl"),
        ("soft wind", "WIND"),
        ("crackling campfire with crickets", "FIRECrkl"),
        ("birds singing", "BIRDSong"),
        ("forest with birdsong in spring", "AMBForst"),
        ("seagulls over a harbour", "BIRDSea"),
        ("busy city street with trams", "AMBUrbn"),
        ("highway traffic", "AMBTraf"),
        ("crowded restaurant", "AMBRest"),
        ("a library, people whispering", "AMBPubl"),
        ("empty room tone", "AMBRoom"),
        ("inside a night train", "TRNInt"),
        ("subway train arriving", "TRNSbwy"),
        ("airplane cabin, steady", "AEROInt"),
        ("factory hall with machines", "AMBInd"),
        ("air conditioner humming", "MACHHvac"),
        ("ticking clock", "CLOCKTick"),
        ("spaceship engine room", "SCIShip"),
        ("dark drone", "DSGNDron"),
        ("crickets on a summer night", "AMBRurl"),
        ("frogs in a pond", "ANMLAmph"),
        ("murmuring crowd", "CRWDWalla"),
    ],
)
def test_a_prompt_finds_its_category(prompt: str, cat_id: str) -> None:
    assert choose(prompt).cat_id == cat_id


@pytest.mark.parametrize("prompt", ["", "雨が降る", "xyzzy", "!!!", "a the of"])
def test_a_prompt_without_a_known_word_is_ambience(prompt: str) -> None:
    assert choose(prompt).cat_id == "AMBMisc"


def test_only_whole_words_count() -> None:
    assert choose("training").cat_id == "AMBMisc"  # not rain
    assert choose("a busy place").cat_id == "AMBMisc"  # not bus
    assert choose("winding path").cat_id != "WINDGust"
    assert choose("scarf").cat_id == "AMBMisc"  # not car


def test_what_comes_after_a_comma_is_in_the_background() -> None:
    assert choose("rain, distant traffic").cat_id == "RAIN"
    assert choose("traffic, distant rain").cat_id == "AMBTraf"


def test_every_word_of_the_table_finds_a_category_with_that_word() -> None:
    for category in CATEGORIES.values():
        found = choose(f"{category.category} {category.subcategory}")
        assert found.cat_id in CATEGORIES


def test_the_table_is_of_the_form_that_the_category_system_wants() -> None:
    assert len(CATEGORIES) > 120
    for cat_id, category in CATEGORIES.items():
        assert cat_id == category.cat_id
        assert re.fullmatch(r"[A-Z]{3,5}([A-Z][a-z]+)?", cat_id), cat_id
        assert category.category.isupper()
        assert category.subcategory.isupper()
    # One category, one prefix: as in RAINClth and RAINMetl. Weather alone has a prefix for each of its kinds.
    prefixes: dict[str, set[str]] = {}
    for cat_id, category in CATEGORIES.items():
        if category.category != "WEATHER":
            prefixes.setdefault(category.category, set()).add(re.sub(r"[A-Z][a-z]+$", "", cat_id))
    assert {name: found for name, found in prefixes.items() if len(found) != 1} == {}


def test_a_category_is_found_by_its_id() -> None:
    assert by_id("RAINClth").full == "RAIN-CLOTH"
    with pytest.raises(KeyError):
        by_id("RAINNone")


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("steady rain on a canvas tent, distant thunder", "SteadyRainOnCanvasTent"),
        ("rain, distant thunder", "RainDistantThunder"),
        ("rain", "Rain"),
        ("Regen über den Dächern", "RegenUberDenDachern"),
        ("the cat's purr", "CatsPurr"),
        ("747 cabin", "747Cabin"),
        ("a very long description of one single sound that never ends", "VeryLongDescriptionOfOneSingle"),
        ("雨が降る", "Ambience"),
        ("a", "a"),
        ("x" * 200, "x" * 32),
    ],
)
def test_the_name_of_a_file_is_short_and_says_what_it_is(prompt: str, name: str) -> None:
    assert fx_name(prompt) == name


def test_text_in_ascii_keeps_what_has_a_latin_letter() -> None:
    assert ascii_text("Ærø café Straße Łódź 雨") == "AEro cafe Strasse Lodz ".replace("AE", "Ae")
