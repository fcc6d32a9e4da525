"""The desk: has one message checked against the table and done, and gives every answer, refusals too.

What each address does stands in bridge/rendering.py and bridge/browsing.py. This module knows no socket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.checking import Arguments, Refused, answer, checked, find_request, is_answer
from bridge.files import ReplyFile, check_job, spool_folder
from bridge.inbox import Limits
from bridge.listeners import Listeners
from bridge.outlets import Outlet
from bridge.packets import Message
from engine.errors import EngineError, QueueFull, UsageError
from engine.logs import keep
from engine.scene import Scene

if TYPE_CHECKING:
    from engine.studio import Studio

SHOWN_CHARACTERS = 100
PORTS = range(1_024, 65_536)


@dataclass(frozen=True)
class Tempo:
    """What the last `transport` said: quarter notes a minute, and the meter."""

    bpm: float = 0.0
    numerator: int = 4
    denominator: int = 4

    @property
    def meter(self) -> str:
        """As a scene has it: "4/4"."""
        return f"{self.numerator}/{self.denominator}"

    def given_to(self, scene: Scene) -> Scene:
        """The scene; one in bars without a tempo gets this one."""
        if scene.bars is None or scene.bpm is not None or not self.bpm:
            return scene
        return replace(scene, bpm=self.bpm, meter=self.meter)


@dataclass(frozen=True)
class Call:
    """One checked message: its arguments by name, who sent it, and where its answers go."""

    name: str
    arguments: Arguments
    sender: str
    outlets: tuple[Outlet, ...]

    def text(self, name: str) -> str:
        """An argument of kind s."""
        return str(self.arguments[name])

    def whole(self, name: str) -> int:
        """An argument of kind i."""
        return int(self.arguments[name])

    def number(self, name: str) -> float:
        """An argument of kind f."""
        return float(self.arguments[name])


Deed = Callable[["Desk", Call], Iterable[Message]]
"""What an address does: yields the answers in their order."""


class Desk:
    """One for each bridge; used by the serving thread alone. folders: where reply files may always lie."""

    def __init__(
        self, studio: Studio, deeds: Mapping[str, Deed], folders: Iterable[Path], limits: Limits
    ) -> None:
        self.studio = studio
        self.listeners = Listeners(studio.queue)
        self.tempo = Tempo()
        self.limits = limits
        self._deeds = deeds
        self._folders = tuple(folders)

    @property
    def own_folders(self) -> list[Path]:
        """Below these every folder is right for reply files."""
        return [self.studio.settings.library_folder, *self._folders]

    def serve(self, message: Message, outlet: Outlet, sender: str) -> None:
        """Do what the message asks and give the answers. Answers of others are passed over in silence."""
        if is_answer(message.address):
            return
        outlets: tuple[Outlet, ...] = (outlet,)
        job = ""
        try:
            request = find_request(message.address)
            arguments = checked(request, message.values)
            job = str(arguments.get("job", ""))[:SHOWN_CHARACTERS]
            outlets = self._outlets(outlet, arguments)
            call = Call(request.name, arguments, sender, outlets)
            for told in self._deeds[request.name](self, call):
                _tell(outlets, told)
        except Refused as error:
            _tell(outlets, answer("error", job or error.job, error.code, str(error)))
        except EngineError as error:
            _tell(outlets, answer("error", job, _code(error), str(error)))
        except Exception as error:  # noqa: BLE001  a bug of ours must not end the bridge
            sentence = keep(error, f"answering {message.address}")
            _tell(outlets, answer("error", job, "bug", sentence))

    def _outlets(self, outlet: Outlet, arguments: Arguments) -> tuple[Outlet, ...]:
        if port := int(arguments.get("reply_port", 0)):
            if port not in PORTS:
                raise UsageError(f"The reply port is {port}, but must be from {PORTS[0]} to {PORTS[-1]}.")
            outlet = outlet.at_port(port)
        spool = str(arguments.get("spool", ""))
        if not spool:
            return (outlet,)
        folder = spool_folder(spool, self.own_folders)
        # The file first: whoever has heard the answer may count on it.
        return tuple(dict.fromkeys([ReplyFile(folder, check_job(str(arguments["job"]))), outlet]))


def _tell(outlets: Iterable[Outlet], message: Message) -> None:
    for outlet in outlets:
        outlet.tell(message)


def _code(error: EngineError) -> str:
    if isinstance(error, QueueFull):
        return "queue-full"
    return "usage" if isinstance(error, UsageError) else "engine"
