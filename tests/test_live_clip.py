"""Hearing a clip while it is being rendered: what is read is what came, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.audition import AuditionState
from engine.job import Job
from engine.live_clip import LiveClip, LiveReader
from engine.loudness import LoudnessMeter
from engine.monitor import Monitor
from engine.preview import Preview
from engine.scene import Output, Scene
from tests.works import Works, shared_works, works

__all__ = ["shared_works", "works"]

RATE = 48_000
Sound = NDArray[np.float32]


def noise(samples: int, level: float = 0.1, seed: int = 1) -> Sound:
    return (level * np.random.default_rng(seed).standard_normal((samples, 2))).astype(np.float32)


def read_all(reader: LiveReader, frames: int = 700) -> Sound:
    def blocks() -> Iterator[Sound]:
        while (block := reader.read(frames)) is not None and len(block):
            yield block

    return np.concatenate([np.zeros((0, 2), np.float32), *blocks()])


def test_what_came_is_read_and_the_rest_is_waited_for() -> None:
    clip, sound = LiveClip(RATE, 1.0), noise(5_000)
    reader = LiveReader(clip, RATE)
    assert reader.read(100) is None
    clip.add(sound[:3_000])
    assert np.array_equal(read_all(reader), sound[:3_000])
    assert reader.read(100) is None
    clip.add(sound[3_000:])
    clip.end(None)
    assert np.array_equal(read_all(reader), sound[3_000:])
    ended = reader.read(100)
    assert ended is not None
    assert len(ended) == 0


def test_it_may_be_begun_in_the_middle() -> None:
    clip, sound = LiveClip(RATE, 1.0), noise(5_000)
    for part in np.array_split(sound, 7):
        clip.add(part)
    clip.end(None)
    assert np.array_equal(read_all(LiveReader(clip, RATE, 1_000 / RATE)), sound[1_000:])


def test_a_loop_turns_once_it_is_whole() -> None:
    clip, sound = LiveClip(RATE, 0.1), noise(1_000)
    reader = LiveReader(clip, RATE, loop=True)
    clip.add(sound)
    assert np.array_equal(read_all(reader), sound)
    assert reader.read(10) is None
    clip.end(None)
    turned = np.concatenate([block for _ in range(4) if (block := reader.read(700)) is not None])
    assert np.array_equal(turned, np.tile(sound, (3, 1))[: len(turned)])
    assert len(turned) > 1_500


def test_another_rate_loses_nothing() -> None:
    import soxr

    clip, sound = LiveClip(44_100, 1.0), noise(44_100)
    reader, heard = LiveReader(clip, RATE), []
    for part in np.array_split(sound, 5):
        clip.add(part)
        heard.append(read_all(reader))
    clip.end(None)
    heard.append(read_all(reader))
    there = soxr.resample(sound, 44_100, RATE)
    assert np.abs(np.concatenate(heard) - there).max() < 1e-4


def test_one_channel_is_heard_on_both_sides() -> None:
    clip = LiveClip(RATE, 1.0)
    clip.add(noise(10)[:, :1])
    assert np.array_equal(clip.between(0, 10), np.repeat(noise(10)[:, :1], 2, axis=1))


# The level.


@pytest.mark.parametrize("level", [0.003, 0.4])
def test_the_beginning_says_how_loud_all_is_heard(level: float) -> None:
    preview, meter = Preview(RATE, Output(lufs=-26.0)), LoudnessMeter(RATE, 2)
    for number in range(4):
        meter.add(preview.heard(noise(RATE, level, number)))
    assert meter.result().integrated_lufs == pytest.approx(-26.0, abs=0.5)


def test_what_grows_louder_stays_below_full_scale() -> None:
    preview = Preview(RATE, Output(lufs=-20.0))
    quiet = preview.heard(noise(RATE, 0.01))
    loud = preview.heard(noise(RATE, 0.5))
    assert np.abs(loud).max() <= 1
    assert np.abs(loud[RATE // 100 :]).max() <= 10 ** (-1 / 20) + 1e-6
    assert np.abs(quiet).max() > 0.1


def test_a_given_gain_and_what_is_kept_of_a_clip_stay_as_they_are() -> None:
    block = noise(1_000, 0.1)
    assert np.allclose(Preview(RATE, Output(gain_db=-6.0)).heard(block), 10 ** (-6 / 20) * block)
    assert np.array_equal(Preview(RATE, Output(), kept=True).heard(block), block)


# When one hears it.


class Speakers:
    """In place of an audition: notes what it is handed."""

    def __init__(self) -> None:
        self.now = AuditionState()
        self.clips: list[LiveClip] = []

    def state(self) -> AuditionState:
        return self.now

    def listen(self, clip: LiveClip, *, loop: bool = False) -> None:
        self.clips.append(clip)
        self.now = replace(self.now, playing=True, loop=loop)


def monitor() -> tuple[Monitor, Speakers]:
    speakers = Speakers()
    return Monitor(lambda: speakers), speakers  # type: ignore[arg-type,return-value]


def job(name: str = "a") -> Job:
    return Job(name, Scene("rain", seconds=2.0, loop=True), Output())


def test_it_is_heard_from_the_first_block_on_when_it_is_switched_on() -> None:
    heard, speakers = monitor()
    heard.begin(job())
    heard.hear(job(), RATE, noise(10))
    assert not speakers.clips
    heard.on = True
    heard.hear(job(), RATE, noise(10))
    heard.hear(job(), RATE, noise(20))
    heard.end(Path("a.wav"))
    (clip,) = speakers.clips
    assert (clip.samples, clip.ended, clip.path, clip.seconds) == (30, True, Path("a.wav"), 2.0)
    assert speakers.now.loop


def test_what_plays_already_is_not_interrupted_nor_is_a_job_begun_in_its_middle() -> None:
    heard, speakers = monitor()
    heard.on = True
    speakers.now = AuditionState(playing=True)
    heard.begin(job())
    heard.hear(job(), RATE, noise(10))
    speakers.now = AuditionState()
    heard.hear(job(), RATE, noise(10))
    heard.end(None)
    assert not speakers.clips
    heard.begin(job("b"))
    heard.hear(job("b"), RATE, noise(10))
    assert len(speakers.clips) == 1


def test_the_engine_sends_what_it_makes_before_it_is_done(works: Works) -> None:
    speakers = Speakers()
    works.monitor._audition = lambda: speakers  # type: ignore[assignment,return-value]
    works.monitor.on = True
    try:
        done = works.ended(works.give("rain"))
    finally:
        works.monitor.on = False
    assert done.state == "done"
    (clip,) = speakers.clips
    assert clip.ended
    assert clip.path == Path(done.path)
    assert clip.samples == round(done.seconds * clip.rate)
    speakers.clips.clear()
    works.ended(works.give("rain"))
    assert not speakers.clips
