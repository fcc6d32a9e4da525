"""Takes on their way into a DAW whose script takes them: which DAW, what came of it, what to do without one.

It knows the bridge as a protocol; letters and inboxes are the bridge's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.library import Clip
from gui import clip_words
from gui.asking import Asking
from gui.bridge_port import BridgePort
from gui.drag import files_of
from gui.notice import Notice
from gui.pictures import InThread

NO_BRIDGE = (
    "This panel was opened without the bridge: start it without --no-osc, or drag the take into the DAW."
)


class SendDesk:
    """Sends takes; `notice` tells what came of it, `show_bridge` opens the window that installs scripts."""

    def __init__(
        self,
        bridge: BridgePort | None,
        in_thread: InThread,
        notice: Notice,
        asking: Asking,
        show_bridge: Callable[[], object],
    ) -> None:
        self._bridge, self._in_thread, self._notice = bridge, in_thread, notice
        self._asking, self._show_bridge = asking, show_bridge
        self._last = ""

    def send(self, clips: Sequence[Clip]) -> None:
        """Send the files of these takes to the DAW, which is asked for only when there are several."""
        bridge, files = self._bridge, files_of(clips)
        if bridge is None:
            self._notice.fail(NO_BRIDGE)
            return
        if not files:
            self._notice.fail("No file is there to be sent.")
            return
        host = self._host(bridge)
        if host is None:
            return
        name, title = host
        self._last = name

        def sent(_: None) -> None:
            words = f"{clip_words.count(len(files))} sent to {title}"
            self._notice.tell(f"{words}: placed at its playhead as soon as its script looks.")

        self._in_thread(lambda: bridge.send(name, files), sent, lambda error: self._notice.fail(str(error)))

    def _host(self, bridge: BridgePort) -> tuple[str, str] | None:
        """Name and title of the DAW to send to; None, and a sentence, when there is none."""
        receivers = bridge.receivers()
        there = {name: title for name, title, installed in receivers if installed}
        if not there:
            able = " or ".join(title for _, title, _ in receivers)
            words = f"No DAW takes clips yet: install the script of {able}, or drag the take into the DAW."
            self._notice.fail(words, "Install…", self._show_bridge)
            return None
        name: str | None = next(iter(there))
        if len(there) > 1:
            name = self._asking.one_of("Send to DAW", "Which DAW?", [*there.items()], self._last)
        return None if name is None else (name, there[name])
