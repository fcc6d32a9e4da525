"""What one does with presets: nothing is lost by a rename, a deletion or a foreign bank."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from engine.errors import UsageError
from engine.preset_bank import (
    duplicate_preset,
    export_bank,
    export_preset,
    import_presets,
    presets_stamp,
    rename_preset,
    restore_preset,
    star_preset,
    starred_presets,
    trash_preset,
)
from engine.presets import find_preset, list_presets, save_preset
from engine.scene import Scene
from engine.settings import folders

RAIN = Scene("rain on tin", avoid="music", seconds=12.0, loop=True, bars=4.0, bpm=80.0)


def test_a_renamed_preset_keeps_its_scene_and_its_star() -> None:
    mine = save_preset("wet/tin", RAIN)
    star_preset(mine, True)
    renamed = rename_preset(mine, "dry/roof")
    assert renamed.scene == mine.scene
    assert starred_presets() == {"dry/roof"}
    assert not mine.path.exists()


def test_a_rename_never_covers_another_preset() -> None:
    mine, other = save_preset("mine", RAIN), save_preset("other", Scene("wind"))
    with pytest.raises(UsageError, match="already"):
        rename_preset(mine, "other")
    assert find_preset("other").scene == other.scene


def test_a_factory_preset_is_neither_renamed_nor_deleted() -> None:
    campfire = find_preset("fire/campfire")
    with pytest.raises(UsageError, match="duplicate it first"):
        rename_preset(campfire, "mine")
    with pytest.raises(UsageError, match="cannot be deleted"):
        trash_preset(campfire)


def test_copies_get_names_of_their_own() -> None:
    campfire = find_preset("fire/campfire")
    once, twice = duplicate_preset(campfire), duplicate_preset(campfire)
    assert [once.key, twice.key] == ["fire/campfire copy", "fire/campfire copy 2"]
    assert once.scene == twice.scene == campfire.scene
    assert not once.factory


def test_a_deleted_preset_comes_back_as_it_was() -> None:
    mine = save_preset("wet/tin", RAIN)
    mine.path.write_bytes(b"# my own remark\n" + mine.path.read_bytes())
    star_preset(mine, True)
    before = mine.path.read_bytes()
    deleted = trash_preset(mine)
    assert not mine.path.exists()
    assert starred_presets() == frozenset()
    assert restore_preset(deleted) == mine
    assert mine.path.read_bytes() == before
    assert starred_presets() == {"wet/tin"}


def test_taking_back_never_covers_what_came_since() -> None:
    deleted = trash_preset(save_preset("mine", RAIN))
    save_preset("mine", Scene("wind"))
    with pytest.raises(UsageError, match="another preset"):
        restore_preset(deleted)
    assert find_preset("mine").scene.prompt == "wind"


def test_a_list_of_stars_that_is_damaged_counts_as_empty_and_is_written_anew() -> None:
    path = folders().state / "starred-presets.json"
    path.parent.mkdir(parents=True)
    path.write_text("{")
    assert starred_presets() == frozenset()
    star_preset(find_preset("campfire"), True)
    assert starred_presets() == {"fire/campfire"}


def test_a_preset_goes_out_as_a_file_and_comes_in_again(tmp_path: Path) -> None:
    path = export_preset(save_preset("wet/tin", RAIN), tmp_path / "tin roof")
    assert path.name == "tin roof.toml"
    [preset] = import_presets(path).presets
    assert (preset.key, preset.scene) == ("tin roof", RAIN.checked())


def test_a_whole_bank_goes_out_and_comes_in_again(tmp_path: Path) -> None:
    before = {preset.key: preset.scene for preset in list_presets()}
    assert export_bank(list_presets(), tmp_path / "bank.zip") == len(before)
    imported = import_presets(tmp_path / "bank.zip")
    assert imported.refused == ()
    assert {preset.key: preset.scene for preset in imported.presets} == before
    assert not any(preset.factory for preset in imported.presets)


def test_one_wrong_preset_in_a_bank_spoils_no_other_and_none_leads_out_of_the_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bank.zip", "w") as bank:
        bank.writestr("wet/right.toml", "prompt = 'rain'")
        bank.writestr("wet/wrong.toml", "prompt = ")
        bank.writestr("../../evil.toml", "prompt = 'rain'")
        bank.writestr("readme.txt", "hello")
    imported = import_presets(tmp_path / "bank.zip")
    assert [preset.key for preset in imported.presets] == ["wet/right"]
    assert len(imported.refused) == 2
    assert not [*tmp_path.rglob("evil*")]


@pytest.mark.parametrize("content", [b"no zip at all", b""])
def test_what_is_no_bank_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bank.zip").write_bytes(content)
    with pytest.raises(UsageError, match="not a bank"):
        import_presets(tmp_path / "bank.zip")


def test_a_preset_changed_on_disk_is_noticed() -> None:
    first = presets_stamp()
    mine = save_preset("mine", RAIN)
    second = presets_stamp()
    os.utime(mine.path, ns=(1, 1))
    third = presets_stamp()
    mine.path.unlink()
    assert len({first, second, third}) == 3
    assert presets_stamp() == first
