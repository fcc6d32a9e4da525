"""Candidates: the best comes first, the others are kept but hidden, and each can be made again alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from engine.candidates import best_first, candidate_scenes
from engine.errors import Cancelled
from engine.jobs import Machine
from engine.library import Filters
from engine.orders import Order
from engine.pipeline import Pipeline, load_pipeline
from engine.recipe import read_recipe
from engine.rendering import Rendering
from engine.reports import never, silent
from engine.scene import Output, Scene
from engine.settings import load_settings
from engine.studio import Studio
from tests.noise_model import RATE, NoiseRenderer, make_noise_model
from tests.sounds import noise
from tests.test_pipeline import SCENE, opened

ASKED = Scene("rain", seconds=0.5, seed=5, steps=1, guidance=1.0, sampler="euler", model="noise", best_of=3)


class HighSeedsFit(NoiseRenderer):
    """Says that a sound fits the better, the higher its seed is."""

    def fit(self, scene: Scene, blocks: Iterator[NDArray[np.float32]]) -> float:
        assert sum(map(len, blocks)) == round(scene.seconds * RATE)
        return (scene.seed or 0) / 1_000


def load_high_seeds_fit(folder: Path, device: str, precision: str) -> HighSeedsFit:
    return HighSeedsFit()


def test_every_candidate_has_a_seed_of_its_own_and_is_a_plain_scene() -> None:
    scenes = candidate_scenes(ASKED)
    assert [scene.seed for scene in scenes] == [5, 69, 133]
    assert {scene.best_of for scene in scenes} == {1}
    assert candidate_scenes(replace(ASKED, seed=2**32 - 1))[1].seed == 63


def test_the_one_that_fits_best_comes_first_and_all_sound_as_they_do_alone() -> None:
    renderer = HighSeedsFit()
    with best_first(renderer, ASKED, RATE, silent, never) as found:
        assert [candidate.scene.seed for candidate in found] == [133, 69, 5]
        for candidate in found:
            alone = np.concatenate(list(renderer.render(candidate.scene, silent, never)))
            assert np.array_equal(np.concatenate(list(candidate.blocks())), alone)


def test_the_stages_of_all_candidates_are_one_way() -> None:
    told: list[float] = []
    with best_first(HighSeedsFit(), ASKED, RATE, lambda stage, part: told.append(part), never):
        assert told == sorted(told)
        assert 0.6 < told[-1] <= 1


def test_an_order_with_candidates_writes_the_best_where_it_was_asked_and_the_others_into_the_library(
    tmp_path: Path,
) -> None:
    make_noise_model()
    target, library = str(tmp_path / "best.wav"), str(tmp_path / "library")
    order = Order(1, ASKED, Output(), target, library, _naming(), Machine(), clip="c" * 12)
    take = Rendering(load_high_seeds_fit).render(order, silent, never)
    assert take.path == tmp_path / "best.wav"
    assert (read_recipe(take.path).scene.seed, read_recipe(take.path).clip) == (133, "c" * 12)
    assert [read_recipe(other.path).scene.seed for other in take.others] == [69, 5]
    assert all(tmp_path / "library" in other.path.parents for other in take.others)
    assert "best of 3" in take.notes[-1]
    again = replace(order, scene=read_recipe(take.path).scene, target=str(tmp_path / "again.wav"))
    repeated = Rendering(load_high_seeds_fit).render(again, silent, never)
    sounds = [soundfile.read(path)[0] for path in (take.path, repeated.path)]
    assert np.array_equal(*sounds)
    assert repeated.others == ()


def _naming() -> tuple[str, str, str]:
    settings = load_settings()
    return settings.file_name, settings.creator, settings.source


def test_a_cancelled_order_leaves_no_candidate_behind(tmp_path: Path) -> None:
    make_noise_model()
    order = Order(1, ASKED, Output(), "", str(tmp_path / "library"), _naming(), Machine())
    with pytest.raises(Cancelled):
        Rendering(load_high_seeds_fit).render(order, silent, lambda: True)
    assert not list(tmp_path.rglob("*.wav"))


@pytest.mark.slow
def test_the_library_hides_the_candidates_that_were_not_chosen(tmp_path: Path) -> None:
    make_noise_model()
    settings = replace(load_settings(), library=tmp_path / "library")
    with Studio(settings, load_pipeline=load_high_seeds_fit) as studio:
        job = studio.queue.wait(studio.submit(ASKED).id, 60)
        assert job.state == "done", job.sentence
        assert [clip.id for clip in studio.library.search()] == [job.clip]
        every = studio.library.search(filters=Filters(rejected=True))
        assert sorted(clip.seed for clip in every) == [5, 69, 133]
        assert "fits the prompt" in job.sentence


# The judge.


def test_a_pipeline_judges_by_clap(tmp_path: Path) -> None:
    from engine.models import store

    engine = opened()
    wave = noise(2.0, engine.model.index.sample_rate)
    fit = engine.fit(SCENE, iter([wave[:5_000], wave[5_000:]]))
    assert -1 <= fit <= 1
    assert fit == pytest.approx(engine.fit(SCENE, iter([0.1 * wave])), abs=1e-3)
    store.save(engine.model, tmp_path / "tiny")
    loaded: Pipeline = load_pipeline(tmp_path / "tiny", "cpu", "float32")
    assert loaded.fit(SCENE, iter([wave])) == pytest.approx(fit, abs=0.02)


def test_the_shipped_towers_prefer_rain_for_rain() -> None:
    from engine import pipeline as place

    mini = load_pipeline(Path(place.__file__).parent / "weights" / "mini", "cpu", "float32")
    scene = replace(SCENE, prompt="heavy rain", model="mini", seconds=3.0, steps=8, guidance=2.0)
    wave = np.concatenate(list(mini.render(scene, silent, never)))
    fits = {
        prompt: mini.fit(replace(scene, prompt=prompt), iter([wave])) for prompt in ("heavy rain", "a violin")
    }
    assert fits["heavy rain"] > fits["a violin"]
