"""The sound device: which there are, the one that is open, and whether it still answers.

PortAudio is loaded when it is first needed, and a machine without it is told so in one sentence. What is
played comes from a callable; this module knows no clip. Calls into PortAudio can hang for ever when a sound
server dies under them (seen with JACK: even closing does), so each runs in a thread that may be left behind.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from engine.errors import EngineError

T = TypeVar("T")

NO_DEVICE = "There is no sound device: clips are rendered and kept, but cannot be heard here."
_PATIENCE_SECONDS = 4.0
# PulseAudio has been seen to stop asking for 2 s after opening, with nothing wrong.
_SILENT_FOR_SECONDS = 4.0


class SoundOutput:
    """One open device at most. `fill(frames, rate)` gives what is played next, (frames, 2).

    name: of the open device, "" when none is open. rate: its rate in Hz. Used by one thread.
    """

    def __init__(self, fill: Callable[[int, int], Any]) -> None:
        self.name = ""
        self.rate = 0
        self._fill = fill
        self._stream: Any = None
        self._pair = (0, 1)
        self._heard = 0.0
        self._gone: set[str] = set()

    def open(self, device: str, channels: tuple[int, int]) -> str:
        """Open the device, or the default one, or any that works; "" or a sentence when it is another.

        device: a name out of `device_names`, "" for the default. channels: left and right, counted from 1.
        Raises EngineError when there is none that works.
        """
        self.close()
        reasons: list[str] = []
        for attempt in range(2):
            if attempt and not look_again():
                break
            for name, index in _candidates(device, self._gone):
                try:
                    self._stream = within(lambda index=index: self._start(index, channels))  # type: ignore[misc]
                except EngineError as error:
                    reasons.append(str(error))
                    continue
                self.name = name
                return _instead(device, name)
        raise EngineError(f"No sound device can be opened: {reasons[0]}" if reasons else NO_DEVICE)

    def lost(self) -> bool:
        """Whether the open device has stopped asking for sound."""
        if self._stream is None:
            return False
        return not self._stream.active or time.monotonic() - self._heard > _SILENT_FOR_SECONDS

    def give_up(self) -> None:
        """Let go of a device that is gone, without waiting for it, and do not choose it again."""
        self._gone.add(self.name)
        stream, self._stream, self.name = self._stream, None, ""
        if stream is not None:
            _leave_behind(stream)

    def forgive(self) -> None:
        """Try again a device that was gone."""
        self._gone.clear()

    def close(self) -> None:
        """Close the device, if one is open."""
        stream, self._stream, self.name = self._stream, None, ""
        if stream is not None:
            _leave_behind(stream)

    def _start(self, index: int, channels: tuple[int, int]) -> Any:
        sounddevice = portaudio()
        try:
            about = sounddevice.query_devices(index)
            room = int(about["max_output_channels"])
            pair = (channels[0] - 1, channels[1] - 1) if max(channels) <= room else (0, min(1, room - 1))
            return self._opened(index, pair, int(about["default_samplerate"]))
        except sounddevice.PortAudioError as error:
            raise EngineError(f"{error}.") from error

    def _opened(self, index: int, pair: tuple[int, int], rate: int) -> Any:
        def callback(out: Any, frames: int, _time: object, _status: object) -> None:
            self._heard = time.monotonic()
            block = self._fill(frames, rate)
            out[:] = 0
            if pair[0] == pair[1]:
                out[:, pair[0]] = block.mean(axis=1)
            else:
                out[:, pair] = block

        self._heard = time.monotonic()
        stream = portaudio().OutputStream(
            samplerate=rate,
            device=index,
            channels=max(pair) + 1,
            dtype="float32",
            latency="high",
            callback=callback,
        )
        stream.start()
        self.rate = rate
        with _lock:
            _open_streams.add(stream)
        return stream


def device_names() -> list[str]:
    """The names of all devices that sound can go to, as the settings keep them. None: an empty list.

    Raises EngineError when PortAudio is missing or does not answer.
    """
    look_again()
    return [name for name, _ in within(_outputs)]


def within(call: Callable[[], T], seconds: float = _PATIENCE_SECONDS) -> T:
    """What the call gives, or an EngineError when it does not come back in time. Its own errors pass."""
    answers: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            answers.append(call())
        except Exception as error:  # noqa: BLE001  it is raised again, in the thread that asked
            errors.append(error)

    thread = threading.Thread(target=run, name="sound-device", daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        _stuck.set()
        raise EngineError("The sound system does not answer: start Roomtone again to hear clips.")
    return answers[0]


def look_again() -> bool:
    """Let PortAudio list its devices anew, as it sees no change by itself; False when that cannot be now.

    It cannot while anything is open, nor once a call has not come back.
    """

    def anew() -> None:
        sounddevice = portaudio()
        sounddevice._terminate()
        sounddevice._initialize()

    with _lock:
        if _stuck.is_set() or _open_streams:
            return False
        within(anew)
        return True


def release() -> None:
    """Let go of PortAudio, unless something is open; it begins anew when it is next needed.

    Left as it is until the program ends, it takes the program with it (seen with JACK: a crash at exit).
    """
    with _lock:
        if "sounddevice" not in sys.modules or _stuck.is_set() or _open_streams or _released.is_set():
            return
        with contextlib.suppress(EngineError):
            within(portaudio()._terminate, 2.0)
            _released.set()


def portaudio() -> Any:
    """The sounddevice module. Raises EngineError when it or the library below it is missing."""
    # PortAudio would else start a JACK server of its own where there is none.
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise EngineError(
            "Clips cannot be heard: the PortAudio library is missing. Install it (on Debian and Ubuntu the "
            "package libportaudio2) and start Roomtone again."
        ) from error
    # Its end at exit waits for sound servers, also for dead ones; the system takes everything back anyway.
    atexit.unregister(sounddevice._exit_handler)
    if _released.is_set():
        _released.clear()
        sounddevice._initialize()
    return sounddevice


# Guards the list of what is open in this process. _stuck: PortAudio has swallowed a thread; it is then not
# asked to list anew or to end, as that would hang too.
_lock = threading.Lock()
_open_streams: set[Any] = set()
_stuck = threading.Event()
_released = threading.Event()


def _leave_behind(stream: Any) -> None:
    # A stream that does not close stays among the open ones, so that PortAudio is not asked to list anew.
    with contextlib.suppress(EngineError):
        within(lambda: stream.close(ignore_errors=True), 1.0)
        with _lock:
            _open_streams.discard(stream)


def _instead(wanted: str, opened: str) -> str:
    if wanted in ("", opened):
        return ""
    return f"The sound device {wanted} is not there: playing on {opened}."


def _outputs() -> list[tuple[str, int]]:
    sounddevice = portaudio()
    systems = [system["name"] for system in sounddevice.query_hostapis()]
    return [
        (f"{about['name']}, {systems[about['hostapi']]}", index)
        for index, about in enumerate(sounddevice.query_devices())
        if about["max_output_channels"] > 0
    ]


def _candidates(device: str, gone: set[str]) -> list[tuple[str, int]]:
    """The devices to try, in order: the wanted one, the system's default, then all others."""
    sounddevice = portaudio()
    default = sounddevice.default.device[1]
    places = within(_outputs)
    order = sorted(places, key=lambda place: (place[0] != device, place[1] != default))
    return [place for place in order if place[0] not in gone]
