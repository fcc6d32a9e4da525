"""What the addresses about the library, the presets and the audition do.

This module knows no socket.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bridge.checking import answer
from bridge.desk import Call, Deed, Desk
from bridge.files import check_sound_file
from bridge.packets import Message
from bridge.presets import known_preset
from bridge.rendering import read_scene
from engine.configs import to_mapping
from engine.errors import UsageError
from engine.presets import list_presets, save_preset
from engine.scene import Scene

if TYPE_CHECKING:
    from engine.library import Clip

FOUND = 20
MOST_FOUND = 200
ECHOED_CHARACTERS = 1_000
GAIN_DB = (-60.0, 12.0)


def scene_json(scene: Scene) -> str:
    """The scene as `render/scene` takes it: what is not set is left out."""
    fields = {name: value for name, value in to_mapping(scene).items() if value is not None}
    return json.dumps(fields, ensure_ascii=False)


def _search(desk: Desk, call: Call) -> Iterator[Message]:
    query = call.text("query")
    limit = call.whole("limit") or FOUND
    if not 1 <= limit <= MOST_FOUND:
        raise UsageError(f"The limit is {limit}, but must be from 1 to {MOST_FOUND}.")
    for clip in desk.studio.library.search(query, limit=limit):
        yield _told(clip)
    yield answer("library/found", desk.studio.library.count(query), query[:ECHOED_CHARACTERS])


def _get(desk: Desk, call: Call) -> Iterator[Message]:
    clip = desk.studio.library.get(call.text("clip"))
    yield _told(clip)
    yield answer("library/scene", clip.id, scene_json(clip.scene))


def _told(clip: Clip) -> Message:
    return answer(
        "library/clip",
        clip.id,
        str(clip.path),
        clip.prompt,
        clip.seconds,
        clip.rate,
        clip.bpm or 0.0,
        clip.category,
        ",".join(clip.tags),
    )


def _list(desk: Desk, call: Call) -> Iterator[Message]:
    presets = list_presets()
    for preset in presets:
        yield answer("preset/name", preset.key, preset.scene.prompt)
    yield answer("preset/names", len(presets))


def _preset(desk: Desk, call: Call) -> Iterator[Message]:
    preset = known_preset(call.text("preset"))
    yield answer("preset/scene", preset.key, scene_json(preset.scene))


def _save(desk: Desk, call: Call) -> Iterator[Message]:
    preset = save_preset(call.text("name"), read_scene(call.text("json"), desk.tempo))
    yield answer("preset/saved", preset.key)


def _play(desk: Desk, call: Call) -> Iterator[Message]:
    clip = desk.studio.library.get(call.text("clip"))
    path = check_sound_file(clip.path)
    desk.studio.audition.play(path, loop=clip.loop)
    yield answer("audition/playing", clip.id, str(path))


def _stop(desk: Desk, call: Call) -> Iterator[Message]:
    desk.studio.audition.stop()
    yield answer("audition/stopped")


def _gain(desk: Desk, call: Call) -> Iterator[Message]:
    low, high = GAIN_DB
    gain_db = call.number("db")
    if not low <= gain_db <= high:
        raise UsageError(f"The level is {gain_db:g} dB, but must be from {low:g} to {high:g} dB.")
    desk.studio.audition.gain_db = gain_db
    yield answer("audition/level", gain_db)


def _live(desk: Desk, call: Call) -> Iterator[Message]:
    desk.studio.monitor.on = on = call.whole("on") != 0
    yield answer("audition/listening", int(on))


DEEDS: dict[str, Deed] = {
    "library/search": _search,
    "library/get": _get,
    "preset/list": _list,
    "preset/get": _preset,
    "preset/save": _save,
    "audition/play": _play,
    "audition/stop": _stop,
    "audition/gain": _gain,
    "audition/live": _live,
}
