"""What comes out of the sound card is what is in the file, at once and without a click."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.audition import Audition, AuditionState
from tests.sound_card import CARD, RATE, Recorder, needs_sound_card, noise, place_of, sound_card, write

CHANNELS = 4
TRIES = 3
"""On a busy machine the recorder itself can miss a block."""
Sound = np.ndarray[Any, Any]


@pytest.fixture(scope="module")
def audition() -> Iterator[Audition]:
    """One that has the virtual card open."""
    needs_sound_card()
    with sound_card(f"roomtone-{os.getpid()}", CHANNELS):
        audition = Audition(device=CARD)
        yield audition
        # Before the server goes: PortAudio would wait for it for ever.
        audition.close()


@pytest.fixture
def card(audition: Audition, tmp_path: Path) -> Iterator[Recorder]:
    """Records the card, which is open and silent."""
    audition.channels = (1, 2)
    audition.gain_db = 0.0
    audition.play(write(tmp_path / "warm.wav", np.zeros((RATE // 10, 2), np.float32)))
    until(audition, lambda now: not now.playing)
    with Recorder(CHANNELS) as recorder:
        time.sleep(0.2)
        yield recorder
        audition.stop()
        time.sleep(0.1)


def test_every_sample_of_the_file_comes_out(audition: Audition, card: Recorder, tmp_path: Path) -> None:
    clip = noise(2.0)
    path = write(tmp_path / "clip.wav", clip)
    assert played_exactly(lambda: play_through(audition, path), clip, card)
    sound = card.sound()[:, :2]
    place = place_of(clip, sound)
    assert np.abs(sound[:place]).max(initial=0) == 0
    assert np.abs(sound[place + len(clip) :]).max(initial=0) == 0


def test_a_clip_of_another_rate_sounds_as_it_is(audition: Audition, card: Recorder, tmp_path: Path) -> None:
    import soxr

    clip = noise(1.5, rate=44_100)
    play_through(audition, write(tmp_path / "clip.wav", clip, 44_100))
    there = soxr.resample(clip, 44_100, RATE)
    sound = card.sound()[:, :2]
    place = place_of(there, sound)
    assert np.abs(sound[place : place + len(there)] - there).max() < 1e-4


def test_one_channel_is_heard_on_both_sides(audition: Audition, card: Recorder, tmp_path: Path) -> None:
    clip = noise(0.5)[:, :1]
    play_through(audition, write(tmp_path / "mono.wav", clip))
    sound = card.sound()
    assert np.array_equal(sound[:, 0], sound[:, 1])
    assert np.abs(sound).max() > 0.1


def test_a_loop_has_no_gap(audition: Audition, card: Recorder, tmp_path: Path) -> None:
    clip = noise(0.7)  # no whole number of blocks
    path = write(tmp_path / "loop.wav", clip)

    def play() -> None:
        audition.play(path, loop=True)
        time.sleep(2.6)
        audition.stop()
        time.sleep(0.1)

    assert played_exactly(play, np.tile(clip, (3, 1)), card)


def test_a_loop_of_another_rate_has_no_gap(audition: Audition, card: Recorder, tmp_path: Path) -> None:
    seconds, hz = 0.5, 440.0
    clip = 0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * 44_100)) / 44_100)
    path = write(tmp_path / "tone.wav", np.stack([clip, clip], 1), 44_100)

    def largest_jump() -> float:
        card.forget()
        audition.play(path, loop=True)
        time.sleep(2.0)
        audition.stop()
        time.sleep(0.1)
        left = card.sound()[:, 0]
        there = np.flatnonzero(np.abs(left) > 0.1)
        tone = left[there[0] + RATE // 10 : there[-1] - RATE // 10]
        assert len(tone) > RATE
        # A pure tone is annihilated by x[n+1] - 2 cos(w) x[n] + x[n-1]; a gap or a jump is not.
        rest = tone[2:] - 2 * np.cos(2 * np.pi * hz / RATE) * tone[1:-1] + tone[:-2]
        return float(np.abs(rest).max())

    assert any(largest_jump() < 1e-4 for _ in range(TRIES))


@pytest.mark.parametrize("ending", ["stop", "pause", "seek", "play"])
def test_nothing_clicks(ending: str, audition: Audition, card: Recorder, tmp_path: Path) -> None:
    # A level of 0.5 that breaks off makes a step of 0.5; the clip itself rises and falls softly.
    level = 0.5 * np.minimum(1, np.minimum(np.arange(2 * RATE), np.arange(2 * RATE)[::-1]) / 2_000)
    clip = write(tmp_path / "level.wav", np.stack([level, level], 1))
    audition.play(clip)
    time.sleep(0.5)
    if ending == "seek":
        audition.seek(1.2)
    elif ending == "play":
        audition.play(clip)
    else:
        getattr(audition, ending)()
        time.sleep(0.2)
        assert np.abs(card.sound()[-RATE // 20 :]).max() == 0
        audition.resume()
    time.sleep(0.3)
    audition.stop()
    time.sleep(0.2)
    sound = card.sound()[:, :2]
    assert np.abs(sound).max() > 0.49
    steps = np.abs(np.diff(sound, axis=0)).max()
    print(f"largest step around a {ending}: {steps:.4f}, of a level of 0.5")
    assert steps < 0.01


def test_a_held_clip_goes_on_where_it_was_held(audition: Audition, card: Recorder, tmp_path: Path) -> None:
    audition.play(write(tmp_path / "clip.wav", noise(2.0)))
    time.sleep(0.6)
    audition.pause()
    held = audition.state()
    time.sleep(0.4)
    assert audition.state() == held or audition.state().position_seconds == held.position_seconds
    assert held.paused
    assert held.position_seconds == pytest.approx(0.6, abs=0.15)
    audition.resume()
    time.sleep(0.2)
    now = audition.state()
    assert now.playing
    assert held.position_seconds < now.position_seconds < held.position_seconds + 0.4


def test_seeking_moves_the_place(audition: Audition, card: Recorder, tmp_path: Path) -> None:
    clip = noise(3.0)
    path = write(tmp_path / "clip.wav", clip)

    def play() -> None:
        audition.play(path)
        time.sleep(0.2)
        audition.seek(2.0)
        time.sleep(0.3)
        assert audition.state().position_seconds == pytest.approx(2.3, abs=0.15)
        until(audition, lambda now: not now.playing)
        time.sleep(0.1)

    assert played_exactly(play, clip[round(2.1 * RATE) :], card)


def test_seeking_while_held_stays_held(audition: Audition, card: Recorder, tmp_path: Path) -> None:
    audition.play(write(tmp_path / "clip.wav", noise(3.0)))
    time.sleep(0.2)
    audition.pause()
    audition.seek(1.0)
    now = audition.state()
    assert (now.playing, now.paused, now.position_seconds) == (False, True, 1.0)
    audition.resume()
    time.sleep(0.2)
    assert audition.state().position_seconds == pytest.approx(1.2, abs=0.15)


def test_the_gain_is_what_is_asked(audition: Audition, card: Recorder, tmp_path: Path) -> None:
    clip = noise(1.0)
    path = write(tmp_path / "clip.wav", clip)
    audition.gain_db = -6.0
    play_through(audition, write(tmp_path / "first.wav", noise(0.1, seed=5)))
    quieter = clip * 10 ** (-6 / 20)
    assert played_exactly(lambda: play_through(audition, path), quieter, card, tolerance=1e-6)


def test_the_level_meter_rises_and_falls(audition: Audition, card: Recorder, tmp_path: Path) -> None:
    tone = np.zeros((RATE, 2), np.float32)
    tone[:, 0] = 0.5 * np.sin(np.arange(RATE) * 0.1)
    audition.play(write(tmp_path / "left.wav", tone))
    time.sleep(0.5)
    left, right = audition.state().peak_db
    assert left == pytest.approx(-6.0, abs=0.2)
    assert right < left - 20
    audition.stop()
    time.sleep(1.0)
    assert audition.state().peak_db[0] < -25


def test_the_outputs_can_be_chosen(audition: Audition, card: Recorder, tmp_path: Path) -> None:
    audition.channels = (4, 3)
    clip = noise(1.0)
    play_through(audition, write(tmp_path / "warm.wav", noise(0.3, seed=2)))
    path = write(tmp_path / "clip.wav", clip)
    assert played_exactly(lambda: play_through(audition, path), clip, card, outputs=(3, 2))
    assert np.abs(card.sound()[:, :2]).max() == 0


def test_a_key_is_heard_within_50_ms(audition: Audition, card: Recorder, tmp_path: Path) -> None:
    clips = [write(tmp_path / f"{rate}.wav", noise(3.0, rate=rate), rate) for rate in (RATE, 44_100, 96_000)]
    waits = []
    for clip in clips * 4:
        moment = time.perf_counter()
        audition.play(clip)
        time.sleep(0.25)
        heard = card.heard_since(moment)
        assert heard is not None
        waits.append(heard - moment)
        audition.stop()
        time.sleep(0.1)
    print(f"key to sound: median {1000 * np.median(waits):.1f} ms, longest {1000 * max(waits):.1f} ms")
    assert np.median(waits) < 0.05


def test_the_next_clip_takes_over_at_once(audition: Audition, card: Recorder, tmp_path: Path) -> None:
    one, two = write(tmp_path / "one.wav", noise(3.0)), noise(1.0, seed=7)
    path = write(tmp_path / "two.wav", two)

    def play() -> None:
        audition.play(one)
        time.sleep(0.2)
        play_through(audition, path)

    assert played_exactly(play, two, card, skip=round(0.02 * RATE))


def test_a_file_that_is_gone_is_a_sentence_and_no_more(
    audition: Audition, card: Recorder, tmp_path: Path
) -> None:
    audition.play(tmp_path / "nothing.wav")
    now = until(audition, lambda now: not now.playing)
    assert "nothing.wav cannot be played: the file is not there any more." in now.sentence
    audition.play(write(tmp_path / "clip.wav", noise(1.0)))
    time.sleep(0.2)
    assert audition.state().playing
    assert audition.state().sentence == ""


def test_the_card_is_listed(audition: Audition, card: Recorder) -> None:
    assert CARD in audition.devices()
    assert audition.state().device == CARD


def play_through(audition: Audition, path: Path) -> None:
    """Play the file to its end, and a little silence after it."""
    audition.play(path)
    until(audition, lambda now: not now.playing)
    assert audition.state().sentence == ""
    time.sleep(0.1)


def played_exactly(
    play: Callable[[], None],
    clip: Sound,
    card: Recorder,
    outputs: Sequence[int] = (0, 1),
    skip: int = 0,
    tolerance: float = 0.0,
) -> bool:
    """Whether every sample of the clip is heard, but for the first `skip`."""
    for _ in range(TRIES):
        card.forget()
        play()
        sound = np.ascontiguousarray(card.sound()[:, list(outputs)])
        place = place_of(clip, sound)
        heard = sound[place + skip : place + len(clip)]
        if heard.shape == clip[skip:].shape and np.allclose(heard, clip[skip:], rtol=0, atol=tolerance):
            return True
    return False


def until(audition: Audition, condition: Callable[[AuditionState], bool]) -> AuditionState:
    """The state, once the condition is true of it."""
    patience = time.monotonic() + 10
    while not condition(audition.state()):
        assert time.monotonic() < patience, audition.state()
        time.sleep(0.01)
    return audition.state()
