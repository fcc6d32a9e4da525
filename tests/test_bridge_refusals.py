"""What the bridge refuses, and that each refusal is answered with a code and a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.addresses import ANSWERS
from bridge.packets import Message, Value, encode
from bridge.server import Bridge
from engine.studio import Studio
from tests.bridge_fixtures import Speaker, speaking

Talk = tuple[Speaker, Bridge, Studio]


@pytest.fixture
def talk() -> Iterator[Talk]:
    with speaking() as talk:
        yield talk


@pytest.fixture
def speaker(talk: Talk) -> Speaker:
    return talk[0]


def test_cancelling_an_unknown_job_is_refused(speaker: Speaker) -> None:
    name, (job, code, _) = speaker.ask("cancel", "nobody")
    assert (name, job, code) == ("error", "nobody", "usage")


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
