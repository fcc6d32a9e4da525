"""OSC packets: what is read, what is refused, and that nothing else can happen."""

from __future__ import annotations

import contextlib
import struct
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.packets import MAX_BYTES, BadPacket, Message, decode, encode

TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))
INT32 = st.integers(-(2**31), 2**31 - 1)
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FLOAT32 = st.floats(width=32, allow_nan=False)
PING = encode(Message("/roomtone/1/ping"))


def built(address: str, *typed: tuple[str, object]) -> bytes:
    """The same by an independent implementation."""
    builder = OscMessageBuilder(address)
    for kind, value in typed:
        builder.add_arg(value, kind)  # type: ignore[arg-type]
    return builder.build().dgram


def bundle(*elements: bytes, time_tag: int = 1) -> bytes:
    return (
        b"#bundle\0" + struct.pack(">Q", time_tag) + b"".join(struct.pack(">i", len(e)) + e for e in elements)
    )


@PATIENT
@given(st.lists(st.one_of(TEXT, INT32, FLOAT32), max_size=20))
def test_what_is_sent_is_read_the_same_by_us_and_by_python_osc(values: list[str | int | float]) -> None:
    packet = encode(Message("/a/b", tuple(values)))
    assert decode(packet) == [Message("/a/b", tuple(values))]
    assert OscMessage(packet).params == values


@PATIENT
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("s"), TEXT),
            st.tuples(st.just("h"), st.integers(-(2**63), 2**63 - 1)),
            st.tuples(st.just("d"), st.floats(allow_nan=False)),
            st.tuples(st.just("T"), st.just(True)),
            st.tuples(st.just("b"), st.binary(min_size=1)),
            st.tuples(st.just("N"), st.just(None)),
        )
    )
)
def test_what_python_osc_sends_is_read_the_same(typed: list[tuple[str, object]]) -> None:
    (message,) = decode(built("/x", *typed))
    assert list(message.values) == [value for _, value in typed]


def test_only_text_and_numbers_of_32_bits_go_out() -> None:
    for value in (True, None, b"blob"):
        with pytest.raises(ValueError, match="only text and numbers"):
            encode(Message("/x", (value,)))
    assert b",sif" in encode(Message("/x", ("a", 1, 0.5)))


def test_text_that_no_packet_can_carry_goes_out_cleaned() -> None:
    assert decode(encode(Message("/x", ("a\0b\ud800",))))[0].values == ("ab?",)


def test_the_messages_of_a_bundle_come_in_order_and_its_time_tag_is_not_waited_for() -> None:
    far_future = 2**64 - 1
    inner = bundle(encode(Message("/b")), encode(Message("/c")), time_tag=far_future)
    began = time.thread_time()
    messages = decode(bundle(encode(Message("/a")), inner, encode(Message("/d")), time_tag=far_future))
    assert [message.address for message in messages] == ["/a", "/b", "/c", "/d"]
    assert time.thread_time() - began < 0.5


def test_a_bundle_built_by_python_osc_is_read() -> None:
    builder = OscBundleBuilder(1)  # type: ignore[arg-type]
    builder.add_content(OscMessageBuilder("/one").build())
    builder.add_content(OscMessageBuilder("/two").build())
    assert [message.address for message in decode(builder.build().dgram)] == ["/one", "/two"]


def test_an_empty_bundle_holds_no_message() -> None:
    assert decode(bundle()) == []


def test_a_message_without_type_tags_has_no_values() -> None:
    assert decode(b"/ping\0\0\0") == [Message("/ping")]


def nested(depth: int) -> bytes:
    packet = PING
    for _ in range(depth):
        packet = bundle(packet)
    return packet


@pytest.mark.parametrize(
    ("packet", "sentence"),
    [
        (b"", "multiple of 4"),
        (b"/a", "multiple of 4"),
        (b"abcd", "begins with a slash"),
        (b"/abc", "no end"),
        (b"/a b\0\0\0\0", "characters that none has"),
        (b"/roomtone/1/" + b"*" * 40 + b"Z\0\0\0", "patterns are not supported"),
        (b"/caf\xc3\xa9\0\0", "characters that none has"),
        (b"/a\0\0sif\0", "begin with a comma"),
        (b"/a\0\0,i\0\0", "ends before its arguments do"),
        (b"/a\0\0,f\0\0\0\0", "multiple of 4"),
        (b"/a\0\0,s\0\0abcd", "no end"),
        (b"/a\0\0,s\0\0\xff\xfe\0\0", "not in UTF-8"),
        (b"/a\0\0,c\0\0\0\0\0a", "'c' is not supported"),
        (b"/a\0\0,[i]\0\0\0\0\0\0\0\1", r"'\[' is not supported"),
        (b"/a\0\0,b\0\0\xff\xff\xff\xfc", "blob has the wrong size"),
        (b"/a\0\0,b\0\0\x7f\xff\xff\xff", "ends before its arguments do"),
        (b"/a\0\0,\0\0\0more", "more in the packet"),
        (b"/a\0\0," + b"i" * 67 + b"\0" * 4 + b"\0" * 268, "64 arguments"),
        (b"#bundle\0" + b"\0" * 4, "before its time tag"),
        (bundle() + struct.pack(">i", -4), "wrong size -4"),
        (bundle() + struct.pack(">i", 0), "wrong size 0"),
        (bundle() + struct.pack(">i", 8) + b"/a\0\0", "wrong size 8"),
        (bundle() + struct.pack(">i", 3) + b"/a\0\0", "wrong size 3"),
        (nested(350), "nested 4 deep"),
        (bundle(*[PING] * 1_025), "at most 1024 messages"),
        (b"/a\0\0" + b"\0" * MAX_BYTES, "larger than"),
    ],
)
def test_a_malformed_packet_is_refused_with_a_sentence(packet: bytes, sentence: str) -> None:
    began = time.thread_time()
    with pytest.raises(BadPacket, match=sentence):
        decode(packet)
    assert time.thread_time() - began < 0.5


def test_one_malformed_message_spoils_its_whole_bundle() -> None:
    with pytest.raises(BadPacket):
        decode(bundle(PING, b"/a\0\0,i\0\0"))


def test_a_message_of_64_kilobytes_is_read_at_once() -> None:
    text = "r" * 65_000
    packet = encode(Message("/a", (text,)))
    began = time.thread_time()
    assert decode(packet)[0].values == (text,)
    assert time.thread_time() - began < 0.1


@settings(PATIENT, max_examples=500)
@given(st.binary(max_size=400))
@example(bundle() + struct.pack(">i", -4))
def test_any_bytes_are_either_read_or_refused(packet: bytes) -> None:
    with contextlib.suppress(BadPacket):
        assert all(message.address.startswith("/") for message in decode(packet))


@settings(PATIENT, max_examples=500)
@given(st.binary(max_size=60), st.integers(0, 200), st.sampled_from([PING, nested(3), bundle(PING, PING)]))
def test_a_true_packet_with_foreign_bytes_in_it_is_either_read_or_refused(
    foreign: bytes, place: int, packet: bytes
) -> None:
    with contextlib.suppress(BadPacket):
        assert len(decode(packet[:place] + foreign + packet[place + len(foreign) :])) <= 2


def test_a_message_is_shown_as_one_would_type_it() -> None:
    assert str(Message("/a", ("two words", "", "b", 1, 0.5))) == '/a "two words" "" b 1 0.5'
