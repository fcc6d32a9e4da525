"""Model folders: out and in again bit for bit, refused with the file's name when damaged, never executed."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.errors import EngineError, UsageError
from engine.models import store
from engine.models.sizes import SIZES
from engine.models.store import KINDS, PART_NAMES, Model


@pytest.fixture(scope="module")
def model() -> Model:
    return store.create("tiny", 3)


@pytest.fixture
def folder(model: Model, tmp_path: Path) -> Path:
    store.save(model, tmp_path / "model")
    return tmp_path / "model"


def weights(model: Model) -> dict[str, torch.Tensor]:
    return {
        f"{name}.{key}": tensor
        for name, network in model.networks().items()
        for key, tensor in network.state_dict().items()
    }


def test_every_size_can_be_asked_for_and_no_other() -> None:
    assert set(SIZES) == {"mini", "full", "tiny"}
    with pytest.raises(UsageError, match="no model size 'large'; choose one of mini, full, tiny"):
        store.create("large", 0)


def test_a_seed_gives_the_same_weights_and_leaves_other_random_numbers_alone(model: Model) -> None:
    torch.manual_seed(1)
    expected = torch.rand(2)
    torch.manual_seed(1)
    again, other = store.create("tiny", 3), store.create("tiny", 4)
    assert torch.equal(torch.rand(2), expected)
    assert all(torch.equal(tensor, weights(again)[name]) for name, tensor in weights(model).items())
    assert not torch.equal(
        weights(other)["unet.unet.conv_in.weight"], weights(model)["unet.unet.conv_in.weight"]
    )


def test_the_index_says_what_the_model_is(model: Model) -> None:
    assert (model.index.sample_rate, model.index.channels, model.index.size) == (8000, 2, "custom")
    assert set(model.index.parts) == set(PART_NAMES) == set(KINDS)


def test_a_folder_comes_back_as_the_rounded_weights_bit_for_bit(model: Model, folder: Path) -> None:
    loaded = weights(store.load(folder))
    assert set(loaded) == set(weights(model))
    parameters = {
        f"{n}.{k}" for n, network in model.networks().items() for k, _ in network.named_parameters()
    }
    for name, tensor in weights(model).items():
        assert loaded[name].dtype == tensor.dtype
        assert torch.equal(loaded[name], tensor.half().float() if name in parameters else tensor)


def test_what_was_loaded_is_saved_as_the_very_same_files(folder: Path, tmp_path: Path) -> None:
    store.save(store.load(folder), tmp_path / "again")
    files = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    again = {
        path.relative_to(tmp_path / "again"): path
        for path in (tmp_path / "again").rglob("*")
        if path.is_file()
    }
    assert set(files) == set(again)
    assert all(again[name].read_bytes() == content for name, content in files.items())


def test_measured_figures_are_kept_in_full_precision(model: Model, tmp_path: Path) -> None:
    model.vae.latent_std.fill_(1 / 3)
    store.save(model, tmp_path / "model")
    assert torch.equal(store.load(tmp_path / "model").vae.latent_std, model.vae.latent_std)


def test_configs_come_back_as_they_were(model: Model, folder: Path) -> None:
    loaded = store.load(folder)
    for name in PART_NAMES:
        assert getattr(loaded, name).config == getattr(model, name).config
        assert type(getattr(loaded, name)) is type(getattr(model, name))
    assert loaded.index == model.index


def test_networks_come_back_at_rest(folder: Path) -> None:
    for network in store.load(folder).networks().values():
        assert not network.training
        assert not any(weight.requires_grad for weight in network.parameters())


def test_only_the_parts_asked_for_are_read(folder: Path) -> None:
    (folder / "unet" / "model.safetensors").unlink()
    loaded = store.load(folder, ["mel", "vae"])
    assert set(loaded.networks()) == {"mel", "vae"}
    assert not hasattr(loaded, "unet")


def test_there_is_nothing_but_json_and_safetensors(folder: Path) -> None:
    assert {path.suffix for path in folder.rglob("*") if path.is_file()} == {".json", ".safetensors"}


def edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DAMAGES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "weights missing": ("unet/model.safetensors", Path.unlink),
    "weights cut short": ("unet/model.safetensors", truncate),
    "weights empty": ("vae/model.safetensors", lambda path: path.write_bytes(b"")),
    "weights of another part": (
        "vocoder/model.safetensors",
        lambda path: path.write_bytes((path.parents[1] / "vae" / path.name).read_bytes()),
    ),
    "weights a pickle": ("vae/model.safetensors", lambda path: path.write_bytes(pickle.dumps({}))),
    "config missing": ("text_encoder/config.json", Path.unlink),
    "config no JSON": ("mel/config.json", lambda path: path.write_text("{")),
    "config no text": ("mel/config.json", lambda path: path.write_bytes(b"\xff\xfe")),
    "config a list": ("mel/config.json", lambda path: path.write_text("[]")),
    "config a number": ("mel/config.json", lambda path: path.write_text("5")),
    "config with an unknown key": ("unet/config.json", lambda path: edit(path, colour="red")),
    "config with a wrong type": ("unet/config.json", lambda path: edit(path, film="perhaps")),
    "config that makes no network": ("unet/config.json", lambda path: edit(path, latent_channels=-4)),
    "weights of another width": (
        "unet/model.safetensors",
        lambda path: edit(path.with_name("config.json"), block_channels=[32, 96]),
    ),
    "vocabulary missing": ("text_encoder/tokenizer.json", Path.unlink),
    "index missing": ("model_index.json", Path.unlink),
    "index no JSON": ("model_index.json", lambda path: path.write_text("")),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_told_with_the_files_name_and_the_way_out(folder: Path, damage: str) -> None:
    name, harm = DAMAGES[damage]
    harm(folder / name)
    with pytest.raises(EngineError) as told:
        store.load(folder)
    assert str(folder / name) in str(told.value)
    assert str(told.value).endswith("anew.")
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 500


@pytest.mark.parametrize("part", PART_NAMES)
def test_a_class_that_is_not_in_the_table_is_refused(folder: Path, part: str) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    for wrong in (
        "os.system",
        "diffusers.UNet2DConditionModel",
        "Wrong",
        "Autoencoder" if part != "vae" else "Denoiser",
    ):
        edit(folder / "model_index.json", parts=index["parts"] | {part: wrong})
        with pytest.raises(EngineError, match=rf"model_index\.json names '{wrong}' as the part '{part}'"):
            store.load(folder)
    edit(folder / "model_index.json", parts={k: v for k, v in index["parts"].items() if k != part})
    with pytest.raises(EngineError, match=f"as the part '{part}'"):
        store.load(folder)


def test_nothing_is_imported_or_run_by_name(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trap.py").write_text(
        f"from pathlib import Path\nPath({str(tmp_path / 'sprung')!r}).touch()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    index = json.loads((folder / "model_index.json").read_text())
    edit(folder / "model_index.json", parts=index["parts"] | {"unet": "trap.Denoiser"})
    edit(folder / "vae" / "config.json", _class_name="trap.Autoencoder")
    with pytest.raises(EngineError):
        store.load(folder)
    assert store.load(folder, ["vae"]).vae.config.latent_channels == 4
    assert "trap" not in sys.modules
    assert not (tmp_path / "sprung").exists()
