"""From a message to a clip in the library, and back: the bridge with a running engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

from bridge.packets import Value
from bridge.server import Bridge
from engine.settings import folders
from engine.studio import Studio
from tests.bridge_fixtures import QUIET, Speaker, speaker_to
from tests.noise_model import Loader, make_noise_model


@pytest.fixture
def speaker() -> Iterator[Speaker]:
    make_noise_model()
    studio: Studio = Loader().open_studio("", "", 0)
    with studio, Bridge(studio, QUIET) as bridge, speaker_to(bridge) as speaker:
        yield speaker


def scene(prompt: str, **more: object) -> str:
    return json.dumps({"prompt": prompt, "seconds": 1.0, "model": "noise", **more})


def done(speaker: Speaker, job: str, prompt: str, *values: Value, **more: object) -> tuple[Value, ...]:
    """Render, check the way of the answers, and give what `done` says."""
    speaker.say("render/scene", job, scene(prompt, **more), *values)
    heard = speaker.hear_until("done")
    assert heard[0] == ("accepted", (job,))
    assert all(name == "progress" and told[0] == job for name, told in heard[1:-1])
    fractions = [float(str(told[1])) for _, told in heard[1:-1]]
    assert fractions == sorted(fractions)
    return heard[-1][1]


def test_a_clip_is_rendered_found_and_rendered_again_the_same(speaker: Speaker, tmp_path: Path) -> None:
    job, path, seconds, rate, clip = done(speaker, "j1", "rain on leaves", str(tmp_path), seed=3)
    sound, true_rate = soundfile.read(str(path))
    assert (job, seconds, rate) == ("j1", len(sound) / true_rate, true_rate)
    assert Path(str(path)).is_relative_to(folders().library)
    assert (tmp_path / "j1.reply").read_text().splitlines() == ["done", path, str(seconds), str(rate), clip]
    done(speaker, "j2", "wind in pines")

    speaker.say("library/search", "rain")
    (name, told), (_, found) = speaker.hear_until("library/found")
    assert (name, told[:5]) == ("library/clip", (clip, path, "rain on leaves", seconds, rate))
    assert found == (1, "rain")

    speaker.say("library/get", clip)
    (_, same), (_, (told_clip, text)) = speaker.hear_until("library/scene")
    assert (same, told_clip) == (told, clip)
    assert json.loads(str(text))["seed"] == 3

    speaker.say("again", "j3", clip)
    again = speaker.hear_until("done")[-1][1]
    assert again[1] != path
    assert (soundfile.read(str(again[1]))[0] == sound).all()


def test_a_clip_whose_file_has_gone_is_not_played(speaker: Speaker) -> None:
    _, path, _, _, clip = done(speaker, "j1", "rain on leaves")
    Path(str(path)).unlink()
    name, (_, code, _) = speaker.ask("audition/play", clip)
    assert (name, code) == ("error", "usage")


def test_the_scene_of_a_clip_can_be_sent_as_it_was_told(speaker: Speaker) -> None:
    clip = done(speaker, "j1", "rain on leaves", seed=5)[4]
    speaker.say("library/get", clip)
    text = speaker.hear_until("library/scene")[-1][1][1]
    speaker.say("render/scene", "j2", text)
    assert speaker.hear_until("done")[-1][1][0] == "j2"
