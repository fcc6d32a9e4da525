"""The transport bar: play, pause, stop, seek, loop, gain, output, level.

It speaks to the audition it is handed, which answers at once; `show_state` keeps the controls true. Which
take is chosen it is told by `choose`. This module knows no library.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QSlider, QVBoxLayout, QWidget

from engine.audition import Audition, AuditionState
from engine.monitor import Monitor
from gui import clip_words
from gui.fields import GAP, button, explain, label, row
from gui.level_meter import LevelMeter
from gui.notice import Notice
from gui.pictures import InThread

GAIN_RANGE_DB = (-40, 12)
LIVE_WORDS = "Hear a clip while it is being rendered, from its beginning on, if nothing else is playing."
_STEPS = 1_000
_PAIRS = tuple((left, left + 1) for left in range(1, 9, 2))


class Player(QWidget):
    """Plays the chosen file on `audition`; `monitor` plays there what is being rendered."""

    def __init__(
        self, audition: Audition, monitor: Monitor, in_thread: InThread, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Player")
        self._audition, self._monitor, self._in_thread = audition, monitor, in_thread
        self._chosen: Path | None = None
        self._always_loop = False
        self._sentence = ""
        self._now = AuditionState()
        self.play_button = button("Play", "Play or hold the chosen take (space in the list).", self.toggle)
        self.stop_button = button("Stop", "Stop, and go back to the start.", audition.stop)
        self.loop = button("Loop", "Play round and round, without a gap.", self._loop_clicked)
        self.loop.setCheckable(True)
        self.live = button("Live", LIVE_WORDS, self._live_clicked)
        self.live.setCheckable(True)
        self.place = QSlider(Qt.Orientation.Horizontal)
        self.time = label("0:00.0 / 0:00.0", "muted")
        self.gain = QSlider(Qt.Orientation.Horizontal)
        self.gain_words = label("0 dB", "muted")
        self.meter = LevelMeter()
        self.output = button("Output", "Where the sound goes: device and channels.", self._find_devices)
        self.notice = Notice()
        self._set_up()
        self._lay_out()
        self.show_state(audition.state())

    # -- what others say ------------------------------------------------------------------------------------

    def choose(self, path: Path | None, loop: bool = False) -> None:
        """The file that Play plays from now on. loop: it is made to go round."""
        self._chosen = path
        if not (self._now.playing or self._now.paused):
            self.loop.setChecked(loop or self._always_loop)
        self._able()

    def play(self, path: Path, loop: bool = False) -> None:
        """Play this file from its start."""
        self.loop.setChecked(loop or self._always_loop)
        self._chosen = path
        self._audition.play(path, loop=self.loop.isChecked())
        self.show_state(self._audition.state())

    def toggle(self) -> None:
        """Play the chosen file, or hold it, or go on with it."""
        now = self._audition.state()
        on_deck = self._chosen in (None, now.path) or now.path is None
        if now.playing and on_deck:
            self._audition.pause()
        elif now.paused and on_deck:
            self._audition.resume()
        elif self._chosen is not None:
            self._audition.play(self._chosen, loop=self.loop.isChecked())
        self.show_state(self._audition.state())

    def seek(self, path: Path, seconds: float) -> None:
        """Go to this place; a file that is not on the deck is played from there."""
        if self._audition.state().path == path and (self._now.playing or self._now.paused):
            self._audition.seek(seconds)
        else:
            self._chosen = path
            self._audition.play(path, start_seconds=seconds, loop=self.loop.isChecked())

    def show_state(self, now: AuditionState) -> None:
        """Show what is heard."""
        self._now = now
        self.play_button.setText("Pause" if now.playing else "Play")
        self.play_button.setAccessibleName(self.play_button.text())
        self.live.setChecked(self._monitor.on)  # a script may have switched it
        self.meter.show_levels(*now.peak_db)
        self.time.setText(f"{clip_words.clock(now.position_seconds)} / {clip_words.clock(now.seconds)}")
        if not self.place.isSliderDown():
            self.place.blockSignals(True)
            self.place.setValue(round(_STEPS * now.position_seconds / now.seconds) if now.seconds else 0)
            self.place.blockSignals(False)
        if now.sentence != self._sentence:
            self._sentence = now.sentence
            if now.sentence:
                self.notice.fail(now.sentence)
            else:
                self.notice.clear()
        self._able()

    def use_device(self, name: str) -> None:
        """Play on that device from now on, "" for the system's default."""
        self._audition.device = name
        self._tell_output()

    def use_channels(self, channels: tuple[int, int]) -> None:
        """Play on these outputs of the device, left and right, counted from 1."""
        self._audition.channels = channels
        self._tell_output()

    def output_menu(self, names: Sequence[str]) -> QMenu:
        """The devices of these names, and the outputs, to choose from; what is used now is marked."""
        menu, device, channels = QMenu(self), self._audition.device, self._audition.channels
        devices = dict.fromkeys(["", *names, device])
        for name in devices:
            words = (name or "Default device") + ("" if name in ("", *names) else " (not there)")
            _mark(menu.addAction(words, partial(self.use_device, name)), name == device)
        menu.addSeparator()
        for left, right in _PAIRS:
            words = f"Outputs {left} and {right}"
            _mark(menu.addAction(words, partial(self.use_channels, (left, right))), (left, right) == channels)
        return menu

    def remembered(self) -> dict[str, Any]:
        """What stands in the controls."""
        return {
            "gain": self.gain.value(),
            "device": self._audition.device,
            "channels": list(self._audition.channels),
            "loop": self._always_loop,
            "live": self.live.isChecked(),
        }

    def recall(self, values: Mapping[str, Any]) -> None:
        """Put it back; what is not understood stays as it is."""
        gain, device, channels = values.get("gain"), values.get("device"), values.get("channels")
        if isinstance(gain, int):
            self.gain.setValue(gain)
        if isinstance(device, str) and device:
            self.use_device(device)
        if isinstance(channels, list) and tuple(channels) in _PAIRS:
            self.use_channels((channels[0], channels[1]))
        self._always_loop = bool(values.get("loop"))
        self.loop.setChecked(self._always_loop)
        self.live.setChecked(bool(values.get("live")))
        self._live_clicked()

    # -- inside ---------------------------------------------------------------------------------------------

    def _set_up(self) -> None:
        self.place.setRange(0, _STEPS)
        self.place.setPageStep(_STEPS // 10)
        self.place.setSingleStep(_STEPS // 50)
        self.place.setAccessibleName("Place in the take")
        explain(self.place, "Where in the take it plays; drag, or use the arrow keys.")
        self.place.valueChanged.connect(self._placed)
        self.gain.setRange(*GAIN_RANGE_DB)
        self.gain.setValue(0)
        self.gain.setMaximumWidth(110)
        self.gain.setAccessibleName("Gain")
        explain(self.gain, "How loud you hear it, from -40 to +12 dB. No file is changed.")
        self.gain.valueChanged.connect(self._gained)
        self.gain_words.setMinimumWidth(self.gain_words.fontMetrics().horizontalAdvance("-40 dB") + 4)
        self.time.setMinimumWidth(self.time.fontMetrics().horizontalAdvance("00:00.0 / 00:00.0") + 4)
        self.play_button.setMinimumWidth(72)
        self.gain.setMinimumWidth(60)
        self.place.setMinimumWidth(80)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self.notice)
        layout.addLayout(row(self.play_button, self.stop_button, self.loop, self.live, 1, self.output))
        second, third = row(self.place), row(label("Gain", "label", self.gain), self.gain, self.gain_words)
        second.setStretch(0, 1)
        second.addWidget(self.time)
        third.addWidget(self.meter, 1)
        layout.addLayout(second)
        layout.addLayout(third)

    def _able(self) -> None:
        on_deck = self._now.playing or self._now.paused
        self.play_button.setEnabled(on_deck or self._chosen is not None)
        self.stop_button.setEnabled(on_deck)
        self.place.setEnabled(on_deck)

    def _placed(self, step: int) -> None:
        if self._now.seconds:
            self._audition.seek(self._now.seconds * step / _STEPS)

    def _gained(self, gain_db: int) -> None:
        self._audition.gain_db = float(gain_db)
        self.gain_words.setText(f"{gain_db:+d} dB" if gain_db else "0 dB")

    def _loop_clicked(self) -> None:
        self._always_loop = self.loop.isChecked()
        self._audition.loop = self.loop.isChecked()

    def _live_clicked(self) -> None:
        self._monitor.on = self.live.isChecked()

    def _find_devices(self) -> None:
        self.output.setEnabled(False)
        self._in_thread(self._audition.devices, self._offer, lambda _: self._offer([]))

    def _offer(self, names: list[str]) -> None:
        self.output.setEnabled(True)
        self.show_state(self._audition.state())
        if self.isVisible():
            self.output_menu(names).exec(self.output.mapToGlobal(QPoint(0, self.output.height())))

    def _tell_output(self) -> None:
        left, right = self._audition.channels
        words = f"{self._audition.device or 'default device'}, outputs {left} and {right}"
        explain(self.output, f"Where the sound goes: {words}.")


def _mark(action: QAction | None, on: bool) -> None:
    if action is not None:
        action.setCheckable(True)
        action.setChecked(on)
