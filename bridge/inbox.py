"""What has come in and waits to be served: one lane a sender, in order, served in turn, with limits.

A sender that floods the bridge fills its own lane and delays nobody else. This module knows no socket: it
takes packets with the outlet that answers them.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bridge.outlets import Outlet
from bridge.packets import Message


@dataclass(frozen=True)
class Limits:
    """What one sender, and all together, may ask for.

    burst: packets at once; per_second: packets in the long run. waiting_packets and waiting_bytes: not yet
    served, of one sender; all_bytes: of all. senders: remembered at once. jobs: waiting or running, a sender.
    """

    burst: int = 10_000
    per_second: float = 2_000.0
    waiting_packets: int = 10_000
    waiting_bytes: int = 16 << 20
    all_bytes: int = 64 << 20
    senders: int = 1_024
    jobs: int = 250


@dataclass
class _Lane:
    allowance: float
    counted_s: float
    packets: deque[tuple[Outlet, bytes | Message]] = field(default_factory=deque)
    bytes: int = 0


class Inbox:
    """Filled and emptied by one thread. Times are in seconds of any steady clock."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lanes: OrderedDict[str, _Lane] = OrderedDict()
        self._turns: deque[str] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        """How many senders are waiting to be served."""
        return len(self._turns)

    def put(self, sender: str, outlet: Outlet, packet: bytes, now_s: float) -> bool:
        """Keep a packet until its turn; False when it is over a limit and must be refused."""
        lane = self._lane(sender, now_s)
        if lane is None or not self._has_room(lane, len(packet)):
            return False
        lane.allowance -= 1.0
        lane.bytes += len(packet)
        self._bytes += len(packet)
        if not lane.packets:
            self._turns.append(sender)
        lane.packets.append((outlet, packet))
        return True

    def take(self) -> tuple[str, Outlet, bytes | Message] | None:
        """The next packet with its sender: each sender's oldest, senders in turn."""
        if not self._turns:
            return None
        sender = self._turns.popleft()
        lane = self._lanes[sender]
        outlet, packet = lane.packets.popleft()
        if isinstance(packet, bytes):
            lane.bytes -= len(packet)
            self._bytes -= len(packet)
        if lane.packets:
            self._turns.append(sender)
        return sender, outlet, packet

    def put_first(self, sender: str, outlet: Outlet, messages: Sequence[Message]) -> None:
        """The messages of a packet that was just taken, to be served before what its sender sent later."""
        lane = self._lanes[sender]
        lane.allowance -= max(len(messages) - 1, 0)
        if messages and not lane.packets:
            self._turns.append(sender)
        lane.packets.extendleft((outlet, message) for message in reversed(messages))

    def _has_room(self, lane: _Lane, size: int) -> bool:
        limits = self._limits
        return (
            lane.allowance >= 1.0
            and len(lane.packets) < limits.waiting_packets
            and lane.bytes + size <= limits.waiting_bytes
            and self._bytes + size <= limits.all_bytes
        )

    def _lane(self, sender: str, now_s: float) -> _Lane | None:
        lane = self._lanes.get(sender)
        if lane is None:
            if len(self._lanes) >= self._limits.senders and not self._forget():
                return None
            lane = self._lanes[sender] = _Lane(float(self._limits.burst), now_s)
        self._lanes.move_to_end(sender)
        earned = (now_s - lane.counted_s) * self._limits.per_second
        lane.allowance = min(lane.allowance + earned, float(self._limits.burst))
        lane.counted_s = now_s
        return lane

    def _forget(self) -> bool:
        """Forget the sender that was heard last longest ago and has nothing waiting."""
        for sender, lane in self._lanes.items():
            if not lane.packets:
                del self._lanes[sender]
                return True
        return False
