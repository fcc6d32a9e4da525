"""A client of the bridge: sends one message over UDP and yields its answers until the last one.

A datagram may be lost, so what may be asked twice is asked again when nothing is heard. It knows no studio.
"""

from __future__ import annotations

import contextlib
import shlex
import socket
import time
from collections.abc import Iterator, Sequence
from types import TracebackType

from bridge.addresses import ANSWERS, PREFIX, REQUESTS
from bridge.packets import BadPacket, Message, Value, decode, encode
from bridge.ports import shown_address
from engine.errors import EngineError, UsageError

FIRST_SECONDS = (1.0, 2.0, 4.0)
"""How long the first answer is waited for before the message is sent once more."""

_READ_BYTES = 65_536


class Client:
    """One conversation with a bridge on this host and port."""

    def __init__(self, host: str = "127.0.0.1", port: int = 9000) -> None:
        self._peer = (host, port)
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        # A connected socket hears of a port without a listener, and takes answers from nobody else.
        self._socket.connect(self._peer)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def send(self, message: Message) -> None:
        """Send it. Raises EngineError when nobody listens on the port."""
        with self._heard_of():
            self._socket.send(encode(message))

    def receive(self, timeout: float) -> Message | None:
        """The next answer; None when there is none within `timeout` seconds."""
        until_s = time.monotonic() + timeout
        while (left_s := until_s - time.monotonic()) > 0:
            self._socket.settimeout(left_s)
            try:
                with self._heard_of():
                    packet = self._socket.recv(_READ_BYTES)
            except TimeoutError:
                return None
            with contextlib.suppress(BadPacket):
                (message,) = decode(packet)
                return message
        return None

    def ask(self, message: Message, timeout: float = 600.0) -> Iterator[Message]:
        """Send it and yield the answers, up to the one that ends them or until `timeout` seconds are over.

        Raises EngineError when there is no answer at all.
        """
        until_s = time.monotonic() + timeout
        first = self._first(message, timeout)
        yield first
        latest = first
        while not ends(message, latest) and (left_s := until_s - time.monotonic()) > 0:
            answer = self.receive(left_s)
            if answer is None:
                return
            yield answer
            latest = answer

    def _first(self, message: Message, timeout: float) -> Message:
        waits = FIRST_SECONDS if _may_be_repeated(message) else (timeout,)
        for seconds in waits:
            self.send(message)
            answer = self.receive(min(seconds, timeout))
            if answer is not None:
                return answer
        raise EngineError(f"There is no answer from {shown_address(self._peer)}: {_START}")

    @contextlib.contextmanager
    def _heard_of(self) -> Iterator[None]:
        try:
            yield
        except ConnectionError:
            raise EngineError(f"Nobody listens on {shown_address(self._peer)}: {_START}") from None


_START = "start the panel or `roomtone bridge`, or name its port with --port."


def ends(request: Message, answer: Message) -> bool:
    """Whether nothing more comes after this answer to that request."""
    name = request.address.removeprefix(PREFIX)
    last = REQUESTS[name].ends if name in REQUESTS else ()
    kind = answer.address.removeprefix(PREFIX)
    of_job = request.values[:1] or ("",)
    return kind in last or (kind == "error" and answer.values[:1] in (of_job, ("",)))


def is_error(answer: Message) -> bool:
    """Whether something was refused or went wrong."""
    return answer.address == ANSWERS["error"].path


def read_message(words: Sequence[str]) -> Message:
    """A message from words: an address, with or without its prefix, and its values.

    A single word is split as a shell splits it. The table says which values are numbers. Raises UsageError.
    """
    if len(words) == 1:
        try:
            words = shlex.split(words[0])
        except ValueError:
            raise UsageError(f"A quote is open in {words[0][:80]!r}: close it.") from None
    if not words:
        raise UsageError("Say which message: for example roomtone osc ping")
    path = words[0] if words[0].startswith("/") else PREFIX + words[0]
    request = REQUESTS.get(path.removeprefix(PREFIX))
    kinds = request.tags if request else ""
    values = [_value(word, kinds[n] if n < len(kinds) else "") for n, word in enumerate(words[1:])]
    return Message(path, tuple(values))


def _value(word: str, kind: str) -> Value:
    if kind != "s":
        for read in (int, float):
            with contextlib.suppress(ValueError):
                number = read(word)
                # A float of 32 bits holds no larger whole number, and an int of 32 bits none either.
                return number if abs(number) < 2**31 else float(number)
    return word


def _may_be_repeated(message: Message) -> bool:
    """Whether sending it twice does nothing twice: jobs have names; a question is a question."""
    return message.address != REQUESTS["preset/save"].path
