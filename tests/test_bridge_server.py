"""The bridge as a script sees it: every request, its answers, and every refusal."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.addresses import ANSWERS, REQUESTS
from bridge.inbox import Limits
from bridge.packets import Message, Value, encode
from bridge.server import Bridge
from engine import __version__
from engine.errors import EngineError, UsageError
from engine.jobs import MOST_WAITING, Job
from engine.scene import Output, Scene
from engine.settings import BridgeSettings, Settings, folders
from engine.studio import Studio
from tests.bridge_fixtures import QUIET, Speaker, speaker_to, speaking, wait_for
from tests.noise_model import load_noise

Talk = tuple[Speaker, Bridge, Studio]


@pytest.fixture
def talk() -> Iterator[Talk]:
    with speaking() as talk:
        yield talk


@pytest.fixture
def speaker(talk: Talk) -> Speaker:
    return talk[0]


@pytest.fixture
def studio(talk: Talk) -> Studio:
    return talk[2]


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


def test_cancelling_an_unknown_job_is_refused(speaker: Speaker) -> None:
    name, (job, code, _) = speaker.ask("cancel", "nobody")
    assert (name, job, code) == ("error", "nobody", "usage")


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


@pytest.mark.parametrize(
    ("values", "sentence"),
    [((0, 4, 4), "The tempo is 0"), ((120, 4, 5), "4/5"), ((120, 0, 4), "0/4"), ((120, 99, 4), "99/4")],
)
def test_a_tempo_that_is_none_is_refused(
    speaker: Speaker, values: tuple[int, int, int], sentence: str
) -> None:
    name, (_, code, told) = speaker.ask("transport", *values)
    assert (name, code) == ("error", "usage")
    assert sentence in str(told)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{", "[" * 30_000, '{"prompt": NaN}', '{"prompt": "x", "seconds": "long"}',
     '{"prompt": "x", "promt": "y"}', '{"prompt": "x", "model": "/etc"}', '{"prompt": "x", "model": "../x"}',
     '{"prompt": "x", "seconds": 1' + "0" * 400 + "}", '{"prompt": "x", "seed": "1' + "0" * 400 + '"}',
     '{"prompt": "x", "seed": 1' + "0" * 400 + "}", '{"prompt": "x", "seed": 1000000000000000}',
     '{"prompt": "x", "model": "nobody"}', '{"prompt": ""}', '{"prompt": "x", "seed": ' + "9" * 5_000 + "}"],
)  # fmt: skip
def test_a_scene_that_is_none_is_refused_with_a_sentence(talk: Talk, text: str) -> None:
    speaker, _, studio = talk
    name, (job, code, sentence) = speaker.ask("render/scene", "j1", text)
    assert (name, job, code) == ("error", "j1", "usage")
    assert str(sentence).endswith((".", "?"))
    assert studio.queue.jobs() == []


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


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "a/b/c", "", ".hidden", "con"])
def test_a_preset_is_kept_under_no_name_that_leads_elsewhere(
    talk: Talk, name: str, roomtone_home: Path
) -> None:
    speaker, _, _ = talk
    assert speaker.ask("preset/save", name, '{"prompt": "x"}')[1][1] == "usage"
    assert list(roomtone_home.rglob("*.toml")) == []


def test_no_file_is_opened_as_a_preset(speaker: Speaker, tmp_path: Path) -> None:
    secret = tmp_path / "secret.toml"
    secret.write_text('prompt = "secret"\n')
    for name in ("preset/get", "render/preset"):
        values = (str(secret),) if name == "preset/get" else ("j1", str(secret))
        assert speaker.ask(name, *values)[1][1] == "usage"


@pytest.mark.parametrize(
    "job", ["", "a/b", "..", ".x", "a\\b", "con", "nul.x", "all", "*", "x" * 101, "é", "a\nb"]
)
def test_a_job_has_a_name_that_can_be_a_file(talk: Talk, job: str) -> None:
    speaker, _, studio = talk
    name, (told, code, sentence) = speaker.ask("render", job, "rain")
    assert (name, told, code) == ("error", job[:100], "usage")
    assert "job's name" in str(sentence)
    assert studio.queue.jobs() == []


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        ("render", ("j1", ""), "usage"),
        ("render", ("j1", "rain", -1), "usage"),
        ("render", ("j1", "rain", 1e9), "usage"),
        ("render", ("j1", "rain", 1, 5), "usage"),
        ("render", ("j1", "rain", 1, 0, 1), "usage"),
        ("render", ("j1", "rain", 1, 0, 44_100.5), "usage"),
        ("render", ("j1", "rain", 1, 0, 0, "", 80), "usage"),
        ("render", ("j1", "rain", 1, 0, 0, "", 70_000), "usage"),
        ("render", ("j1",), "bad-arguments"),
        ("render", ("j1", 3), "bad-arguments"),
        ("render/preset", ("j1", "no/such"), "usage"),
        ("again", ("j1", "no such"), "usage"),
        ("library/get", ("no such",), "usage"),
        ("library/search", ("x", 201), "usage"),
        ("library/search", ("x", -1), "usage"),
        ("audition/play", ("no such",), "usage"),
        ("audition/gain", (1_000,), "usage"),
        ("nothing", (), "unknown-address"),
        ("render/", (), "unknown-address"),
    ],
)  # fmt: skip
def test_whatever_is_refused_is_answered(
    speaker: Speaker, name: str, values: tuple[Value, ...], code: str
) -> None:
    kind, (_, told, sentence) = speaker.ask(name, *values)
    assert (kind, told) == ("error", code)
    assert str(sentence)
    assert speaker.is_silent()


def test_what_is_no_osc_is_refused_and_answers_are_passed_over_in_silence(speaker: Speaker) -> None:
    speaker.raw(b"GET / HTTP/1.1\r\n")
    assert speaker.hear()[1][1] == "bad-packet"
    for row in ANSWERS.values():
        speaker.raw(encode(Message(row.path)))
    speaker.raw(encode(Message("/other/program/error", ("what?",))))
    speaker.raw(b"/roomtone/1/error\0\0\0,[]\0")
    assert speaker.is_silent()


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


def test_a_sender_may_have_only_so_many_jobs_and_is_served_again_when_they_have_ended() -> None:
    with speaking(limits=Limits(jobs=2)) as (speaker, bridge, _):
        render(speaker, "j1")
        render(speaker, "j2")
        assert speaker.ask("render", "j3", "rain")[1][:2] == ("j3", "queue-full")
        with speaker_to(bridge) as other:
            render(other, "j4")
        speaker.say("cancel", "j1")
        speaker.hear(), speaker.hear()
        render(speaker, "j3")


def test_a_full_queue_is_told(talk: Talk) -> None:
    speaker, _, studio = talk
    for number in range(MOST_WAITING):
        studio.queue.add(Job(f"n{number}", Scene("wind"), Output()))
    assert speaker.ask("render", "j1", "rain")[1][:2] == ("j1", "queue-full")


def test_a_sender_that_sends_too_fast_is_told_so_and_others_are_served() -> None:
    with speaking(limits=Limits(burst=5, per_second=0.001)) as (speaker, bridge, _):
        assert [speaker.ask("ping")[0] for _ in range(5)] == ["pong"] * 5
        name, (_, code, _) = speaker.ask("ping")
        assert (name, code) == ("error", "busy")
        with speaker_to(bridge) as other:
            assert other.ask("ping")[0] == "pong"


def test_a_taken_port_is_told_with_who_has_it_and_the_next_free_one(talk: Talk) -> None:
    _, bridge, studio = talk
    port = bridge.status().port
    second = Bridge(studio, replace(QUIET, port=port))
    with pytest.raises(
        EngineError, match=rf"UDP port {port} is taken by .*; the next free one is {port + 1}"
    ):
        second.start()
    assert not second.status().on
    assert str(port) in second.status().sentence
    with Bridge(studio, replace(QUIET, port=port, next_free=True)) as third:
        assert third.status().port > port


def test_another_address_needs_a_setting_that_says_what_it_means() -> None:
    with pytest.raises(UsageError, match=r"every machine of the network .* open_to_network = true"):
        Settings(bridge=BridgeSettings(host="0.0.0.0")).checked()
    Settings(bridge=BridgeSettings(host="0.0.0.0", open_to_network=True)).checked()
    with pytest.raises(UsageError, match="is no address"):
        BridgeSettings(host="example.org").checked()


def test_the_card_says_where_the_bridge_listens_and_goes_with_it(roomtone_home: Path) -> None:
    path = folders().state / "bridge.json"
    with speaking() as (_, bridge, _):
        card = json.loads(path.read_text())
        assert card["udp_port"] == bridge.status().port
        assert Path(card["spool"]).is_dir()
    assert not path.exists()


def test_the_panel_sees_where_it_listens_who_spoke_and_what_was_said(talk: Talk) -> None:
    speaker, bridge, _ = talk
    speaker.ask("ping")
    speaker.raw(b"junk")
    speaker.hear()
    status = bridge.status()
    assert (status.on, status.host) == (True, "127.0.0.1")
    assert [(peer.name, peer.messages) for peer in status.peers] == [(f"127.0.0.1:{speaker.port}", 2)]
    assert [(line.direction, line.text.split()[0]) for line in status.messages] == [
        ("in", "/roomtone/1/ping"), ("out", "/roomtone/1/pong"), ("in", "4"), ("out", "/roomtone/1/error")
    ]  # fmt: skip


def test_it_stops_and_starts_again_and_leaves_no_thread_behind() -> None:
    studio = Studio(load_pipeline=load_noise)
    before = threading.active_count()
    bridge = Bridge(studio, QUIET)
    for _ in range(3):
        bridge.start()
        bridge.start()
        with speaker_to(bridge) as speaker:
            assert speaker.ask("ping")[0] == "pong"
        bridge.stop()
        bridge.stop()
        assert not bridge.status().on
    wait_for(lambda: threading.active_count() == before)


def test_a_bug_of_ours_is_answered_and_ends_nothing(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    speaker, _, _ = talk
    # A library that breaks its promises, as a bug would.
    monkeypatch.setattr(Studio, "library", property(lambda studio: None))
    name, (_, code, sentence) = speaker.ask("library/get", "x")
    assert (name, code) == ("error", "bug")
    assert "AttributeError" in str(sentence)
    assert speaker.ask("ping")[0] == "pong"
