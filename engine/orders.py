"""What the parent and the child that owns torch say to each other: frozen values, sent over one pipe.

This module knows no process and no model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.jobs import Machine
from engine.scene import Output, Scene

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.takes import Take


@dataclass(frozen=True)
class Order:
    """One job as the child needs it.

    number: of this order. scene, machine: resolved. folder: of the model. target: "" is `library`. naming:
    template, CreatorID and SourceID of file names. origin: for the log. clip, parent: what the recipe of the
    take shall say of itself. live: its sound is sent as it is made.
    """

    number: int
    scene: Scene
    output: Output
    target: str
    library: str
    naming: tuple[str, str, str]
    machine: Machine
    folder: str = ""
    origin: str = ""
    clip: str = ""
    parent: str = ""
    live: bool = False


@dataclass(frozen=True)
class Cancel:
    """The order of that number is taken back."""

    number: int


@dataclass(frozen=True)
class Unload:
    """Let the model go, once the orders before this are done."""


@dataclass(frozen=True)
class Holds:
    """Which model the child has in memory, on which device and in which precision; empty for none."""

    model: str
    device: str = ""
    precision: str = ""


@dataclass(frozen=True)
class Told:
    """A sign of life from an order: the stage in plain words and the fraction of it. Empty: still alive."""

    number: int
    stage: str = ""
    fraction: float = 0.0


@dataclass(frozen=True)
class Sounding:
    """The next samples of a live order, (samples, channels) at `rate` Hz, at about their final level."""

    number: int
    rate: int
    block: NDArray[np.float32]


@dataclass(frozen=True)
class Done:
    """The order became a take."""

    number: int
    take: Take


@dataclass(frozen=True)
class Fault:
    """The order failed. code: as in a Job; "cancelled" when it was taken back."""

    number: int
    code: str
    sentence: str


Answer = Holds | Told | Sounding | Done | Fault
"""What the child may say."""
