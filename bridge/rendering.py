"""What the addresses about jobs do: render, cancel, status, transport, subscribe, and the words of greeting.

This module knows no socket.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.addresses import ANSWERS, REQUESTS
from bridge.checking import Refused, answer
from bridge.desk import Call, Deed, Desk, Tempo
from bridge.files import check_job, check_sound_file
from bridge.listeners import news, seconds_left
from bridge.packets import Message
from bridge.presets import known_preset
from engine import __version__
from engine.commands.wishes import output_for
from engine.configs import from_mapping
from engine.errors import UsageError
from engine.layers import layered
from engine.ranges import check_number
from engine.scene import Output, Scene, check_meter

if TYPE_CHECKING:
    from engine.jobs import Job

ORIGIN = "osc"
TOLD_JOBS = 100
ALL = ("all", "*")


def read_scene(text: str, tempo: Tempo) -> Scene:
    """The scene in a JSON object. Raises UsageError, one sentence.

    A model is called by its name, never by a folder; a source is a regular file of sound.
    """
    try:
        fields: Any = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise UsageError('The scene is not valid JSON: send an object such as {"prompt": "rain"}.') from None
    scene = from_mapping(Scene, fields, where="scene")
    if any(sign in scene.model for sign in "/\\~"):
        raise UsageError("Over OSC a model is called by its name; a folder is not opened.")
    if scene.source:
        check_sound_file(Path(scene.source))
    return tempo.given_to(in_layers(scene)).checked()


def in_layers(scene: Scene) -> Scene:
    """The scene; a prompt of several lines becomes its layers, as in a prompt box. Raises UsageError."""
    return layered(scene, scene.prompt) if "\n" in scene.prompt.strip() and not scene.layers else scene


def _no_number(word: str) -> float:
    raise ValueError(word)


def _ping(desk: Desk, call: Call) -> Iterator[Message]:
    yield answer("pong", __version__)


def _describe(desk: Desk, call: Call) -> Iterator[Message]:
    for direction, table in (("in", REQUESTS), ("out", ANSWERS)):
        for address in table.values():
            arguments = " ".join(str(argument) for argument in address.arguments)
            yield answer("description", address.path, direction, arguments, address.sentence)
    yield answer("described", len(REQUESTS) + len(ANSWERS))


def _render(desk: Desk, call: Call) -> Iterator[Message]:
    seconds, bpm = call.number("seconds") or Scene.seconds, call.number("bpm") or None
    scene = in_layers(Scene(call.text("prompt"), seconds=seconds, bpm=bpm))
    output = desk.studio.settings.output
    rate = call.number("rate")
    if rate:
        check_number("rate", rate)
        output = replace(output, rate=int(rate))
    yield from _submitted(desk, call, lambda job: _submit(desk, job, scene, output))


def _render_scene(desk: Desk, call: Call) -> Iterator[Message]:
    def submit(job: str) -> Job:
        scene = read_scene(call.text("json"), desk.tempo)
        return _submit(desk, job, scene, output_for(scene, {}, desk.studio.settings.output))

    yield from _submitted(desk, call, submit)


def _render_preset(desk: Desk, call: Call) -> Iterator[Message]:
    def submit(job: str) -> Job:
        return _submit(desk, job, desk.tempo.given_to(known_preset(call.text("preset")).scene))

    yield from _submitted(desk, call, submit)


def _again(desk: Desk, call: Call) -> Iterator[Message]:
    yield from _submitted(
        desk, call, lambda job: desk.studio.again(call.text("clip"), job_id=job, origin=ORIGIN)
    )


def _submitted(desk: Desk, call: Call, submit: Callable[[str], Job]) -> Iterator[Message]:
    """Accepted; of a job that is known already also how it stands. Its senders hear of it from now on."""
    job_id = check_job(call.text("job"))
    known = desk.studio.queue.get(job_id)
    if known is None and desk.listeners.count(call.sender) >= desk.limits.jobs:
        raise Refused("queue-full", f"{desk.limits.jobs} jobs of this sender are waiting: ask again later.")
    job = known or submit(job_id)
    if job.held:
        # Left over from the last run: asked for once more, it is wanted.
        desk.studio.resume_jobs(job_id)
    yield answer("accepted", job.id)
    if not job.ended:
        desk.listeners.listen(job.id, call.sender, *call.outlets)
    if known:
        yield news(known)


def _submit(desk: Desk, job_id: str, scene: Scene, output: Output | None = None) -> Job:
    return desk.studio.submit(scene, output, job_id=job_id, origin=ORIGIN)


def _cancel(desk: Desk, call: Call) -> Iterator[Message]:
    job = call.text("job")
    if job in ALL:
        yield answer("cancelled", job, desk.studio.cancel_all())
        return
    known = desk.studio.queue.get(job)
    desk.studio.cancel(job)
    yield answer("cancelled", job, int(known is not None and not known.ended))


def _status(desk: Desk, call: Call) -> Iterator[Message]:
    jobs = desk.studio.queue.jobs()
    asked = call.text("job")
    found = [job for job in jobs if asked in ("", job.id)][:TOLD_JOBS]
    if asked and not found:
        raise UsageError(f"There is no job {asked[:80]!r} in the queue.")
    for job in found:
        yield answer("job", job.id, job.state, job.fraction, job.stage, seconds_left(job), job.path, job.clip)
    states = [job.state for job in jobs]
    yield answer("jobs", len(found), states.count("waiting"), states.count("running"))


def _transport(desk: Desk, call: Call) -> Iterator[Message]:
    tempo = Tempo(call.number("bpm"), call.whole("num"), call.whole("den"))
    check_number("bpm", tempo.bpm)
    check_meter(tempo.meter)
    desk.tempo = tempo
    yield answer("tempo", tempo.bpm, tempo.numerator, tempo.denominator)


def _subscribe(desk: Desk, call: Call) -> Iterator[Message]:
    desk.listeners.subscribe(call.outlets[0])
    yield answer("subscribed")


def _unsubscribe(desk: Desk, call: Call) -> Iterator[Message]:
    desk.listeners.unsubscribe(call.outlets[0])
    yield answer("unsubscribed")


def _imported(desk: Desk, call: Call) -> Iterator[Message]:
    noted = answer("noted", call.text("job"), call.text("path"))
    desk.listeners.tell_subscribers(noted)
    yield noted


DEEDS: dict[str, Deed] = {
    "ping": _ping,
    "describe": _describe,
    "render": _render,
    "render/scene": _render_scene,
    "render/preset": _render_preset,
    "again": _again,
    "cancel": _cancel,
    "status": _status,
    "transport": _transport,
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "imported": _imported,
}
