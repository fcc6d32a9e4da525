"""`roomtone bridge` and `roomtone osc`, and the client behind it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bridge import card
from bridge.client import Client, ends, read_message
from bridge.packets import Message, encode
from bridge.ports import holder, is_local
from bridge.server import Bridge
from engine import __version__
from engine.errors import EngineError, UsageError
from engine.settings import Settings, folders, save_settings
from tests.bridge_fixtures import QUIET, speaking
from tests.noise_model import Loader, make_noise_model, roomtone

ROOT = Path(__file__).parents[1]


@contextmanager
def running(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`roomtone bridge` in a process of its own, once it listens, and what it has said until then."""
    program = subprocess.Popen(
        [sys.executable, "-m", "engine", "bridge", *words],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert program.stderr is not None
        told = ""
        while "Ctrl-C ends it." not in told and (line := program.stderr.readline()):
            told += line
        yield program, told
    finally:
        if program.poll() is None:
            program.kill()
        program.communicate()


@pytest.fixture
def quiet() -> None:
    save_settings(Settings(bridge=QUIET))


@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_bridge_says_where_it_listens_and_ends_cleanly(quiet: None, number: signal.Signals) -> None:
    with running() as (program, told):
        found = card.read()
        assert found["pid"] == program.pid
        with Client(port=found["udp_port"]) as client:
            assert [str(answer) for answer in client.ask(Message("/roomtone/1/ping"))] == [
                f"/roomtone/1/pong {__version__}"
            ]
        program.send_signal(number)
        out, err = program.communicate(timeout=30)
        assert (program.returncode, out) == (0, "")
        assert f"127.0.0.1:{found['udp_port']} (UDP)" in told
        assert err == "The bridge is closed.\n"
    assert card.read() == {}


def test_a_second_bridge_is_told_who_has_the_port_or_takes_the_next(
    quiet: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with speaking() as (_, bridge, _):
        port = bridge.status().port
        assert roomtone("bridge", "--port", str(port)) == 1
        told = capsys.readouterr().err
        assert f"port {port} is taken by" in told
        assert "the next free one is" in told
        if sys.platform == "linux":
            assert f"process {os.getpid()}" in told
            assert holder(port, socket.SOCK_DGRAM).endswith(f"(process {os.getpid()})")


def test_osc_renders_a_clip_and_prints_every_answer(quiet: None, capsys: pytest.CaptureFixture[str]) -> None:
    make_noise_model()
    scene = json.dumps({"prompt": "rain on leaves", "seconds": 1.5, "model": "noise"})
    with Loader().open_studio("", "", 0) as studio, Bridge(studio, QUIET):
        assert roomtone("osc", "render/scene", "myjob", scene) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == "/roomtone/1/accepted myjob"
        assert all(line.startswith("/roomtone/1/progress myjob ") for line in lines[1:-1])
        name, job, path, seconds, rate, _clip = (
            read_message([lines[-1]]).address,
            *lines[-1].split(" ", 5)[1:],
        )
        assert (name, job, seconds, rate) == ("/roomtone/1/done", "myjob", "1.5", "44100")
        assert Path(path).is_relative_to(folders().library)
        assert Path(path).is_file()
        assert roomtone("osc", "render", "myjob", "rain on leaves") == 0
        assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
            "/roomtone/1/accepted", "/roomtone/1/done"
        ]  # fmt: skip


def test_osc_says_what_was_refused(quiet: None, capsys: pytest.CaptureFixture[str]) -> None:
    with speaking():
        assert roomtone("osc", "render j1 ''") == 1
        assert "prompt is empty" in capsys.readouterr().out
        assert roomtone("osc", "/roomtone/1/nothing") == 1
        assert "unknown-address" in capsys.readouterr().out


def test_osc_without_a_bridge_says_how_to_start_one(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert roomtone("osc", "ping", "--port", str(port)) == 1
    assert "roomtone bridge" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["osc"], ["osc", "'open"], ["osc", ""], ["osc", "ping", "--port", "x"], ["bridge", "x"]]
)
def test_what_is_asked_wrongly_is_told_with_exit_code_2(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert roomtone(*words) == 2
    assert capsys.readouterr().err.startswith("roomtone: ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ping"], Message("/roomtone/1/ping")),
        (["render 7 'rain on leaves' 4"], Message("/roomtone/1/render", ("7", "rain on leaves", 4))),
        (["render", "j", "12", "4.5"], Message("/roomtone/1/render", ("j", "12", 4.5))),
        (["/other 1 a 2.5"], Message("/other", (1, "a", 2.5))),
        (["audition/gain -6"], Message("/roomtone/1/audition/gain", (-6,))),
        (["render j p 99999999999"], Message("/roomtone/1/render", ("j", "p", 99999999999.0))),
    ],
)  # fmt: skip
def test_words_become_a_message_with_the_types_of_the_table(words: list[str], message: Message) -> None:
    read = read_message(words)
    assert read == message
    assert [type(value) for value in read.values] == [type(value) for value in message.values]


def test_the_last_answer_to_a_job_is_its_own_done_or_error() -> None:
    request = Message("/roomtone/1/render", ("j1", "rain"))
    assert ends(request, Message("/roomtone/1/done", ("j1", "/x", 1.0, 1, "")))
    assert ends(request, Message("/roomtone/1/error", ("j1", "usage", "")))
    assert ends(request, Message("/roomtone/1/error", ("", "busy", "")))
    assert not ends(request, Message("/roomtone/1/error", ("j2", "usage", "")))
    assert not ends(request, Message("/roomtone/1/accepted", ("j1",)))


def test_the_client_asks_again_when_a_datagram_is_lost() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        heard = []

        def lose_the_first() -> None:
            heard.append(server.recvfrom(65_536))
            heard.append(server.recvfrom(65_536))
            server.sendto(encode(Message("/roomtone/1/pong", ("1",))), heard[-1][1])

        thread = threading.Thread(target=lose_the_first, name="loser")
        thread.start()
        with Client(port=server.getsockname()[1]) as client:
            assert [answer.values for answer in client.ask(Message("/roomtone/1/ping"))] == [("1",)]
        thread.join()
        assert heard[0] == heard[1]


def test_the_client_gives_up_on_a_port_that_is_silent() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        began = time.monotonic()
        with Client(port=server.getsockname()[1]) as client, pytest.raises(EngineError, match="no answer"):
            list(client.ask(Message("/roomtone/1/ping"), timeout=0.1))
        assert time.monotonic() - began < 2


def test_only_this_machine_is_local() -> None:
    assert all(is_local(host) for host in ("127.0.0.1", "127.1.2.3", "::1", "localhost"))
    assert not any(is_local(host) for host in ("0.0.0.0", "192.168.1.2", "::", "example.org"))


def test_a_broken_card_is_no_card(roomtone_home: Path) -> None:
    card.card_file().parent.mkdir(parents=True, exist_ok=True)
    for text in ("", "[]", "{", json.dumps(3)):
        card.card_file().write_text(text)
        assert card.read() == {}
    card.remove()
    assert card.card_file().exists()


def test_wrong_numbers_among_the_words_are_refused() -> None:
    with pytest.raises(UsageError, match="A quote is open"):
        read_message(["render 'x"])
