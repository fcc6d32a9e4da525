"""Variations, extensions and inpaintings: what is new, and what stays bit for bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from engine.edits import CROSSFADE_SECONDS, Kept, fitted
from engine.filling import new_share
from engine.keeping import conformed, kept_in
from engine.models.mel import MelFrontEnd
from engine.pipeline import Pipeline
from engine.recipe import Recipe
from engine.reports import never, silent
from engine.scene import Output, Scene
from engine.sources import turned
from engine.takes import Take, write_take
from tests.engines import clip, engine, mini
from tests.sounds import cut, noise, sine
from tests.test_pipeline import RATE

__all__ = ["clip", "engine", "mini"]

SCENE = Scene("rain on a roof", seed=7, steps=2, guidance=1.0, sampler="euler", model="tiny")


def sound(engine: Pipeline, scene: Scene) -> NDArray[np.float32]:
    return np.concatenate(list(engine.render(fitted(scene), silent, never)))


def taken(engine: Pipeline, scene: Scene, output: Output, folder: Path) -> Take:
    scene = fitted(scene)
    blocks = engine.render(scene, silent, never)
    recipe = Recipe(scene, output, model="tiny", weight_hash="0" * 16)
    return write_take(blocks, engine.model.index.sample_rate, recipe, folder / "new.wav", folder)


def whole(path: Path) -> NDArray[np.int32]:
    return soundfile.read(path, dtype="int32", always_2d=True)[0]


# Variations.


def test_at_strength_1_a_variation_is_a_fresh_render_and_at_0_the_clip_as_the_vae_has_it(
    engine: Pipeline, clip: Path
) -> None:
    fresh = sound(engine, replace(SCENE, seconds=2.0))
    assert np.array_equal(sound(engine, replace(SCENE, source=str(clip), strength=1.0)), fresh)
    near = sound(engine, replace(SCENE, source=str(clip), strength=0.0))
    again = sound(engine, replace(SCENE, source=str(clip), strength=0.0, prompt="a train", steps=3))
    assert np.array_equal(near, again)
    assert near.shape == (2 * RATE, 2)


def test_the_shipped_model_gives_a_clip_back_at_strength_0_and_leaves_it_the_further_the_stronger(
    mini: Pipeline, tmp_path: Path
) -> None:
    path = tmp_path / "clip.wav"
    low = np.cumsum(noise(3.0), axis=0) * 0.02
    wave = (low - low.mean(axis=0)) * np.linspace(0.3, 1.0, len(low), dtype=np.float32)[:, None]
    soundfile.write(path, np.clip(wave, -1, 1), 44_100)
    scene = replace(SCENE, model="mini", source=str(path), steps=4)

    def distance(strength: float) -> float:
        """Nepers of log mel from the clip, without the difference in level."""
        made = sound(mini, replace(scene, strength=strength))
        images = [mel_of(mini.model.mel, part) for part in (made, np.clip(wave, -1, 1))]
        gap = images[0] - images[1]
        return float(np.abs(gap - gap.mean()).mean())

    distances = [distance(strength) for strength in (0.0, 0.4, 1.0)]
    print("mean log mel distance at strengths 0, 0.4, 1:", [f"{one:.2f}" for one in distances])
    assert distances[0] < 0.6
    assert distances[0] < distances[1] < distances[2]


def mel_of(front: MelFrontEnd, wave: NDArray[np.float32]) -> NDArray[np.float32]:
    import torch

    image = front(torch.from_numpy(np.ascontiguousarray(wave.T))[None])[0, 0] * front.config.scale
    return image.numpy()


def test_a_variation_of_a_loop_is_a_loop_of_its_length(engine: Pipeline, clip: Path, tmp_path: Path) -> None:
    scene = replace(SCENE, source=str(clip), strength=0.5, loop=True)
    take = taken(engine, scene, Output(rate=RATE), tmp_path)
    assert take.seconds == 2.0
    wave = sine(10.0, 2.0, RATE)
    assert np.abs(turned(wave, 16_128)[0] - turned(wave, 16_128)[-1]).max() < 0.01
    assert len(turned(wave, 16_128)) == 16_128


def test_a_varied_loop_begins_where_the_old_one_did(mini: Pipeline, tmp_path: Path) -> None:
    path, turn = tmp_path / "loop.wav", mini.samples_in(8)
    wave = noise(turn / 44_100) * np.float32(0.05)
    wave[5_000:9_000] *= 20
    soundfile.write(path, wave, 44_100, "FLOAT")
    made = sound(mini, replace(SCENE, model="mini", source=str(path), strength=0.0, loop=True))
    loudness = [np.sqrt(np.square(part).mean(axis=1)) for part in (wave, made)]
    smooth = [np.convolve(np.tile(one, 2), np.ones(2_000) / 2_000, "same")[:turn] for one in loudness]
    spectra = [np.fft.rfft(one - one.mean()) for one in smooth]
    shift = int(np.fft.irfft(spectra[1] * spectra[0].conj(), n=turn).argmax())
    assert min(shift, turn - shift) < 600


def test_any_rate_and_any_channels_are_taken(engine: Pipeline, tmp_path: Path) -> None:
    for rate, channels in ((44_100, 1), (11_025, 2), (48_000, 4)):
        path = tmp_path / f"{rate}.wav"
        soundfile.write(path, noise(1.0, rate, channels=channels), rate)
        assert sound(engine, replace(SCENE, source=str(path))).shape == (RATE, 2)
    assert conformed(np.ones((3, 4), np.float32), 1).shape == (3, 1)


# What is kept.


@pytest.mark.parametrize(("rate", "bits"), [(RATE, "24"), (16_000, "16"), (11_025, "32f")])
def test_outside_an_inpainted_range_every_sample_is_the_clips_own(
    engine: Pipeline, tmp_path: Path, rate: int, bits: str
) -> None:
    old = tmp_path / "old.wav"
    subtype = {"24": "PCM_24", "16": "PCM_16", "32f": "FLOAT"}[bits]
    soundfile.write(old, noise(6.0, rate), rate, subtype)
    scene = replace(SCENE, source=str(old), change="inpaint", part="3.0-3.7")
    take = taken(engine, scene, Output(rate=rate, bits=bits), tmp_path)
    before, after = (soundfile.read(path, dtype="float32")[0] for path in (old, take.path))
    assert len(before) == len(after)
    first, last = round(3.0 * rate), round(3.7 * rate)
    assert np.array_equal(before[:first], after[:first])
    assert np.array_equal(before[last:], after[last:])
    fade = round(CROSSFADE_SECONDS * rate)
    new = after[first + fade : last - fade] - before[first + fade : last - fade]
    assert np.abs(new).mean() > 0.01
    for border in (first, last):
        jump = np.abs(after[border] - after[border - 1]).max()
        assert jump < 1.2 * np.abs(np.diff(before, axis=0)).max()
    assert np.abs(after).max() < 1


def test_an_inpainted_loop_is_still_the_old_one_around_the_part(
    engine: Pipeline, clip: Path, tmp_path: Path
) -> None:
    scene = replace(SCENE, source=str(clip), change="inpaint", part="0.5-1.1", loop=True)
    take = taken(engine, scene, Output(rate=RATE), tmp_path)
    before, after = whole(clip), whole(take.path)
    assert np.array_equal(before[:4_000], after[:4_000])
    assert np.array_equal(before[8_800:], after[8_800:])


@pytest.mark.parametrize("at", ["end", "start"])
def test_an_extended_clip_holds_the_old_one_whole_but_for_the_cross_fade(
    mini: Pipeline, clip: Path, tmp_path: Path, at: str
) -> None:
    scene = replace(SCENE, source=str(clip), change="extend", at=at, seconds=5.0)
    take = taken(mini, scene, Output(rate=RATE), tmp_path)
    before, after = whole(clip), whole(take.path)
    fade = round(CROSSFADE_SECONDS * RATE)
    assert len(after) == 5 * RATE
    if at == "end":
        assert np.array_equal(after[: 2 * RATE - fade], before[:-fade])
        new = after[2 * RATE :]
    else:
        assert np.array_equal(after[3 * RATE + fade :], before[fade:])
        new = after[: 3 * RATE]
    quarters = [float(np.abs(part / 2**31).mean()) for part in np.array_split(new, 4)]
    assert min(quarters) > 3e-4


def test_a_part_at_the_very_beginning_needs_no_fade_there(
    engine: Pipeline, clip: Path, tmp_path: Path
) -> None:
    take = taken(
        engine, replace(SCENE, source=str(clip), change="inpaint", part="0-1"), Output(rate=RATE), tmp_path
    )
    assert np.array_equal(whole(take.path)[RATE:], whole(clip)[RATE:])
    share = new_share(np.arange(100), 0, 40, 10, 100)[:, 0]
    assert share[0] == 1
    assert share[39] == pytest.approx(0.1)
    assert not share[40:].any()


def test_a_long_clip_is_not_rendered_anew_far_from_the_part(engine: Pipeline, tmp_path: Path) -> None:
    old = tmp_path / "old.wav"
    soundfile.write(old, noise(20.0, RATE), RATE)
    seen: list[int] = []
    hook = engine.model.unet.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape[2]))
    sound(engine, replace(SCENE, source=str(old), change="inpaint", part="10-10.5"))
    hook.remove()
    assert max(seen) <= engine.latent_frames(round(2.5 * RATE))
    assert len(seen) <= 2 * SCENE.steps  # type: ignore[operator]


def test_what_the_model_knows_stays_and_the_rest_is_new(engine: Pipeline) -> None:
    import torch

    from engine.denoising import Origin

    latents = torch.randn(1, 4, 24, 4, generator=torch.Generator().manual_seed(1))
    known = torch.arange(24) < 10
    made = engine.denoised(SCENE, 24, silent, never, origin=Origin(latents, known=known))
    assert torch.equal(made[:, :, :10], latents[:, :, :10])
    assert (made[:, :, 10:] - latents[:, :, 10:]).abs().min() > 0


def test_at_another_rate_the_clip_is_resampled_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, sine(100, 2.0, 8_000), 8_000, "FLOAT")
    keep = Kept(path, 0.5, 1.0, 1.5)
    blocks = list(kept_in(cut(np.zeros((3 * 16_000, 2), np.float32), 777), keep, 16_000))
    made = np.concatenate(blocks)
    assert len(made) == 48_000
    assert not made[:8_000].any()
    assert not made[16_000:24_000].any()
    assert not made[40_001:].any()
    tone = sine(100, 2.0, 16_000)
    assert np.abs(made[24_000:39_000] - tone[16_000:31_000]).max() < 2e-3
