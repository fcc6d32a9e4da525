"""Which models there are, and what is said when there is none of that name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import engine.catalogue
from engine.catalogue import broken_models, find_model, list_models, weight_hash
from engine.errors import EngineError, UsageError
from engine.model_index import ModelIndex, write_index


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROOMTONE_HOME", str(tmp_path))
    monkeypatch.setattr(engine.catalogue, "PACKAGED", tmp_path / "packaged")
    _model(tmp_path / "packaged" / "mini")
    return tmp_path


def test_packaged_models_come_first_and_then_the_users_own(home: Path) -> None:
    _model(home / "models" / "alpha")
    assert [entry.name for entry in list_models()] == ["mini", "alpha"]


def test_a_users_model_does_not_hide_the_packaged_one_of_its_name(home: Path) -> None:
    _model(home / "models" / "mini")
    assert find_model("mini").folder == home / "packaged" / "mini"


def test_a_model_is_found_by_its_folder(home: Path) -> None:
    folder = _model(home / "elsewhere" / "own")
    assert find_model(folder).folder == folder
    assert find_model(str(folder)).index.name == "own"


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="There is no model 'minni'; did you mean 'mini'"):
        find_model("minni")


@pytest.mark.parametrize("name", ["", "x" * 5000, "a\x00b", "../none", "/none/of/it"])
def test_a_name_that_cannot_be_a_model_is_a_question_of_usage(name: str) -> None:
    with pytest.raises(UsageError):
        find_model(name)


def test_a_folder_without_an_index_is_no_model(home: Path) -> None:
    with pytest.raises(UsageError, match="is not a model folder"):
        find_model(home)


def test_a_damaged_model_is_listed_as_such_and_spoils_no_other(home: Path) -> None:
    damaged = _model(home / "models" / "damaged")
    (damaged / "model_index.json").write_text("{")
    assert [entry.name for entry in list_models()] == ["mini"]
    assert [str(damaged) in str(error) for error in broken_models()] == [True]
    with pytest.raises(EngineError, match="is damaged"):
        find_model("damaged")


def test_no_models_at_all_is_an_empty_list(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(engine.catalogue, "PACKAGED", home / "nowhere")
    assert list_models() == []
    with pytest.raises(UsageError, match=r"There is no model 'mini'\.$"):
        find_model("mini")


def test_the_hash_is_of_names_and_bytes_and_of_nothing_else(home: Path) -> None:
    first, second = _model(home / "a"), _model(home / "b")
    assert weight_hash(first) == weight_hash(second)
    (second / "unet" / "config.json").write_text("{}")
    assert weight_hash(first) == weight_hash(second)
    (second / "unet" / "weights.safetensors").rename(second / "unet" / "other.safetensors")
    assert weight_hash(first) != weight_hash(second)


def test_the_hash_notices_a_changed_file_of_the_same_length(home: Path) -> None:
    folder = _model(home / "a")
    before = weight_hash(folder)
    path = folder / "unet" / "weights.safetensors"
    path.write_bytes(b"sthgiew")
    os.utime(path, ns=(1, 1))
    assert weight_hash(folder) != before
    assert len(before) == 16
    assert set(before) <= set("0123456789abcdef")


def test_a_folder_without_weights_has_no_hash(home: Path) -> None:
    with pytest.raises(EngineError, match="holds no weights"):
        weight_hash(home / "nowhere")


def _model(folder: Path) -> Path:
    (folder / "unet").mkdir(parents=True)
    (folder / "unet" / "weights.safetensors").write_bytes(b"weights")
    write_index(folder, ModelIndex(folder.name))
    return folder
