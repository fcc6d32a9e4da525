"""The one table of the OSC bridge: every address, which way it goes, its arguments, and a sentence on it.

The server's checks, the client, `describe`, the reference in the README and the OSCQuery answer are all made
from it. It knows no socket and no studio.
"""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "/roomtone/1/"
KINDS = {"s": "text", "i": "a whole number", "f": "a number"}


@dataclass(frozen=True)
class Argument:
    """One argument. kind: s, i or f. An optional one may be missing; 0 and "" mean the same as missing."""

    name: str
    kind: str
    optional: bool = False

    def __str__(self) -> str:
        text = f"{self.kind}:{self.name}"
        return f"[{text}]" if self.optional else text


@dataclass(frozen=True)
class Address:
    """One address. name: what stands after the prefix. answers: which may come; ends: the last of them."""

    name: str
    arguments: tuple[Argument, ...]
    sentence: str
    answers: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The whole address as it stands in a message."""
        return PREFIX + self.name

    @property
    def usage(self) -> str:
        """Name and arguments, as `render s:job s:prompt [f:seconds]`."""
        return " ".join([self.name, *(str(argument) for argument in self.arguments)])

    @property
    def tags(self) -> str:
        """The type tags of all arguments."""
        return "".join(argument.kind for argument in self.arguments)


def _arguments(text: str) -> tuple[Argument, ...]:
    """The arguments in the notation of the reference: "s:job [f:seconds]"."""
    words = [(word.strip("[]").partition(":"), word.startswith("[")) for word in text.split()]
    return tuple(Argument(name, kind, optional) for (kind, _, name), optional in words)


def _in(usage: str, sentence: str, answers: str = "", ends: str = "") -> Address:
    name, _, arguments = usage.partition(" ")
    return Address(name, _arguments(arguments), sentence, tuple(answers.split()), tuple(ends.split()))


def _out(usage: str, sentence: str) -> Address:
    return _in(usage, sentence)


_JOB = "accepted progress done"
_OUTPUT = "[s:spool] [i:reply_port]"

REQUESTS: dict[str, Address] = {
    address.name: address
    for address in (
        _in("ping", "Asks whether Roomtone is there.", "pong", "pong"),
        _in("describe", "Asks for this table, a message an address.", "description described", "described"),
        _in(
            f"render s:job s:prompt [f:seconds] [f:bpm] [f:rate] {_OUTPUT}",
            "Renders a prompt. The job's name is the sender's own; a job that is known is not rendered "
            "twice. rate is that of the file in Hz, bpm is remembered in its recipe, spool is a folder for "
            "JOB.reply.",
            _JOB,
            "done",
        ),
        _in(
            f"render/scene s:job s:json {_OUTPUT}",
            "Renders a whole scene, a JSON object with the fields of a preset; bars without a bpm take the "
            "tempo and meter of the last transport.",
            _JOB,
            "done",
        ),
        _in(f"render/preset s:job s:preset {_OUTPUT}", "Renders a preset.", _JOB, "done"),
        _in(
            f"again s:job s:clip {_OUTPUT}",
            "Renders the scene of a clip of the library again, with its seed.",
            _JOB,
            "done",
        ),
        _in("cancel s:job", "Cancels a job; `all` or `*` cancels every job.", "cancelled", "cancelled"),
        _in("status [s:job]", "Asks how a job stands, or how all stand.", "job jobs", "jobs"),
        _in(
            "transport f:bpm i:num i:den [f:position]",
            "Tells the tempo in quarter notes a minute, the meter and the playhead in seconds.",
            "tempo",
            "tempo",
        ),
        _in(
            "library/search s:query [i:limit]",
            "Finds clips, the newest first: 20, or as many as the limit says, up to 200.",
            "library/clip library/found",
            "library/found",
        ),
        _in(
            "library/get s:clip",
            "Asks for one clip and its scene.",
            "library/clip library/scene",
            "library/scene",
        ),
        _in("preset/list", "Asks for all presets.", "preset/name preset/names", "preset/names"),
        _in("preset/get s:preset", "Asks for a preset's scene.", "preset/scene", "preset/scene"),
        _in(
            "preset/save s:name s:json",
            "Keeps a scene as a preset of one's own, under a name that is still free.",
            "preset/saved",
            "preset/saved",
        ),
        _in(
            "audition/play s:clip",
            "Plays a clip on Roomtone's own output.",
            "audition/playing",
            "audition/playing",
        ),
        _in("audition/stop", "Stops playing.", "audition/stopped", "audition/stopped"),
        _in("audition/gain f:db", "Sets the level of the audition.", "audition/level", "audition/level"),
        _in(
            "audition/live i:on",
            "Plays clips while they are being rendered, from 1 on; 0 ends that.",
            "audition/listening",
            "audition/listening",
        ),
        _in("subscribe [i:reply_port]", "Asks for the news of every job, whoever sent it.", "subscribed"),
        _in("unsubscribe [i:reply_port]", "Ends that.", "unsubscribed", "unsubscribed"),
        _in(
            "imported s:job s:path",
            "Tells that the file of a job has been placed in the project; subscribers hear of it.",
            "noted",
            "noted",
        ),
    )
}

ANSWERS: dict[str, Address] = {
    address.name: address
    for address in (
        _out("pong s:version", "Roomtone is there, and this is its version."),
        _out("accepted s:job", "The job is known and will be rendered, or has been."),
        _out(
            "progress s:job f:fraction s:stage f:seconds_left",
            "How far the job is, from 0 to 1; seconds_left is -1 while it is not known.",
        ),
        _out(
            "done s:job s:path f:seconds i:rate s:clip",
            "The finished file, its length, its rate in Hz and its name in the library.",
        ),
        _out(
            "error s:job s:code s:sentence",
            "What was refused or went wrong; job is empty when it belongs to none.",
        ),
        _out("description s:address s:direction s:arguments s:sentence", "One line of this table."),
        _out("described i:count", "All addresses have been described."),
        _out("cancelled s:job i:count", "So many jobs were cancelled; each job's own senders get an error."),
        _out(
            "job s:job s:state f:fraction s:stage f:seconds_left s:path s:clip",
            "How a job stands: waiting, running, done, failed or cancelled.",
        ),
        _out(
            "jobs i:count i:waiting i:running", "All asked for have been told; so many wait and run in all."
        ),
        _out("tempo f:bpm i:num i:den", "The tempo that scenes in bars take when they have none."),
        _out(
            "library/clip s:clip s:path s:prompt f:seconds i:rate f:bpm s:category s:tags",
            "A clip; bpm is 0 without one, tags stand between commas.",
        ),
        _out("library/found i:count s:query", "So many clips match in all."),
        _out("library/scene s:clip s:json", "The scene of a clip."),
        _out("preset/name s:preset s:prompt", "A preset."),
        _out("preset/names i:count", "All presets have been told."),
        _out("preset/scene s:preset s:json", "The scene of a preset."),
        _out("preset/saved s:preset", "The preset is kept."),
        _out("audition/playing s:clip s:path", "The clip is playing."),
        _out("audition/stopped", "Nothing is playing."),
        _out("audition/level f:db", "The level of the audition."),
        _out("audition/listening i:on", "Whether clips are played while they are being rendered."),
        _out("subscribed", "News of every job come here from now on."),
        _out("unsubscribed", "They come no more."),
        _out("noted s:job s:path", "The placing of the file has been noted."),
    )
}

CODES: dict[str, str] = {
    "bad-packet": "what came is no OSC, or has types that Roomtone does not read",
    "unknown-address": "there is no such address",
    "bad-arguments": "arguments are missing, too many, or of the wrong type",
    "usage": "asked wrongly: out of range, an unknown name",
    "busy": "the sender sends faster than it is served: wait and send again",
    "queue-full": "too many jobs are waiting",
    "cancelled": "the job was cancelled",
    "engine": "the world's fault: a full disk, a damaged model",
    "worker-died": "the engine's process ended; the next job gets a new one",
    "memory": "not enough memory",
    "hang": "the engine gave no sign of life",
    "bug": "Roomtone's own fault; the log has the details",
}
