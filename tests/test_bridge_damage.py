"""A hundred thousand damaged and strange packets: none ends the bridge, and none leaves anything behind."""

from __future__ import annotations

import contextlib
import gc
import json
import math
import random
import struct
import sys
import threading
from collections.abc import Iterator

import psutil

from bridge.addresses import PREFIX, REQUESTS
from bridge.inbox import Limits
from bridge.packets import Message, Value, encode
from engine.settings import folders
from tests.bridge_fixtures import Speaker, speaking
from tests.test_bridge_packets import bundle, nested

MUTATED = 100_000
BATCH = 400
UNBOUNDED = Limits(burst=10**9)


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


LONG_ANSWERS = ("describe", "status", "preset/list", "preset/get", "render/preset")
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
