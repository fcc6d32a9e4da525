"""A long clip comes out of the sound card while it is being rendered, and it is the clip of the file."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from engine.jobs import Job
from engine.scene import Scene
from engine.settings import Settings
from engine.studio import Studio
from tests.sound_card import CARD, RATE, Recorder, needs_sound_card, noise, place_of, sound_card, write

LONG = Scene("steady rain on a canvas tent", seconds=60.0, model="mini")
PATIENCE_S = 120.0
RENDERS = 3


@pytest.fixture
def studio() -> Iterator[Studio]:
    """With the embedded model, on the virtual card."""
    needs_sound_card()
    with sound_card(f"roomtone-live-{os.getpid()}"):
        studio = Studio(Settings()).open(shared=False)
        studio.audition.device = CARD
        yield studio
        studio.audition.close()
        studio.close()


def rendered(studio: Studio, scene: Scene) -> Job:
    return studio.queue.wait(studio.submit(scene).id, PATIENCE_S)


def test_a_long_clip_is_heard_long_before_it_is_done(studio: Studio, tmp_path: Path) -> None:
    short = Scene("rain", seconds=1.0, seed=1, model="mini")
    assert rendered(studio, short).state == "done"  # the model is loaded
    studio.audition.play(write(tmp_path / "warm.wav", noise(0.1)))  # the card is open
    while studio.audition.state().playing:
        time.sleep(0.01)
    studio.monitor.on = True
    took_s = []
    with Recorder() as recorder:
        for seed in range(RENDERS):
            studio.audition.stop()
            time.sleep(0.5)
            recorder.forget()
            asked_s = time.perf_counter()
            job = studio.submit(replace(LONG, seed=seed))
            while (heard_s := recorder.heard_since(asked_s)) is None:
                assert time.perf_counter() - asked_s < PATIENCE_S
                time.sleep(0.005)
            done = studio.queue.wait(job.id, PATIENCE_S)
            took_s.append((heard_s - asked_s, time.perf_counter() - asked_s))
        time.sleep(2.0)
        studio.audition.stop()
        sound = recorder.sound()
    first_s, whole_s = (statistics.median(column) for column in zip(*took_s))
    print(f"first sound after {first_s:.2f} s, all of {LONG.seconds:g} s after {whole_s:.2f} s")
    assert done.state == "done"
    assert first_s < 0.5 * whole_s
    file, rate = soundfile.read(done.path, dtype="float32")
    heard = sound[:, :2]
    clip = soxr.resample(file[: 2 * rate], rate, RATE)[RATE // 10 : RATE]
    place = place_of(clip, heard)
    there = heard[place : place + len(clip)]
    assert np.corrcoef(there[:, 0], clip[:, 0])[0, 1] > 0.999
    level_db = 20 * np.log10(there.std() / clip.std())
    assert abs(level_db) < 6
