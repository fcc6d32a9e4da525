"""OSC over TCP: framing, and connections that are slow, rude or gone."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pythonosc import slip

from bridge.addresses import PREFIX
from bridge.framing import Framing, LengthPrefix, Slip
from bridge.packets import MAX_BYTES, BadPacket, Message, decode, encode
from bridge.server import Bridge
from tests.bridge_fixtures import QUIET, free_tcp_port, speaker_to, speaking

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FRAMINGS = [Slip, LengthPrefix]
PING = encode(Message(f"{PREFIX}ping"))
PACKETS = st.lists(st.binary(min_size=1, max_size=300), max_size=8)


@pytest.mark.parametrize("framing", FRAMINGS)
@PATIENT
@given(packets=PACKETS, cuts=st.lists(st.integers(1, 50), min_size=1))
def test_packets_come_out_as_they_went_in_however_the_stream_is_cut(
    framing: type[Framing], packets: list[bytes], cuts: list[int]
) -> None:
    sender, receiver = framing(), framing()
    stream = b"".join(sender.wrap(packet) for packet in packets)
    received, place = [], 0
    while place < len(stream):
        size = cuts[place % len(cuts)]
        received += receiver.feed(stream[place : place + size])
        place += size
    assert received == packets


@PATIENT
@given(st.binary(min_size=1))
def test_slip_is_that_of_python_osc(packet: bytes) -> None:
    assert slip.decode(Slip().wrap(packet)) == packet
    assert Slip().feed(slip.encode(packet)) == [packet]


@pytest.mark.parametrize("framing", FRAMINGS)
@PATIENT
@given(stream=st.binary(max_size=500))
def test_any_stream_is_either_cut_into_packets_or_refused(framing: type[Framing], stream: bytes) -> None:
    try:
        packets = framing().feed(stream)
    except BadPacket:
        return
    assert all(0 < len(packet) <= len(stream) for packet in packets)


@pytest.mark.parametrize("size", [-1, 0, MAX_BYTES + 1, 2**31 - 1])
def test_a_length_that_no_packet_has_ends_the_stream(size: int) -> None:
    with pytest.raises(BadPacket, match="length prefix"):
        LengthPrefix().feed(struct.pack(">i", size))


def test_a_slip_packet_without_an_end_is_not_gathered_for_ever() -> None:
    framing = Slip()
    for _ in range(2):
        assert framing.feed(b"x" * MAX_BYTES) == []
    with pytest.raises(BadPacket, match="larger than"):
        framing.feed(b"x")


@contextmanager
def streaming(framing: type[Framing]) -> Iterator[tuple[int, Bridge]]:
    """A bridge with a TCP port of that framing, and the port."""
    name = "tcp_slip_port" if framing is Slip else "tcp_length_port"
    with speaking(replace(QUIET, **{name: free_tcp_port()})) as (_, bridge, _):
        yield getattr(bridge.status(), name), bridge


class Line:
    """A connection of a script."""

    def __init__(self, port: int, framing: Framing) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.framing = framing
        self._packets: list[bytes] = []

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()

    def say(self, name: str, *values: str | int | float) -> None:
        self.socket.sendall(self.framing.wrap(encode(Message(PREFIX + name, values))))

    def hear(self) -> Message | None:
        """The next answer; None when the bridge has hung up."""
        while not self._packets:
            received = self.socket.recv(65_536)
            if not received:
                return None
            self._packets = self.framing.feed(received)
        (message,) = decode(self._packets.pop(0))
        return message


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_stream_is_served_like_a_datagram_and_in_order(framing: type[Framing]) -> None:
    with streaming(framing) as (port, _), Line(port, framing()) as line:
        line.say("render", "j1", "rain on leaves", 2.5)
        assert line.hear() == Message(f"{PREFIX}accepted", ("j1",))
        assert line.hear() == Message(f"{PREFIX}progress", ("j1", 0.0, "waiting", -1.0))
        for number in range(1_000):
            line.say("imported", f"j{number}", "")
        told = [line.hear() for _ in range(1_000)]
        assert told == [Message(f"{PREFIX}noted", (f"j{number}", "")) for number in range(1_000)]


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_refusal_is_answered_and_the_stream_goes_on(framing: type[Framing]) -> None:
    with streaming(framing) as (port, _), Line(port, framing()) as line:
        line.say("nothing")
        line.socket.sendall(framing().wrap(b"/a\0\0,c\0\0"))
        codes = [message.values[1] for message in (line.hear(), line.hear()) if message]
        assert codes == ["unknown-address", "bad-packet"]
        line.say("ping")
        assert (answer := line.hear()) is not None
        assert answer.address == f"{PREFIX}pong"


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_web_page_that_posts_a_packet_to_the_port_is_hung_up_on(framing: type[Framing]) -> None:
    body = framing().wrap(encode(Message(f"{PREFIX}cancel", ("all",))))
    post = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(body)
    with streaming(framing) as (port, bridge), Line(port, framing()) as line:
        line.socket.sendall(post + body)
        refused = line.hear()
        assert refused is not None
        assert refused.values[1] == "bad-packet"
        assert line.hear() is None
        assert not any("cancel" in message.text for message in bridge.status().messages)


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_connection_that_takes_no_answers_is_closed_and_delays_nobody(framing: type[Framing]) -> None:
    with streaming(framing) as (port, bridge), Line(port, framing()) as deaf:
        deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.socket.settimeout(0.2)
        # It is closed, or nobody reads from it any more.
        with contextlib.suppress(OSError):
            for _ in range(4_000):
                deaf.say("describe")
        with Line(port, framing()) as line, speaker_to(bridge) as speaker:
            line.say("ping")
            assert line.hear() is not None
            assert speaker.ask("ping")[0] == "pong"


def test_the_idlest_connection_makes_room_for_one_too_many() -> None:
    with streaming(Slip) as (port, _):
        lines = [Line(port, Slip()) for _ in range(65)]
        try:
            assert lines[0].hear() is None
            lines[-1].say("ping")
            assert lines[-1].hear() is not None
        finally:
            for line in lines:
                line.socket.close()


def test_a_client_that_hangs_up_in_the_middle_harms_nothing() -> None:
    with streaming(LengthPrefix) as (port, _):
        for cut in range(len(PING) + 4):
            with Line(port, LengthPrefix()) as line:
                line.socket.sendall(LengthPrefix().wrap(PING)[:cut])
        with Line(port, LengthPrefix()) as line:
            line.say("ping")
            assert line.hear() is not None
