"""The studio: scenes resolved, wishes refused or queued, takes made, cancelled and made again, settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.catalogue import weight_hash
from engine.errors import EngineError, QueueFull, UsageError
from engine.jobs import BATCH, MOST_WAITING, Machine
from engine.recipe import read_recipe
from engine.resolving import SEEDS
from engine.scene import Output, Scene
from engine.settings import Settings, load_settings
from engine.studio import Studio
from tests.noise_model import load_noise, make_noise_model
from tests.studios import RAIN, noise_folder, rendered, until
from tests.trouble_model import load_trouble

__all__ = ["noise_folder"]


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


def closed(settings: Settings | None = None) -> Studio:
    """A studio whose engine never starts: its jobs wait."""
    return Studio(settings or Settings(), load_pipeline=load_noise)


@pytest.fixture
def studio(roomtone_home: Path) -> Iterator[Studio]:
    with Studio(Settings(), load_pipeline=load_trouble) as studio:
        yield studio


def test_a_job_goes_into_the_library_with_its_recipe_and_is_found_there(
    noise_folder: Path, tmp_path: Path
) -> None:
    settings = Settings(library=str(tmp_path / "clips"), creator="ABC")
    with Studio(settings, load_pipeline=load_noise) as studio:
        job = rendered(studio, studio.submit(RAIN))
        clip = studio.library.get(job.clip)
    assert clip.path == Path(job.path)
    assert clip.path.is_relative_to(settings.library_folder)
    assert "_ABC_" in clip.path.name
    recipe = read_recipe(job.path)
    assert recipe.scene == job.scene == Studio().resolve(RAIN)
    assert (recipe.device, recipe.precision, recipe.clip) == ("cpu", "float32", job.clip)
    assert (recipe.model, recipe.weight_hash) == ("noise", weight_hash(noise_folder))


def test_the_same_scene_gives_the_same_samples_and_again_makes_a_child_of_the_take(studio: Studio) -> None:
    first = rendered(studio, studio.submit(RAIN, Output(rate=22_050)))
    same = rendered(studio, studio.again(first.clip, origin="test"))
    other = rendered(studio, studio.again(first.clip, seed=8))
    waves = [soundfile.read(job.path)[0] for job in (first, same, other)]
    assert np.array_equal(waves[0], waves[1])
    assert not np.array_equal(waves[0], waves[2])
    assert (same.parent, read_recipe(same.path).parent, same.rate) == (first.clip, first.clip, 22_050)
    assert other.scene == replace(first.scene, seed=8)


def test_what_is_asked_wrongly_is_refused_before_it_is_queued(tmp_path: Path) -> None:
    (tmp_path / "clip.wav").write_bytes(b"precious")
    studio = closed()
    for scene, output, target, expected in (
        (replace(RAIN, seconds=0.1), None, None, "0.5 to 600"),
        (replace(RAIN, model="noice"), None, None, "did you mean"),
        (RAIN, Output(rate=3), None, "8000 to"),
        (RAIN, None, tmp_path / "clip.wav", "never overwritten"),
        (RAIN, None, tmp_path / "clip.mp3", "wav and flac"),
        (RAIN, None, tmp_path / "other.flac", "format is wav"),
    ):
        with pytest.raises(UsageError, match=expected):
            studio.submit(scene, output, target)
    assert studio.queue.jobs() == []


def test_a_known_id_is_not_queued_twice_even_when_asked_wrongly_the_second_time() -> None:
    studio = closed()
    first = studio.submit(RAIN, job_id="mine")
    assert studio.submit(replace(RAIN, seconds=0.0), job_id="mine") == first
    assert len(studio.queue.jobs()) == 1


def test_a_thousand_may_wait_and_no_more() -> None:
    studio = closed()
    job = studio.submit(RAIN, job_id="first")
    for number in range(MOST_WAITING - 1):
        studio.queue.add(replace(job, id=str(number)))
    with pytest.raises(QueueFull, match="full"):
        studio.submit(RAIN)
    assert studio.submit(RAIN, job_id="first") == job


def test_a_target_is_kept_as_an_absolute_path_and_none_means_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    studio = closed()
    assert studio.submit(RAIN, target="clips/x.wav").target == str(tmp_path / "clips" / "x.wav")
    assert studio.submit(RAIN, target=Path("clips")).target == str(tmp_path / "clips")
    assert studio.submit(RAIN).target == studio.submit(RAIN, target="").target == ""


def test_a_model_folder_is_kept_as_an_absolute_path(
    noise_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(noise_folder.parent)
    assert closed().submit(replace(RAIN, model="./noise")).scene.model == str(noise_folder)
    monkeypatch.chdir("/")
    assert closed().submit(RAIN).scene.model == "noise"


def test_a_job_that_waits_is_cancelled_at_once_and_an_unknown_one_is_told() -> None:
    studio = closed()
    job = studio.submit(RAIN)
    assert studio.cancel(job.id).state == "cancelled"
    assert studio.cancel(job.id).state == "cancelled"
    with pytest.raises(UsageError, match="no job 'x'"):
        studio.cancel("x")


def test_cancelling_one_job_leaves_the_next_alone(studio: Studio) -> None:
    slow = studio.submit(replace(RAIN, prompt="slow rain", steps=200))
    following = studio.submit(RAIN)
    until("the first job runs", lambda: studio.queue.get(slow.id).stage == "denoising")
    studio.cancel(slow.id)
    assert studio.queue.wait(slow.id, 10.0).state == "cancelled"
    rendered(studio, following)


def test_cancelling_all_takes_back_what_runs_and_what_waits(studio: Studio) -> None:
    jobs = [studio.submit(replace(RAIN, prompt="slow rain", steps=200)) for _ in range(4)]
    until("the first job runs", lambda: studio.queue.get(jobs[0].id).stage == "denoising")
    assert studio.cancel_all() == 4
    assert {studio.queue.wait(job.id, 10.0).state for job in jobs} == {"cancelled"}
    assert not [*studio.settings.library_folder.rglob("*.wav")]


def test_a_job_that_failed_can_be_retried_under_a_new_id(studio: Studio, tmp_path: Path) -> None:
    wish = {"origin": "test", "priority": BATCH, "parent": "0123456789ab", "machine": Machine("cpu")}
    job = studio.submit(replace(RAIN, prompt="kill rain"), target=tmp_path / "x.wav", **wish)
    assert studio.queue.wait(job.id, 60.0).code == "worker-died"
    again = studio.retry(job.id, new_id="second")
    for name in ("scene", "output", "target", "origin", "priority", "parent", "machine"):
        assert getattr(again, name) == getattr(job, name)
    assert again.id == "second"
    with pytest.raises(UsageError, match="no job"):
        studio.retry("x")


def test_device_and_precision_are_those_of_the_settings_unless_given() -> None:
    settings = Settings(device="cuda:1", precision="float16")
    assert Studio(settings).settings == settings
    given = Studio(settings, "cpu", "float32", 2).settings
    assert (given.device, given.precision, given.threads) == ("cpu", "float32", 2)
    with pytest.raises(UsageError, match="device"):
        Studio(device="gpu")


def test_new_settings_are_checked_saved_and_hold_from_the_next_job_on(studio: Studio, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="creator"):
        studio.use_settings(replace(studio.settings, creator="no spaces"))
    rendered(studio, studio.submit(RAIN))
    changed = replace(studio.settings, library=str(tmp_path / "elsewhere"), output=Output(format="flac"))
    studio.use_settings(changed)
    assert load_settings() == changed
    job = rendered(studio, studio.submit(RAIN))
    assert Path(job.path).is_relative_to(tmp_path / "elsewhere")
    assert Path(job.path).suffix == ".flac"
    assert studio.library.get(job.clip).path == Path(job.path)


def test_changed_weights_are_found_out(studio: Studio, noise_folder: Path) -> None:
    recipe = read_recipe(rendered(studio, studio.submit(RAIN)).path)
    studio.check_weights(recipe)
    make_noise_model(weights=b"pink")
    with pytest.raises(EngineError, match=f"{recipe.weight_hash}.*{weight_hash(noise_folder)}"):
        studio.check_weights(recipe)
