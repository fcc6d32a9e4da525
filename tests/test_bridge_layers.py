"""All that a scene can ask for goes through the bridge: layers, loops, bars, and clips made from clips."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
import soundfile

from engine.layer import Layer
from engine.scene import Scene
from tests.bridge_fixtures import Speaker
from tests.noise_bridge import NoiseBridge, noise_bridge

LAYERS = (Layer("steady rain"), Layer("thunder", -9.0, distance=0.7), Layer("owl", -15.0, -0.6))
LINES = "steady rain\nthunder -9 dB distant\nowl -15 dB left"


@pytest.fixture
def bridge() -> Iterator[NoiseBridge]:
    with noise_bridge() as bridge:
        yield bridge


def finished(bridge: NoiseBridge, name: str, *values: str | float) -> tuple[str, Scene]:
    """Path and scene of the clip that a request ends in."""
    speaker = Speaker(bridge.port)
    try:
        speaker.say(name, *values)
        _, path, _, _, clip = speaker.hear_until("done")[-1][1]
        return str(path), bridge.studio.library.get(str(clip)).scene
    finally:
        speaker.socket.close()


def test_a_layered_looped_scene_in_bars_is_rendered_as_it_was_sent(bridge: NoiseBridge) -> None:
    layers = [
        {"prompt": "steady rain"},
        {"prompt": "thunder", "gain_db": -9, "distance": 0.7},
        {"prompt": "owl", "gain_db": -15, "pan": -0.6},
    ]
    sent = {"prompt": "a wet night", "layers": layers, "loop": True, "width": 0.5, "seed": 7}
    text = json.dumps({**sent, "bars": 2, "bpm": 97.5, "meter": "7/8"})
    path, scene = finished(bridge, "render/scene", "j1", text)
    assert scene.layers == LAYERS
    assert (scene.prompt, scene.loop, scene.width, scene.seed) == ("a wet night", True, 0.5, 7)
    assert (scene.bars, scene.bpm, scene.meter) == (2.0, 97.5, "7/8")
    assert soundfile.info(path).frames == round(2 * 7 * 4 / 8 * 60 / 97.5 * 44_100)


def test_a_prompt_of_several_lines_is_layers_on_both_addresses(bridge: NoiseBridge) -> None:
    for number, (name, values) in enumerate(
        [("render", (LINES, 1.0)), ("render/scene", (json.dumps({"prompt": LINES, "seconds": 1}),))]
    ):
        _, scene = finished(bridge, name, f"j{number}", *values)
        assert scene.layers == LAYERS


def test_a_clip_that_is_extended_keeps_its_samples_whatever_the_settings_say(bridge: NoiseBridge) -> None:
    first, _ = finished(bridge, "render", "j1", "rain", 1.0, 0.0, 32_000)
    words = {"prompt": "rain", "seconds": 2, "source": first, "change": "extend"}
    longer, _ = finished(bridge, "render/scene", "j2", json.dumps(words))
    (old, _), (new, rate) = soundfile.read(first), soundfile.read(longer)
    assert (rate, len(new)) == (32_000, 64_000)
    assert np.array_equal(new[: len(old) - 3_300], old[:-3_300])
