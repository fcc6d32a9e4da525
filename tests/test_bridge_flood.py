"""The bridge under fire: bursts, senders that never stop, and messages of any size."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time

import pytest

from bridge.addresses import PREFIX
from bridge.datagrams import widen
from bridge.inbox import Limits
from bridge.packets import Message, encode
from tests.bridge_fixtures import Speaker, speaker_to, speaking, wait_for
from tests.test_bridge_packets import bundle

BURST = 5_000


def drained(speaker: Speaker, heard: list[bytes], enough: int) -> threading.Thread:
    """A thread that keeps the speaker's receive buffer empty until so many answers are there."""

    def drain() -> None:
        speaker.socket.settimeout(20)
        while len(heard) < enough:
            try:
                heard.append(speaker.socket.recv(65_536))
            except TimeoutError:
                return

    thread = threading.Thread(target=drain, name="drain")
    thread.start()
    return thread


def at_once() -> int:
    """How many small packets this system holds for a socket: a burst may be no longer where it is short."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        room = widen(probe) // 1_024
    return BURST if room >= BURST else room // 2


def send_all(speaker: Speaker, packets: list[bytes], heard: list[bytes]) -> None:
    """As fast as the socket takes them, or, where the system holds few, with so many on their way."""
    room = at_once()
    for sent, packet in enumerate(packets):
        if sent - len(heard) >= room:
            wait_for(lambda sent=sent: sent - len(heard) < room)  # type: ignore[misc]
        speaker.raw(packet)


def test_five_thousand_messages_in_a_burst_are_all_answered_in_their_order() -> None:
    packets = [encode(Message(f"{PREFIX}imported", (f"j{n}", "/x.wav"))) for n in range(BURST)]
    answers = [encode(Message(f"{PREFIX}noted", (f"j{n}", "/x.wav"))) for n in range(BURST)]
    with speaking() as (speaker, _, _):
        heard: list[bytes] = []
        thread = drained(speaker, heard, BURST)
        send_all(speaker, packets, heard)
        thread.join()
        assert heard == answers


def test_five_senders_bursting_at_once_are_all_answered_each_in_its_order() -> None:
    each = BURST // 5
    with speaking() as (_, bridge, _):
        speakers = [Speaker(bridge.status().port) for _ in range(5)]
        heard: list[list[bytes]] = [[] for _ in speakers]
        drains = [drained(speaker, answers, each) for speaker, answers in zip(speakers, heard)]
        room = at_once() // 5
        for n in range(each):
            for number, speaker in enumerate(speakers):
                speaker.say("imported", f"{number}-{n}", "")
            if n - min(map(len, heard)) >= room:
                wait_for(lambda n=n: n - min(map(len, heard)) < room)  # type: ignore[misc]
        for drain, speaker in zip(drains, speakers):
            drain.join()
            speaker.socket.close()
    for number, answers in enumerate(heard):
        assert answers == [encode(Message(f"{PREFIX}noted", (f"{number}-{n}", ""))) for n in range(each)]


FLOOD = """
import socket, sys, time
flooder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
flooder.connect(("127.0.0.1", int(sys.argv[1])))
while True:
    for _ in range(20):
        flooder.send(b"/roomtone/1/describe\\0\\0\\0\\0,\\0\\0\\0")
    time.sleep(0.001)
"""


def test_a_sender_that_never_stops_delays_no_other() -> None:
    with speaking(limits=Limits(burst=200, per_second=100)) as (speaker, bridge, _):
        port = bridge.status().port
        flood = subprocess.Popen([sys.executable, "-c", FLOOD, str(port)])
        try:
            wait_for(lambda: len(bridge.status().messages) >= 200)
            waits = []
            for _ in range(20):
                began = time.perf_counter()
                assert speaker.ask("ping")[0] == "pong"
                waits.append(time.perf_counter() - began)
        finally:
            flood.kill()
            flood.wait()
        assert sorted(waits)[len(waits) // 2] < 1.0


def test_a_long_bundle_of_one_sender_delays_no_other() -> None:
    describe = encode(Message(f"{PREFIX}describe"))
    with speaking() as (speaker, bridge, _), speaker_to(bridge) as other:
        speaker.raw(bundle(*[describe] * 1_000))
        began = time.perf_counter()
        assert other.ask("ping")[0] == "pong"
        assert time.perf_counter() - began < 2.0


@pytest.mark.parametrize("size", [0, 1, 65_507])
def test_datagrams_of_any_size_are_answered(size: int) -> None:
    with speaking() as (speaker, _, _):
        try:
            speaker.raw(b"/" * size)
        except OSError:
            pytest.skip("this system sends no datagram of that size")
        assert speaker.hear()[1][1] == "bad-packet"


def test_a_message_of_sixty_kilobytes_is_served() -> None:
    with speaking() as (speaker, _, _):
        text = "é" * 32_000
        assert speaker.ask("imported", "j1", text) == ("noted", ("j1", text))
        scene = json.dumps({"prompt": "r" * 60_000})
        assert "at most 2000" in str(speaker.ask("render/scene", "j1", scene)[1][2])


def test_answers_to_nobody_harm_nothing() -> None:
    with speaking() as (speaker, bridge, _):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
            gone.bind(("127.0.0.1", 0))
            for _ in range(100):
                gone.sendto(encode(Message(f"{PREFIX}describe")), ("127.0.0.1", bridge.status().port))
        assert speaker.is_silent()
