"""The draw of segments: a pure function of where the training is, whatever the clips' lengths."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import UsageError
from engine.training.augment import NO_AUGMENTATION, AugmentConfig
from engine.training.cache import AudioCache
from engine.training.decode import CacheConfig
from engine.training.manifest import Recording
from engine.training.segments import SegmentSource, tiled
from engine.training.weighting import WeightingConfig

RATE = 4000
SCENES = {"rain": (3.0, 0.4), "wind": (2.0, 1.5, 1.0), "fire": (0.5,)}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Recording], AudioCache]:
    folder = tmp_path_factory.mktemp("corpus")
    recordings = []
    for scene, lengths in SCENES.items():
        for number, seconds in enumerate(lengths):
            path = folder / f"{scene}{number}.wav"
            generator = np.random.default_rng(len(recordings))
            soundfile.write(path, generator.standard_normal((round(seconds * RATE), 2)) * 0.1, RATE)
            captions = tuple(f"{scene} {word}" for word in ("one", "two", "three", "four", "five"))
            recordings.append(Recording(path, captions, scene, recording_id=path.stem, source=scene))
    return recordings, AudioCache(folder / "cache", CacheConfig(sample_rate=RATE))


def source(corpus: tuple[list[Recording], AudioCache], **settings: object) -> SegmentSource:
    return SegmentSource(*corpus, **{"seconds": 1.0, "seed": 5, **settings})  # type: ignore[arg-type]


def test_a_batch_has_its_shape_and_its_words(corpus: tuple[list[Recording], AudioCache]) -> None:
    batch = source(corpus, augmentation=NO_AUGMENTATION).draw(0, 0, 6)
    assert batch.wave.shape == (6, 2, RATE)
    assert batch.wave.dtype == np.float32
    assert 0 < np.abs(batch.wave).max() <= 1
    for caption, scene, recording in zip(batch.captions, batch.scenes, batch.recordings, strict=True):
        assert caption.startswith(scene)
        assert recording.startswith(scene)


def test_a_draw_depends_on_seed_step_rank_and_index_alone(corpus: tuple[list[Recording], AudioCache]) -> None:
    whole = source(corpus).draw(3, 1, 6)
    halves = [source(corpus).draw(3, 1, 3, first=first) for first in (0, 3)]
    assert np.array_equal(whole.wave, np.concatenate([half.wave for half in halves]))
    assert whole.captions == halves[0].captions + halves[1].captions
    for other in (
        source(corpus).draw(4, 1, 6),
        source(corpus).draw(3, 0, 6),
        source(corpus, seed=6).draw(3, 1, 6),
    ):
        assert not np.array_equal(whole.wave, other.wave)


def test_draws_follow_the_weights_and_use_all_captions(corpus: tuple[list[Recording], AudioCache]) -> None:
    segments = source(corpus, augmentation=NO_AUGMENTATION, seconds=0.1)
    batch = segments.draw(0, 0, 3000)
    drawn = Counter(batch.recordings)
    for recording, share in zip(segments.recordings, segments.probabilities, strict=True):
        assert drawn[recording.recording_id] / 3000 == pytest.approx(share, abs=0.04)
    assert len(set(batch.captions)) == 15


def test_scenes_of_next_to_no_recordings_are_put_into_rooms(
    corpus: tuple[list[Recording], AudioCache],
) -> None:
    recordings, cache = corpus
    told = [replace(one, captions=("mono fire",)) if one.scene == "fire" else one for one in recordings]
    plain, roomy = (
        source((told, cache), augmentation=replace(NO_AUGMENTATION, room=room)).draw(0, 0, 60)
        for room in (0.0, 1.0)
    )
    moved = {
        scene
        for scene, first, second in zip(plain.scenes, plain.wave, roomy.wave, strict=True)
        if not np.array_equal(first, second)
    }
    assert set(plain.scenes) == {"rain", "wind", "fire"}
    assert moved == {"rain"}, "wind has three recordings, and mono stays mono"


def test_mixtures_join_two_scenes_and_their_hand_written_captions(
    corpus: tuple[list[Recording], AudioCache],
) -> None:
    batch = source(corpus, augmentation=AugmentConfig(mixture=1.0)).draw(0, 0, 40)
    assert np.abs(batch.wave).max() <= 1
    for caption, scene, recording in zip(batch.captions, batch.scenes, batch.recordings, strict=True):
        first, second = scene.split("+")
        assert first != second
        assert len(recording.split("+")) == 2
        assert caption.startswith((f"{first} one", f"{first} two"))
        assert f" {second} one" in caption or f" {second} two" in caption


def test_characters_say_a_word_more_and_change_the_sound(
    corpus: tuple[list[Recording], AudioCache],
) -> None:
    plain = source(corpus, augmentation=NO_AUGMENTATION).draw(0, 0, 12)
    told = source(corpus, augmentation=replace(NO_AUGMENTATION, character=1.0)).draw(0, 0, 12)
    known = {caption for recording in corpus[0] for caption in recording.captions}
    assert set(plain.captions) <= known
    assert not set(told.captions) & known
    assert told.wave.shape == plain.wave.shape
    assert np.abs(told.wave).max() <= 1


def test_other_captions_are_of_the_same_scene(corpus: tuple[list[Recording], AudioCache]) -> None:
    plain = source(corpus, augmentation=NO_AUGMENTATION).draw(0, 0, 30)
    for other, scene in zip(plain.others, plain.scenes, strict=True):
        assert other in (f"{scene} one", f"{scene} two")
    assert {caption == other for caption, other in zip(plain.captions, plain.others)} == {True, False}
    assert all(" " in other for other in source(corpus).draw(0, 0, 8).others)


def test_what_speaks_of_mono_is_told_in_no_other_words(corpus: tuple[list[Recording], AudioCache]) -> None:
    recordings, cache = corpus
    mono = [replace(one, captions=("rain, mono",)) if one.scene == "rain" else one for one in recordings]
    drawn = source((mono, cache), augmentation=NO_AUGMENTATION).draw(0, 0, 30)
    others = [other for other, scene in zip(drawn.others, drawn.scenes) if scene == "rain"]
    assert set(others) == {"rain, mono"}


def test_a_corpus_of_one_scene_stays_unmixed(corpus: tuple[list[Recording], AudioCache]) -> None:
    recordings, cache = corpus
    segments = SegmentSource(recordings[:2], cache, 1.0, 0, augmentation=AugmentConfig(mixture=1.0))
    assert set(segments.draw(0, 0, 5).scenes) == {"rain"}


def test_a_change_of_speed_keeps_the_length(corpus: tuple[list[Recording], AudioCache]) -> None:
    config = AugmentConfig(speed=1.0, speed_semitones=3.0, mixture=0.5)
    assert source(corpus, augmentation=config).draw(0, 0, 8).wave.shape == (8, 2, RATE)


def test_an_unmixed_segment_is_a_piece_of_its_recording(corpus: tuple[list[Recording], AudioCache]) -> None:
    recordings, cache = corpus
    segment = SegmentSource(recordings[:1], cache, 1.0, 0, augmentation=NO_AUGMENTATION).segment(0, 0, 0)
    whole = cache.open(recordings[0]).astype(np.float32) / 32767
    starts = np.flatnonzero(np.isclose(whole[: 2 * RATE + 1, 0], segment.wave[0, 0], atol=1e-6))
    assert any(np.allclose(whole[start : start + RATE], segment.wave, atol=1e-6) for start in starts)


def test_a_short_clip_is_tiled_without_a_click() -> None:
    seconds = np.arange(1000)[:, None] / RATE
    clip = np.sin(2 * np.pi * 41.3 * seconds).astype(np.float32)
    long = tiled(clip, 5000, 0.3, 200)
    steepest = np.abs(np.diff(clip, axis=0)).max()
    assert long.shape == (5000, 1)
    assert np.abs(np.diff(long, axis=0)).max() < 1.7 * steepest
    assert np.abs(clip[-1] - clip[0]) > 5 * steepest
    assert long[800:1600] == pytest.approx(long[:800])


def test_tiled_noise_keeps_its_level() -> None:
    clip = np.random.default_rng(0).standard_normal((4000, 2)).astype(np.float32)
    assert np.std(tiled(clip, 20000, 0.0, 1000)) == pytest.approx(1.0, abs=0.03)
    assert tiled(clip[:3], 10, 0.9, 1000).shape == (10, 2)


def test_the_fixed_subset_covers_all_scenes_and_never_changes(
    corpus: tuple[list[Recording], AudioCache],
) -> None:
    fixed = source(corpus).fixed(3)
    assert sorted(fixed.scenes) == ["fire", "rain", "wind"]
    again = source(corpus, seed=99, augmentation=AugmentConfig(mixture=1.0)).fixed(3)
    assert np.array_equal(fixed.wave, again.wave)
    assert fixed.captions == again.captions == [f"{scene} one" for scene in fixed.scenes]
    rounds = source(corpus).fixed(12)
    assert max(Counter(rounds.recordings).values()) == 2
    longest = [place for place, name in enumerate(rounds.recordings) if name == "rain0"]
    assert not np.array_equal(rounds.wave[longest[0]], rounds.wave[longest[1]])


def test_dull_recordings_are_never_drawn_when_left_out(corpus: tuple[list[Recording], AudioCache]) -> None:
    recordings, cache = corpus
    dull = Recording(recordings[2].path, ("dull",), "dull", recording_id="dull", flags=("low_bandwidth",))
    segments = SegmentSource([*recordings[:2], dull], cache, 0.1, 0, WeightingConfig(low_bandwidth=0.0))
    assert "dull" not in "".join(segments.draw(0, 0, 300).scenes)


def test_mono_training_gets_one_channel(corpus: tuple[list[Recording], AudioCache], tmp_path: Path) -> None:
    cache = AudioCache(tmp_path, CacheConfig(sample_rate=5000, channels=1))
    assert SegmentSource(corpus[0], cache, 1.0, 0).draw(0, 0, 2).wave.shape == (2, 1, 5000)


def test_nothing_to_draw_from_is_told(corpus: tuple[list[Recording], AudioCache]) -> None:
    with pytest.raises(UsageError, match="No recording is left"):
        SegmentSource([], corpus[1], 1.0, 0)
    with pytest.raises(UsageError, match=r"choose 0\.1 to 600"):
        source(corpus, seconds=0.0)
