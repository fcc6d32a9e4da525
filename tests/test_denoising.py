"""Morphs: blends on the sphere, and sounds that become others over time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.denoising import _morph_window
from engine.diffusion.blending import along, slerp
from engine.errors import UsageError
from engine.pipeline import Pipeline
from engine.reports import never, silent
from engine.scene import Scene
from tests.test_pipeline import SCENE, opened


@pytest.fixture(scope="module")
def engine() -> Pipeline:
    return opened()


def latents(engine: Pipeline, frames: int = 80, **changes: Any) -> Tensor:
    return engine.denoised(replace(SCENE, **changes), frames, silent, never)


def vectors(count: int) -> Tensor:
    return torch.randn(count, 32, generator=torch.Generator().manual_seed(1))


def test_halfway_on_the_sphere_both_are_as_near() -> None:
    first, second = vectors(2).split(1)
    first, second = first / first.norm() * 2, second / second.norm() * 4
    middle = slerp(first, second, 0.5)
    near = [torch.cosine_similarity(middle, end) for end in (first, second)]
    assert torch.allclose(near[0], near[1], atol=1e-5)
    assert float(middle.norm()) == pytest.approx(3.0, abs=1e-5)
    assert torch.equal(slerp(first, second, 0.0), first)
    assert torch.equal(slerp(first, second, 1.0), second)


def test_equal_steps_turn_by_equal_angles() -> None:
    first, second = torch.nn.functional.normalize(vectors(2), dim=1).split(1)
    way = torch.cat([slerp(first, second, share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)])
    steps = (way[1:] * way[:-1]).sum(1).acos()
    assert torch.allclose(steps, steps.mean().expand(4), atol=1e-4)


def test_vectors_that_point_the_same_way_or_opposite_are_no_trouble() -> None:
    first = vectors(1)
    assert torch.allclose(slerp(first, 2 * first, 0.5), 1.5 * first, atol=1e-5)
    assert torch.isfinite(slerp(first, -first, 0.5)).all()


def test_the_way_goes_through_every_point() -> None:
    points = vectors(4)
    for number, point in enumerate(points):
        assert torch.allclose(along(points, number / 3), point[None], atol=1e-5)
    assert torch.equal(along(points[:1], 0.7), points[:1])


def test_a_blend_of_0_is_the_first_prompt_and_of_1_the_last(engine: Pipeline) -> None:
    morph = {"morph": ("a train",)}
    alone, last = latents(engine, 16), latents(engine, 16, prompt="a train")
    assert torch.allclose(latents(engine, 16, blend=0.0, **morph), alone, atol=1e-5)
    assert torch.allclose(latents(engine, 16, blend=1.0, **morph), last, atol=1e-5)
    half = latents(engine, 16, blend=0.5, **morph)
    assert (half - alone).abs().max() > 1e-3
    assert (half - last).abs().max() > 1e-3


def test_a_morph_begins_as_its_first_prompt_and_ends_as_its_last(engine: Pipeline) -> None:
    made = latents(engine, 80, morph=("a train", "wind"), steps=1)
    begins, ends = (
        latents(engine, 80, prompt=prompt, morph=(prompt, prompt), steps=1)
        for prompt in (SCENE.prompt, "wind")
    )
    quarter = 8
    assert torch.allclose(made[:, :, :quarter], begins[:, :, :quarter], atol=1e-5)
    assert torch.allclose(made[:, :, -quarter:], ends[:, :, -quarter:], atol=1e-5)
    assert (made[:, :, 36:44] - begins[:, :, 36:44]).abs().max() > 1e-3


def test_a_morph_in_a_loop_comes_back(engine: Pipeline) -> None:
    seen: list[Tensor] = []
    hook = engine.model.unet.register_forward_pre_hook(lambda _, given: seen.append(given[2][-1]))
    latents(engine, 80, morph=("a train",), loop=True, steps=1)
    hook.remove()
    gaps = [float((vector - seen[0]).norm()) for vector in seen]
    furthest = gaps.index(max(gaps))
    assert 0 < furthest < len(gaps) - 1
    assert gaps[-1] < max(gaps)


def test_every_prompt_of_a_morph_has_a_window_of_its_own() -> None:
    assert _morph_window(2, 108, 108, 4) == (52, 32)
    assert _morph_window(2, 1_080, 108, 4)[0] == 108
    assert _morph_window(8, 40, 108, 4)[0] == 16


def test_a_prompt_of_a_morph_without_a_word_is_refused() -> None:
    with pytest.raises(UsageError, match="no word in it"):
        Scene("rain", morph=("...",)).checked()
    with pytest.raises(UsageError, match="blend is 2"):
        Scene("rain", morph=("wind",), blend=2.0).checked()
