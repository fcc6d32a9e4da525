from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.catalogue import weight_hash
from engine.errors import Cancelled, EngineError, UsageError
from engine.recipe import read_recipe
from engine.scene import Output, Scene
from engine.settings import Settings
from engine.studio import SEEDS, Studio
from tests.noise_model import FailingRenderer, Loader, make_noise_model

RAIN = Scene("rain", seconds=1.0, seed=7, model="noise")


@pytest.fixture(autouse=True)
def noise_folder(roomtone_home: Path) -> Path:
    return make_noise_model()


def test_resolving_fills_in_what_the_model_says_and_keeps_what_was_asked() -> None:
    scene = Studio().resolve(Scene("rain", guidance=9.0, model="noise"))
    assert (scene.steps, scene.guidance, scene.sampler) == (6, 9.0, "euler")
    assert scene.seed is not None


def test_a_seed_that_was_not_given_is_drawn_anew() -> None:
    studio = Studio()
    seeds = {studio.resolve(Scene("rain", model="noise")).seed for _ in range(8)}
    assert len(seeds) == 8


def test_resolving_twice_changes_nothing() -> None:
    studio = Studio()
    once = studio.resolve(Scene("rain", model="noise"))
    assert studio.resolve(once) == once


def test_variations_have_seeds_one_after_the_other_and_begin_again_after_the_last() -> None:
    studio = Studio()
    assert [scene.seed for scene in studio.variations(RAIN, 3)] == [7, 8, 9]
    assert [scene.seed for scene in studio.variations(replace(RAIN, seed=SEEDS - 1), 2)] == [SEEDS - 1, 0]


@pytest.mark.parametrize("count", [0, 65])
def test_a_number_of_variations_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(UsageError, match="1 to 64"):
        Studio().variations(RAIN, count)


def test_an_unknown_model_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="did you mean 'noise'"):
        Studio().resolve(replace(RAIN, model="noice"))


def test_a_render_goes_into_the_library_with_its_recipe(noise_folder: Path) -> None:
    settings = Settings(library=str(noise_folder.parent / "clips"), creator="ABC")
    take = Studio(settings, load_pipeline=Loader()).render(RAIN)
    assert take.path.is_relative_to(settings.library_folder)
    assert "_ABC_" in take.path.name
    recipe = read_recipe(take.path)
    assert recipe == take.recipe
    assert recipe.scene == Studio().resolve(RAIN)
    assert (recipe.device, recipe.precision) == ("cpu", "float32")
    assert (recipe.model, recipe.weight_hash) == ("noise", weight_hash(noise_folder))


def test_the_same_scene_gives_the_same_samples(tmp_path: Path) -> None:
    studio = Studio(load_pipeline=Loader())
    once, again = (
        soundfile.read(studio.render(RAIN, target=tmp_path / name).path)[0] for name in ("a.wav", "b.wav")
    )
    other = soundfile.read(studio.render(replace(RAIN, seed=8), target=tmp_path / "c.wav").path)[0]
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)


def test_a_target_that_names_no_file_is_a_folder_which_is_made(tmp_path: Path) -> None:
    take = Studio(load_pipeline=Loader()).render(RAIN, target=tmp_path / "new" / "v1.2")
    assert take.path.parent == tmp_path / "new" / "v1.2"


def test_the_model_stays_loaded_from_render_to_render_until_another_is_asked_for() -> None:
    make_noise_model("other")
    loader = Loader()
    studio = Studio(load_pipeline=loader)
    for model in ("noise", "noise", "other"):
        studio.render(replace(RAIN, model=model))
    assert [name for name, _, _ in loader.asked] == ["noise", "other"]


def test_device_and_precision_are_those_of_the_settings_unless_given() -> None:
    for device, precision, expected in (
        ("", "", ("cuda:1", "float16")),
        ("cpu", "float32", ("cpu", "float32")),
    ):
        loader = Loader()
        settings = Settings(device="cuda:1", precision="float16")
        Studio(settings, device, precision, load_pipeline=loader).render(RAIN)
        assert loader.asked[0][1:] == expected


def test_a_device_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="device"):
        Studio(device="gpu")


def test_progress_is_told_from_loading_to_writing() -> None:
    stages: list[str] = []
    Studio(load_pipeline=Loader()).render(RAIN, report=lambda stage, fraction: stages.append(stage))
    assert stages[0] == "loading the model"
    assert "denoising" in stages


@pytest.mark.parametrize("target", ["clip.wav", "folder"])
@pytest.mark.parametrize(
    "fault", [EngineError("The model is tired."), KeyboardInterrupt(), ValueError("bug")]
)
def test_a_render_that_fails_leaves_nothing_behind(fault: BaseException, target: str, tmp_path: Path) -> None:
    studio = Studio(load_pipeline=Loader(FailingRenderer({"rain": fault})))
    with pytest.raises(type(fault)):
        studio.render(RAIN, target=tmp_path / target)
    assert not [*tmp_path.iterdir()]


def test_cancelling_ends_the_render_and_leaves_nothing_behind(tmp_path: Path) -> None:
    heard: list[str] = []
    studio = Studio(load_pipeline=Loader())
    with pytest.raises(Cancelled):
        studio.render(
            replace(RAIN, seconds=20.0),
            target=tmp_path / "clip.wav",
            report=lambda stage, fraction: heard.append(stage),
            cancelled=lambda: heard.count("denoising") >= 2,
        )
    assert heard.count("denoising") == 2
    assert not [*tmp_path.iterdir()]


def test_a_file_that_is_there_is_refused_before_the_model_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "clip.wav").write_bytes(b"precious")
    loader = Loader()
    with pytest.raises(UsageError, match="never overwritten"):
        Studio(load_pipeline=loader).render(RAIN, target=tmp_path / "clip.wav")
    assert loader.asked == []


def test_the_place_is_tried_out_before_the_model_works(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    heard: list[str] = []
    with pytest.raises(EngineError, match="not a folder"):
        Studio(load_pipeline=Loader()).render(
            RAIN, target=tmp_path / "file" / "clip.wav", report=lambda stage, fraction: heard.append(stage)
        )
    assert "denoising" not in heard


def test_changed_weights_are_found_out(noise_folder: Path) -> None:
    studio = Studio(load_pipeline=Loader())
    recipe = studio.render(RAIN).recipe
    studio.check_weights(recipe)
    make_noise_model(weights=b"pink")
    with pytest.raises(EngineError, match=f"{recipe.weight_hash}.*{weight_hash(noise_folder)}"):
        studio.check_weights(recipe)


def test_the_output_is_that_of_the_settings_unless_given() -> None:
    studio = Studio(Settings(output=Output(format="flac", rate=48_000)), load_pipeline=Loader())
    assert studio.render(RAIN).path.suffix == ".flac"
    assert studio.render(RAIN, Output(rate=22_050)).rate == 22_050
