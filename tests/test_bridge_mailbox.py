"""The mailbox and reply files: the same grammar for scripts without sockets."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.files import check_job, spool_folder, write_reply
from engine.errors import UsageError
from engine.settings import folders
from engine.studio import Studio
from tests.bridge_fixtures import QUIET, Speaker, speaking, wait_for

POSIX = pytest.mark.skipif(os.name != "posix", reason="owners and links are those of POSIX")


@pytest.fixture
def talk() -> Iterator[tuple[Speaker, Studio]]:
    with speaking(replace(QUIET, mailbox=True)) as (speaker, _, studio):
        yield speaker, studio


@pytest.fixture
def studio(talk: tuple[Speaker, Studio]) -> Studio:
    return talk[1]


def post(name: str, text: str) -> Path:
    """Put a request into the mailbox as a script does: written aside, then renamed."""
    requests = folders().state / "mailbox" / "requests"
    part = requests / f"{name}.part"
    part.write_text(text, encoding="utf-8")
    return part.rename(requests / f"{name}.json")


def ask(name: str, address: str, *values: object, **more: object) -> Path:
    return post(name, json.dumps({"address": f"/roomtone/1/{address}", "args": values, **more}))


def reply(name: str, folder: Path | None = None) -> list[str]:
    """The lines of a reply, when it comes."""
    path = (folder or folders().state / "mailbox" / "replies") / f"{name}.reply"
    wait_for(path.exists)
    return path.read_text(encoding="utf-8").splitlines()


def test_a_render_is_answered_in_the_file_of_its_job_from_accepted_to_done(studio: Studio) -> None:
    request = ask("r1", "render", "j1", "rain on leaves", 4)
    wait_for(lambda: not request.exists() and studio.queue.get("j1") is not None)
    wait_for(lambda: reply("j1") == ["progress", "0.0", "waiting", "-1.0"])
    studio.queue.change("j1", fraction=0.5, stage="denoising", seconds_left=2.0, state="running")
    wait_for(lambda: reply("j1") == ["progress", "0.5", "denoising", "2.0"])
    studio.queue.change("j1", state="done", path="/x é.wav", clip="ab", seconds=4.0, rate=44_100)
    wait_for(lambda: reply("j1") == ["done", "/x é.wav", "4.0", "44100", "ab"])


def test_other_requests_are_answered_in_a_file_of_their_own_name(studio: Studio) -> None:
    ask("p1", "ping")
    assert reply("p1")[0] == "pong"
    ask("t1", "transport", 120, 3, 4)
    assert reply("t1") == ["tempo", "120.0", "3", "4"]
    ask("s1", "render", "j1", "rain")
    reply("j1")
    ask("s2", "status")
    lines = reply("s2")
    assert lines[:2] == ["job", "waiting"]
    assert lines[lines.index("---") + 1 :] == ["jobs", "1", "1", "0"]


def test_requests_are_served_in_the_order_of_their_writing(studio: Studio) -> None:
    for number in range(50):
        ask(f"r{number % 7}-{number}", "render", f"j{number}", "rain")
    wait_for(lambda: len(studio.queue.jobs()) == 50)
    assert [job.id for job in studio.queue.jobs()] == [f"j{number}" for number in range(50)]


def test_the_reply_goes_into_the_spool_that_is_named(studio: Studio, tmp_path: Path) -> None:
    ask("r1", "render", "j1", "rain", 1, 0, 0, str(tmp_path))
    assert reply("j1", tmp_path)[0] in ("accepted", "progress")
    ask("r2", "render", "j2", "rain", spool=str(tmp_path))
    assert reply("j2", tmp_path)[0] in ("accepted", "progress")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[]", "no object"),
        ("{}", "no object"),
        ('{"address": 3}', "no object"),
        ('{"address": "/roomtone/1/ping", "args": 3}', "no list"),
        ('{"address": "/roomtone/1/ping", "args": [[]]}', "text and numbers"),
        ('{"address": "/roomtone/1/nothing"}', "no address"),
        ('{"address": "/roomtone/1/render", "args": ["j1", ""]}', "prompt is empty"),
        ('{"address": "/roomtone/1/ping", "spool": "relative"}', "not a whole path"),
        ('{"address": "/roomtone/1/render", "args": [{}, "rain"]}', "text and numbers"),
        ('{"address": "/roomtone/1/render", "args": ["../x", "rain"]}', "job's name"),
        ('{"address": "/roomtone/1/render", "args": []}', "job's name"),
        ('{"address": "/roomtone/1/render", "args": ["\\ud800", "rain"]}', "job's name"),
        ('{"address": "/\\ud800", "args": ["\\udfff"]}', "no address"),
        ('{"address": "/roomtone/1/render", "args": ["j1", "rain", 1' + "0" * 999 + "]}", "no number"),
        ('{"address": "/roomtone/1/render", "args": ["j1", "rain", Infinity]}', "no number"),
        ('{"address": "/roomtone/1/render", "args": ["j1", "rain", 1' + "0" * 9_999 + "]}", "not valid JSON"),
    ],
)
def test_a_wrong_request_is_answered_with_a_sentence(studio: Studio, text: str, sentence: str) -> None:
    request = post("wrong", text)
    os.utime(request, (time.time() - 10,) * 2)
    wait_for(lambda: not request.exists())
    name = "j1" if '"j1"' in text and "JSON" not in sentence else "wrong"
    kind, code, told = reply(name)
    assert kind == "error"
    assert code in ("usage", "unknown-address", "bad-arguments")
    assert sentence in told
    assert studio.queue.jobs() == []


def test_a_request_that_is_still_being_written_is_waited_for(studio: Studio) -> None:
    path = folders().state / "mailbox" / "requests" / "slow.json"
    path.write_text('{"address": "/roomtone/1/pi')
    time.sleep(0.3)
    assert path.exists()
    path.write_text('{"address": "/roomtone/1/ping"}')
    assert reply("slow")[0] == "pong"


def test_a_request_that_never_becomes_json_is_refused(studio: Studio) -> None:
    path = post("junk", "{" * 100)
    os.utime(path, (time.time() - 10,) * 2)
    assert reply("junk")[:2] == ["error", "usage"]


@POSIX
def test_a_link_in_the_mailbox_is_not_followed(studio: Studio, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"address": "/roomtone/1/render", "args": ["j1", "secret"]}')
    link = folders().state / "mailbox" / "requests" / "link.json"
    link.symlink_to(secret)
    os.utime(link, (time.time() - 10,) * 2, follow_symlinks=False)
    assert reply("link")[0] == "error"
    assert secret.exists()
    assert studio.queue.jobs() == []


def test_a_spool_in_a_message_gets_every_answer_of_the_job(
    talk: tuple[Speaker, Studio], tmp_path: Path
) -> None:
    speaker, studio = talk
    assert speaker.ask("render", "j1", "rain", 1, 0, 0, str(tmp_path)) == ("accepted", ("j1",))
    studio.queue.change("j1", state="failed", code="memory", sentence="Too little\nmemory.")
    speaker.hear_until("error")
    assert reply("j1", tmp_path) == ["error", "memory", "Too little memory."]
    assert speaker.ask("render", "j2", "", 1, 0, 0, str(tmp_path))[0] == "error"
    assert reply("j2", tmp_path)[:2] == ["error", "usage"]
    assert {path.name for path in tmp_path.iterdir()} == {"j1.reply", "j2.reply"}


def test_a_spool_that_is_none_is_refused_before_anything_is_rendered(
    talk: tuple[Speaker, Studio], tmp_path: Path
) -> None:
    speaker, studio = talk
    for spool in ("relative", str(tmp_path / "missing"), "\\\\?\\x"):
        assert speaker.ask("render", "j1", "rain", 1, 0, 0, spool)[1][1] == "usage"
    assert studio.queue.jobs() == []


@POSIX
def test_a_spool_is_no_link_and_no_folder_of_others(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    assert spool_folder(str(mine), []) == mine
    (tmp_path / "link").symlink_to(mine)
    with pytest.raises(UsageError, match="through a link"):
        spool_folder(str(tmp_path / "link"), [])
    (mine / "below").mkdir()
    with pytest.raises(UsageError, match="through a link"):
        spool_folder(str(tmp_path / "link" / "below"), [tmp_path])
    assert spool_folder(str(tmp_path / "link" / "below"), [tmp_path / "link"]) == mine / "below"
    mine.chmod(0o777)
    with pytest.raises(UsageError, match="Others may write"):
        spool_folder(str(mine), [])
    assert spool_folder(str(mine), [tmp_path]) == mine


@POSIX
def test_a_reply_replaces_no_link_by_what_it_points_to(tmp_path: Path) -> None:
    treasure = tmp_path / "treasure"
    treasure.write_text("gold")
    (tmp_path / "j1.reply").symlink_to(treasure)
    with pytest.raises(OSError, match="link"):
        write_reply(tmp_path, "j1", ["done"])
    assert treasure.read_text() == "gold"


def test_a_name_of_a_job_may_be_what_scripts_make() -> None:
    for job in ("ardour-1795441378-332231", "sc-251125_101112", "a b.c", "Take 1 @ 96", "x" * 100):
        assert check_job(job) == job
