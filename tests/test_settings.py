"""Settings and the folders they live in."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import EngineError, UsageError
from engine.scene import Output
from engine.settings import Settings, folders, load_settings, make_folder, save_settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROOMTONE_HOME", str(tmp_path))
    return tmp_path


def test_without_a_file_the_defaults_hold() -> None:
    assert load_settings() == Settings()


def test_every_folder_is_below_roomtone_home(home: Path) -> None:
    for folder in vars(folders()).values():
        assert folder.is_relative_to(home)


def test_without_roomtone_home_the_folders_are_absolute_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROOMTONE_HOME")
    places = list(vars(folders()).values())
    assert all(place.is_absolute() for place in places)
    assert len(set(places)) == len(places)


def test_what_is_saved_is_loaded(home: Path) -> None:
    settings = Settings(library=str(home / "x"), device="cuda:1", threads=2, output=Output(rate=48_000))
    save_settings(settings)
    assert load_settings() == settings
    assert load_settings().library_folder == home / "x"
    assert load_settings().models_folder == home / "models"


def test_a_wrong_key_in_the_file_is_named_with_the_file(home: Path) -> None:
    (home / "settings.toml").write_text("[output]\nrates = 3\n")
    with pytest.raises(UsageError, match=r"settings\.toml: output: .*did you mean 'rate'"):
        load_settings()


def test_a_value_out_of_range_in_the_file_is_named_with_the_file(home: Path) -> None:
    (home / "settings.toml").write_text("[output]\nrate = 3\n")
    with pytest.raises(UsageError, match=r"settings\.toml: The rate is 3"):
        load_settings()


@pytest.mark.parametrize(
    "wrong",
    [
        Settings(device="gpu"),
        Settings(precision="int8"),
        Settings(threads=-1),
        Settings(creator="a b"),
        Settings(creator=""),
        Settings(output=Output(bits="8")),
    ],
)
def test_wrong_settings_are_never_saved(wrong: Settings, home: Path) -> None:
    with pytest.raises(UsageError):
        save_settings(wrong)
    assert list(home.iterdir()) == []


def test_a_folder_is_made_or_the_reason_is_said(home: Path) -> None:
    assert make_folder(home / "a" / "b").is_dir()
    (home / "file").touch()
    with pytest.raises(EngineError, match="cannot be made"):
        make_folder(home / "file" / "b")
