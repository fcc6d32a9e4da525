"""The bridge under fire: bursts, damaged packets by the hundred thousand, senders that never stop."""

from __future__ import annotations

import contextlib
import gc
import json
import math
import random
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from bridge.addresses import PREFIX, REQUESTS
from bridge.datagrams import widen
from bridge.inbox import Limits
from bridge.packets import Message, Value, encode
from engine.settings import folders
from tests.bridge_fixtures import Speaker, speaker_to, speaking, wait_for
from tests.test_bridge_packets import bundle, nested

BURST = 5_000
MUTATED = 100_000
BATCH = 400
UNBOUNDED = Limits(burst=10**9)


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


def example_packets() -> list[bytes]:
    """A true message for every request, bundles of them, and the packets that other servers die of."""
    scene = json.dumps({"prompt": "wind", "seconds": 2, "seed": 5})
    values: dict[str, tuple[Value, ...]] = {
        "render": ("job", "rain on leaves", 2, 120.0, 48_000, "", 0),
        "render/scene": ("scene", scene),
        "render/preset": ("preset", "weather/winter-wind"),
        "again": ("again", "0123456789ab"),
        "cancel": ("job",),
        "status": ("job",),
        "transport": (120.0, 4, 4, 1.5),
        "library/search": ('rain AND "tin roof" OR -x*', 20),
        "library/get": ("0123456789ab",),
        "preset/get": ("weather/winter-wind",),
        "preset/save": ("mine/wind", scene),
        "audition/play": ("0123456789ab",),
        "audition/gain": (-6.0,),
        "imported": ("job", "/tmp/x.wav"),
    }
    # Not subscribe: a damaged reply port would send to strangers.
    true = [
        encode(Message(f"{PREFIX}{name}", values.get(name, ()))) for name in REQUESTS if name != "subscribe"
    ]
    deadly = [
        bundle() + struct.pack(">i", -4),
        nested(350),
        f"{PREFIX}{'*' * 40}Z".encode() + b"\0" * 4,
        bundle(true[0], time_tag=2**64 - 1),
        encode(Message(f"{PREFIX}render", ("big", "r" * 60_000))),
    ]
    return [*true, bundle(*true[:5]), bundle(bundle(true[0]), true[3]), *deadly]


def mutated(packets: list[bytes], dice: random.Random) -> bytes:
    """One of the packets with bytes flipped, cut, doubled, spliced or with a wrong number in it."""
    packet = bytearray(dice.choice(packets))
    if len(packet) > 2_000 and dice.random() < 0.98:
        del packet[: len(packet) - 400]
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(packet) + 1)
        end = min(len(packet), place + dice.randint(1, 8))
        other = dice.choice(packets)
        part = other[: dice.randint(0, 64)]
        change = dice.randrange(6)
        if change == 0:
            packet[place:end] = bytes(dice.randrange(256) for _ in range(end - place))
        elif change == 1:
            del packet[place:end]
        elif change == 2:
            packet[place:place] = packet[place:end]
        elif change == 3:
            packet[place:place] = part
        elif change == 4:
            packet[place - place % 4 : place - place % 4 + 4] = struct.pack(">I", dice.choice(WRONG))
        else:
            del packet[place - place % 4 :]
    if dice.random() < 0.7:
        # Else nearly all would be refused for their length alone.
        packet += b"\0" * (-len(packet) % 4)
    return bytes(packet)


def strange(dice: random.Random) -> bytes:
    """A well-formed message with values that nobody would send."""
    name = dice.choice([name for name in REQUESTS if name not in LONG_ANSWERS])
    values = [dice.choice(VALUES) for _ in range(dice.randint(0, len(REQUESTS[name].arguments) + 1))]
    return encode(Message(f"{PREFIX}{name}", tuple(values)))


LONG_ANSWERS = ("describe", "status", "preset/list")
# No number that could be a reply port: strangers may listen there.
VALUES: tuple[Value, ...] = (
    "", "job", "all", "*", "../../etc/passwd", "/etc", "con", "\n", "é\u2028\U0001f327", "x" * 300, '"',
    "'; DROP TABLE", '"rain* NEAR(', "a:b", "-", "{}", "[]", '{"prompt": "x", "seconds": 1e999}',
    '{"prompt": "x", "bars": -1}', '{"prompt": {"prompt": 1}}', "[" * 200, "0123456789ab",
    "weather/winter-wind", 0, 1, -1, 4, 120, 2**31 - 1, -(2**31), 0.0, -0.5, 1e-40, 3e38,
    math.inf, -math.inf, math.nan,
)  # fmt: skip
WRONG = (0, 1, 3, 4, 2**31 - 1, 2**31, 2**32 - 1, 2**32 - 4, 0x7FC00000, 0xFF800000)


def batches(dice: random.Random) -> Iterator[list[bytes]]:
    packets = example_packets()
    for _ in range(MUTATED // BATCH):
        yield [strange(dice) if dice.random() < 0.2 else mutated(packets, dice) for _ in range(BATCH)]


def settled(speaker: Speaker, token: str) -> set[str]:
    """The codes of the errors in the answers, once all that came before has been served.

    The question is asked again when a small buffer of the system has lost it.
    """
    codes: set[str] = set()
    for _ in range(10):
        speaker.say("imported", token, "")
        with contextlib.suppress(TimeoutError):
            while True:
                name, values = speaker.hear(5)
                if name == "error":
                    codes.add(str(values[1]))
                if name == "noted" and values[0] == token:
                    return codes
    raise AssertionError("the bridge does not answer any more")


def test_a_hundred_thousand_damaged_packets_end_nothing_and_leave_nothing_behind() -> None:
    uncaught: list[object] = []
    before_hook, threading.excepthook = threading.excepthook, uncaught.append
    before_s = sys.getswitchinterval()
    # Two threads that both speak and listen would else wait for each other most of the time.
    sys.setswitchinterval(1e-4)
    codes: set[str] = set()
    megabytes: list[float] = []
    try:
        with speaking(limits=UNBOUNDED) as (speaker, bridge, _):
            for number, batch in enumerate(batches(random.Random(3))):
                for packet in batch:
                    speaker.raw(packet)
                codes |= settled(speaker, f"batch {number}")
                if number % 25 == 24:
                    gc.collect()
                    megabytes.append(psutil.Process().memory_info().rss / 1e6)
            settled(speaker, "the end")
            assert bridge.status().on
    finally:
        threading.excepthook = before_hook
        sys.setswitchinterval(before_s)
    assert uncaught == []
    assert "bug" not in codes, (folders().logs / "roomtone.log").read_text()
    assert {"bad-packet", "bad-arguments", "unknown-address", "usage"} <= codes
    print("megabytes:", [round(value) for value in megabytes])
    assert megabytes[-1] - megabytes[2] < 15, megabytes


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
