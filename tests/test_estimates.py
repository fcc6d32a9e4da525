from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.estimates import STAGES, Course, Estimates
from engine.scene import Scene

SCENE = Scene("rain", seconds=10.0, seed=1, steps=20, guidance=2.0, sampler="euler")
COSTS_S = {"starting": 4.0, "loading the model": 1.0, "reading the prompt": 0.1}
COSTS_S |= {"denoising": 3.0, "decoding": 1.5, "writing": 0.4}


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def run(
    estimates: Estimates, scene: Scene = SCENE, scale: float = 1.0
) -> list[tuple[float, float | None, float]]:
    """A job whose stages take COSTS_S, for 10 s: (fraction, seconds left as told, truly left) all the way."""
    clock = Clock()
    course = Course(estimates, "mini on cpu", scene, clock=clock)
    ends_s = clock() + sum(COSTS_S.values()) * scale
    told = []
    for stage in STAGES:
        for part in range(20):
            fraction, left_s = course.told(stage, part / 20)
            told.append((fraction, left_s, ends_s - clock()))
            clock.now_s += COSTS_S[stage] * scale / 20
        course.told(stage, 1.0)
    course.finish()
    return told


def test_nothing_is_promised_before_anything_is_known(tmp_path: Path) -> None:
    told = run(Estimates(tmp_path / "estimates.json"))
    assert told[0][1] is None
    assert all(left is None for _, left, _ in told[: 3 * 20 + 2])


def test_from_a_tenth_of_denoising_on_its_own_pace_tells_what_is_left(tmp_path: Path) -> None:
    told = run(Estimates(tmp_path / "estimates.json"))
    _, left, truly = told[3 * 20 + 10]
    assert left is not None
    assert truly / 3 < left < truly * 3


def test_after_one_job_the_time_left_is_right_all_the_way(tmp_path: Path) -> None:
    path = tmp_path / "estimates.json"
    run(Estimates(path))
    for _, left, truly in run(Estimates(path)):
        assert left == pytest.approx(truly, abs=0.05)


def test_after_one_job_the_fraction_is_that_of_the_time(tmp_path: Path) -> None:
    path = tmp_path / "estimates.json"
    run(Estimates(path))
    total_s = sum(COSTS_S.values())
    for fraction, _, truly in run(Estimates(path)):
        assert fraction == pytest.approx(1 - truly / total_s, abs=0.01)


def test_a_job_twice_as_slow_as_the_last_one_is_told_so_before_its_half(tmp_path: Path) -> None:
    path = tmp_path / "estimates.json"
    run(Estimates(path))
    told = run(Estimates(path), scale=2.0)
    _, left, truly = told[3 * 20 + 10]
    assert left == pytest.approx(truly, rel=0.1)


def test_a_longer_clip_with_more_steps_is_expected_to_take_longer(tmp_path: Path) -> None:
    estimates = Estimates(tmp_path / "estimates.json")
    run(estimates)

    def expected(scene: Scene) -> float:
        return Course(estimates, "mini on cpu", scene, clock=Clock()).told("starting", 0.0)[1] or 0.0

    usual = expected(SCENE)
    for scene, more_s in (
        (replace(SCENE, steps=40), 3.0),
        (replace(SCENE, sampler="heun"), 3.0),
        (replace(SCENE, seconds=20.0), 4.9),
    ):
        assert expected(scene) == pytest.approx(usual + more_s, abs=0.1)


def test_a_model_in_memory_need_not_be_loaded(tmp_path: Path) -> None:
    estimates = Estimates(tmp_path / "estimates.json")
    run(estimates)
    course = Course(estimates, "mini on cpu", SCENE, STAGES[:2], clock=Clock())
    fraction, left = course.told("reading the prompt", 0.0)
    assert fraction == 0.0
    assert left == pytest.approx(5.0, abs=0.05)


def test_a_clip_of_layers_comes_back_to_its_stages_and_its_fraction_grows_all_the_way(tmp_path: Path) -> None:
    path = tmp_path / "estimates.json"
    run(Estimates(path))
    clock = Clock()
    course = Course(Estimates(path), "mini on cpu", SCENE, STAGES[:2], clock=clock)
    told = []
    for layer in range(3):
        for stage in STAGES[2:5]:
            for part in (0.0, 0.5, 1.0):
                told.append(course.told(stage, (layer + part) / 3))
                clock.now_s += COSTS_S[stage] / 9
    told += [course.told("writing", part) for part in (0.0, 0.5)]
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert len(set(fractions)) >= 16
    assert fractions[8] == pytest.approx(1 / 3, abs=0.05)
    assert told[11][1] == pytest.approx(5.0 * 2 / 3, rel=0.25)


def test_the_fraction_never_falls_whatever_is_told(tmp_path: Path) -> None:
    course = Course(Estimates(tmp_path / "estimates.json"), "mini", SCENE, clock=Clock())
    words = ["denoising", "reading the prompt", "what?", "decoding", "denoising", "writing", "writing"]
    fractions = [course.told(word, part)[0] for word in words for part in (0.9, 0.1, 7.0, -1.0)]
    assert fractions == sorted(fractions)
    assert 0.0 <= fractions[0] <= fractions[-1] < 1.0


def test_models_and_devices_are_learned_apart(tmp_path: Path) -> None:
    estimates = Estimates(tmp_path / "estimates.json")
    run(estimates)
    assert estimates.rates("mini on cuda") == {}


def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "estimates.json"
    for text in ("{", "[]", '{"mini on cpu": {"denoising": "fast"}}', '{"mini on cpu": 3}'):
        path.write_text(text)
        assert Estimates(path).rates("mini on cpu") == {}
        run(Estimates(path))
        assert Estimates(path).rates("mini on cpu")["denoising"] == pytest.approx(3.0 / 200)
        path.unlink()
