"""The inbox: order within a sender, turns between senders, and limits."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.inbox import Inbox, Limits
from bridge.outlets import Outlet
from bridge.packets import Message

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Ear:
    """An outlet that remembers."""

    name: str = "ear"
    heard: list[Message] = field(default_factory=list, compare=False)

    def tell(self, message: Message) -> None:
        self.heard.append(message)

    def at_port(self, port: int) -> Outlet:
        return self


EAR = Ear()


def taken(inbox: Inbox) -> list[tuple[str, bytes | Message]]:
    found = []
    while waiting := inbox.take():
        found.append((waiting[0], waiting[2]))
    return found


@PATIENT
@given(st.lists(st.tuples(st.sampled_from("abc"), st.binary(max_size=4)), max_size=60))
def test_each_sender_is_served_in_its_order_and_nothing_is_lost(sent: list[tuple[str, bytes]]) -> None:
    inbox = Inbox(Limits())
    assert all(inbox.put(sender, EAR, packet, 0.0) for sender, packet in sent)
    served = taken(inbox)
    for name in "abc":
        assert [packet for sender, packet in served if sender == name] == [
            packet for sender, packet in sent if sender == name
        ]


def test_senders_are_served_in_turn() -> None:
    inbox = Inbox(Limits())
    for packet in (b"1", b"2", b"3"):
        inbox.put("a", EAR, packet, 0.0)
    inbox.put("b", EAR, b"4", 0.0)
    assert taken(inbox) == [("a", b"1"), ("b", b"4"), ("a", b"2"), ("a", b"3")]


def test_the_messages_of_a_bundle_go_before_what_came_later_and_count_as_so_many() -> None:
    inbox = Inbox(Limits(burst=4, per_second=1))
    inbox.put("a", EAR, b"bundle", 0.0)
    inbox.put("a", EAR, b"later", 0.0)
    assert inbox.take() == ("a", EAR, b"bundle")
    inbox.put_first("a", EAR, [Message("/1"), Message("/2"), Message("/3")])
    assert not inbox.put("a", EAR, b"too many", 0.0)
    assert taken(inbox) == [("a", Message("/1")), ("a", Message("/2")), ("a", Message("/3")), ("a", b"later")]


def test_a_lone_bundle_is_served_to_its_end() -> None:
    inbox = Inbox(Limits())
    inbox.put("a", EAR, b"bundle", 0.0)
    inbox.take()
    inbox.put_first("a", EAR, [Message("/1"), Message("/2")])
    assert taken(inbox) == [("a", Message("/1")), ("a", Message("/2"))]
    inbox.put_first("a", EAR, [])
    assert taken(inbox) == []


def test_a_burst_is_taken_and_then_the_pace_of_the_limit() -> None:
    inbox = Inbox(Limits(burst=3, per_second=2))
    assert [inbox.put("a", EAR, b"", 0.0) for _ in range(4)] == [True, True, True, False]
    assert inbox.put("b", EAR, b"", 0.0)
    assert [inbox.put("a", EAR, b"", 1.0) for _ in range(3)] == [True, True, False]


def test_bytes_that_wait_are_limited_for_each_sender_and_for_all() -> None:
    inbox = Inbox(Limits(waiting_bytes=10, all_bytes=15))
    assert inbox.put("a", EAR, b"x" * 10, 0.0)
    assert not inbox.put("a", EAR, b"x", 0.0)
    assert inbox.put("b", EAR, b"x" * 5, 0.0)
    assert not inbox.put("c", EAR, b"x", 0.0)
    taken(inbox)
    assert inbox.put("c", EAR, b"x" * 10, 0.0)


def test_senders_are_forgotten_only_when_nothing_of_theirs_waits() -> None:
    inbox = Inbox(Limits(senders=2))
    assert inbox.put("a", EAR, b"1", 0.0)
    assert inbox.put("b", EAR, b"2", 0.0)
    assert not inbox.put("c", EAR, b"3", 0.0)
    inbox.take()
    assert inbox.put("c", EAR, b"3", 0.0)
    assert taken(inbox) == [("b", b"2"), ("c", b"3")]
