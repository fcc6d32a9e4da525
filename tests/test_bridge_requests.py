"""The bridge as a script sees it: every request and its answers."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator

import pytest

from bridge.addresses import ANSWERS, REQUESTS
from bridge.packets import Message, Value, encode
from bridge.server import Bridge
from engine import __version__
from engine.jobs import Job
from engine.scene import Output, Scene
from engine.studio import Studio
from tests.bridge_fixtures import Speaker, speaker_to, speaking, wait_for

Talk = tuple[Speaker, Bridge, Studio]


@pytest.fixture
def talk() -> Iterator[Talk]:
    with speaking() as talk:
        yield talk


@pytest.fixture
def speaker(talk: Talk) -> Speaker:
    return talk[0]


def render(speaker: Speaker, job: str = "j1", *values: Value) -> None:
    """Ask for a job and pass over that it is accepted and waits."""
    assert speaker.ask("render", job, "rain on leaves", *values) == ("accepted", (job,))
    assert speaker.hear() == ("progress", (job, 0.0, "waiting", -1.0))


def test_a_ping_is_answered_with_the_version(speaker: Speaker) -> None:
    assert speaker.ask("ping") == ("pong", (__version__,))


def test_describe_tells_the_whole_table(speaker: Speaker) -> None:
    speaker.say("describe")
    *told, (_, (count,)) = speaker.hear_until("described")
    assert {values[0] for _, values in told} == {row.path for row in (*REQUESTS.values(), *ANSWERS.values())}
    assert count == len(told)
    render_row = next(values for _, values in told if values[0] == REQUESTS["render"].path)
    assert render_row[1:3] == (
        "in",
        "s:job s:prompt [f:seconds] [f:bpm] [f:rate] [s:spool] [i:reply_port]",
    )


def test_a_prompt_becomes_a_job_with_the_length_tempo_and_rate_that_were_asked_for(talk: Talk) -> None:
    speaker, _, studio = talk
    render(speaker, "j1", 4.5, 90, 48_000.0)
    job = studio.queue.get("j1")
    assert job is not None
    assert (job.scene.prompt, job.scene.seconds, job.scene.bpm) == ("rain on leaves", 4.5, 90.0)
    assert (job.output.rate, job.origin) == (48_000, "osc")


def test_what_is_left_out_or_zero_is_the_default(talk: Talk) -> None:
    speaker, _, studio = talk
    render(speaker, "j1")
    render(speaker, "j2", 0, 0.0, 0, "", 0)
    for job in (studio.queue.get("j1"), studio.queue.get("j2")):
        assert job is not None
        assert (job.scene.seconds, job.scene.bpm) == (Scene.seconds, None)
        assert job.output == studio.settings.output


def test_a_job_goes_from_accepted_through_progress_to_done(talk: Talk) -> None:
    speaker, _, studio = talk
    render(speaker)
    studio.queue.next(0)
    assert speaker.hear() == ("progress", ("j1", 0.0, "starting", -1.0))
    studio.queue.change("j1", fraction=0.25, stage="denoising", seconds_left=3.0)
    assert speaker.hear() == ("progress", ("j1", 0.25, "denoising", 3.0))
    studio.queue.change("j1", state="done", path="/x é.wav", clip="ab12", seconds=10.0, rate=44_100)
    assert speaker.hear() == ("done", ("j1", "/x é.wav", 10.0, 44_100, "ab12"))
    assert speaker.is_silent()


def test_a_failure_is_told_with_its_code_and_sentence(talk: Talk) -> None:
    speaker, _, studio = talk
    render(speaker)
    studio.queue.change("j1", state="failed", code="memory", sentence="There is not enough memory.")
    assert speaker.hear() == ("error", ("j1", "memory", "There is not enough memory."))


def test_sending_a_job_twice_renders_it_once_and_tells_how_it_stands(talk: Talk) -> None:
    speaker, _, studio = talk
    render(speaker)
    render(speaker)
    assert len(studio.queue.jobs()) == 1
    studio.queue.change("j1", state="done", path="/x.wav", clip="c", seconds=10.0, rate=44_100)
    done = ("done", ("j1", "/x.wav", 10.0, 44_100, "c"))
    assert speaker.hear() == done
    assert speaker.ask("render", "j1", "another prompt") == ("accepted", ("j1",))
    assert speaker.hear() == done
    assert len(studio.queue.jobs()) == 1


def test_a_job_left_over_from_the_last_run_goes_on_when_it_is_sent_again(talk: Talk) -> None:
    speaker, _, studio = talk
    studio.queue.add_left_over([Job("j1", Scene("rain"), Output()), Job("j2", Scene("wind"), Output())])
    assert speaker.ask("render", "j1", "rain") == ("accepted", ("j1",))
    assert [job.id for job in studio.left_over()] == ["j2"]
    assert studio.queue.next(0) is not None


def test_answers_of_a_job_go_to_its_sender_and_not_to_another(talk: Talk) -> None:
    speaker, bridge, studio = talk
    with speaker_to(bridge) as other:
        render(speaker)
        studio.queue.change("j1", state="failed", code="hang", sentence="No sign of life.")
        assert speaker.hear()[0] == "error"
        assert other.is_silent()


def test_answers_go_to_the_reply_port_from_the_port_that_was_asked(talk: Talk) -> None:
    speaker, bridge, _ = talk
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(10)
        speaker.say("render", "j1", "rain", 1, 0, 0, "", listening.getsockname()[1])
        packet, sender = listening.recvfrom(65_536)
        assert packet == encode(Message(ANSWERS["accepted"].path, ("j1",)))
        assert sender == ("127.0.0.1", bridge.status().port)
        assert speaker.is_silent()


def test_a_subscriber_hears_of_jobs_of_others_until_it_unsubscribes(talk: Talk) -> None:
    speaker, bridge, studio = talk
    with speaker_to(bridge) as other:
        assert other.ask("subscribe") == ("subscribed", ())
        render(speaker)
        assert other.hear() == ("progress", ("j1", 0.0, "waiting", -1.0))
        studio.submit(Scene("wind"), job_id="of the panel")
        assert other.hear()[1][0] == "of the panel"
        assert other.ask("unsubscribe") == ("unsubscribed", ())
        studio.queue.change("j1", state="failed", code="hang", sentence="No sign of life.")
        assert speaker.hear()[0] == "error"
        assert other.is_silent()


def test_a_placed_file_is_noted_and_subscribers_hear_of_it(talk: Talk) -> None:
    speaker, bridge, _ = talk
    with speaker_to(bridge) as other:
        other.ask("subscribe")
        assert speaker.ask("imported", "j1", "/x.wav") == ("noted", ("j1", "/x.wav"))
        assert other.hear() == ("noted", ("j1", "/x.wav"))


def test_cancelling_one_job_leaves_the_next_alone(talk: Talk) -> None:
    speaker, _, studio = talk
    render(speaker, "j1")
    render(speaker, "j2")
    speaker.say("cancel", "j1")
    assert ("cancelled", ("j1", 1)) in (heard := [speaker.hear(), speaker.hear()])
    assert ("error", ("j1", "cancelled", "The job was cancelled.")) in heard
    assert [job.state for job in studio.queue.jobs()] == ["waiting", "cancelled"]


@pytest.mark.parametrize("word", ["all", "*"])
def test_all_jobs_are_cancelled_by_a_word(talk: Talk, word: str) -> None:
    speaker, _, studio = talk
    for job in ("j1", "j2", "j3"):
        render(speaker, job)
    speaker.say("cancel", word)
    assert ("cancelled", (word, 3)) in [speaker.hear() for _ in range(4)]
    assert {job.state for job in studio.queue.jobs()} == {"cancelled"}


def test_status_tells_of_one_job_or_of_all(speaker: Speaker) -> None:
    render(speaker, "j1")
    render(speaker, "j2")
    assert speaker.ask("status", "j2") == ("job", ("j2", "waiting", 0.0, "", -1.0, "", ""))
    assert speaker.hear() == ("jobs", (1, 2, 0))
    speaker.say("status")
    assert [values[0] for _, values in speaker.hear_until("jobs")] == ["j1", "j2", 2]
    assert speaker.ask("status", "nobody")[1][:2] == ("nobody", "usage")


def test_a_whole_scene_comes_as_json(talk: Talk) -> None:
    speaker, _, studio = talk
    scene = {
        "prompt": "wind",
        "avoid": "voices",
        "bars": 2,
        "bpm": 96,
        "meter": "3/4",
        "seed": 7,
        "loop": True,
    }
    assert speaker.ask("render/scene", "j1", json.dumps(scene)) == ("accepted", ("j1",))
    job = studio.queue.get("j1")
    assert job is not None
    assert job.scene.seconds == pytest.approx(2 * 3 * 60 / 96)
    assert (job.scene.avoid, job.scene.seed, job.scene.loop) == ("voices", 7, True)


def test_scenes_in_bars_take_the_tempo_of_the_transport_and_their_own_before_it(talk: Talk) -> None:
    speaker, bridge, studio = talk
    assert speaker.ask("render/scene", "j0", '{"prompt": "wind", "bars": 2}')[1][1] == "usage"
    assert bridge.status().bpm == 0.0
    assert speaker.ask("transport", 120, 7, 8, 12.5) == ("tempo", (120.0, 7, 8))
    wait_for(lambda: bridge.status().bpm == 120.0)
    speaker.ask("render/scene", "j1", '{"prompt": "wind", "bars": 2}')
    speaker.ask("render/scene", "j2", '{"prompt": "wind", "bars": 2, "bpm": 60}')
    lengths = [job.scene.seconds for job in (studio.queue.get("j1"), studio.queue.get("j2")) if job]
    assert lengths == pytest.approx([2 * 7 * 4 / 8 * 60 / 120, 2 * 4 * 60 / 60])


def test_a_preset_is_rendered_told_and_kept(talk: Talk) -> None:
    speaker, _, studio = talk
    speaker.say("preset/list")
    *presets, (_, (count,)) = speaker.hear_until("preset/names")
    assert count == len(presets) > 0
    key, prompt = presets[0][1]
    assert speaker.ask("render/preset", "j1", key) == ("accepted", ("j1",))
    job = studio.queue.get("j1")
    assert job is not None
    assert job.scene.prompt == prompt
    speaker.hear()
    _, (told, text) = speaker.ask("preset/get", key)
    assert told == key
    assert speaker.ask("preset/save", "mine/copy", text) == ("preset/saved", ("mine/copy",))
    assert speaker.ask("preset/get", "mine/copy") == ("preset/scene", ("mine/copy", text))
    assert speaker.ask("preset/save", "mine/copy", text)[1][1] == "usage"


def test_the_messages_of_a_bundle_are_executed_in_order_without_waiting_for_its_time(
    speaker: Speaker,
) -> None:
    messages = [("ping", ()), ("render", ("j1", "rain")), ("status", ("j1",)), ("cancel", ("j1",))]
    elements = [encode(Message(REQUESTS[name].path, values)) for name, values in messages]
    future = struct.pack(">Q", 2**64 - 1)
    speaker.raw(
        b"#bundle\0" + future + b"".join(struct.pack(">i", len(element)) + element for element in elements)
    )
    heard = [name for name, _ in speaker.hear_until("cancelled") if name != "progress"]
    assert heard == ["pong", "accepted", "job", "jobs", "cancelled"]


def test_the_audition_plays_only_a_clip_of_the_library_and_its_level_is_set(talk: Talk) -> None:
    speaker, _, studio = talk
    assert speaker.ask("audition/gain", -6) == ("audition/level", (-6.0,))
    assert studio.audition.gain_db == -6.0
    assert speaker.ask("audition/stop") == ("audition/stopped", ())
