"""How long a clip shall be: in seconds, or in bars at a tempo; and whether it loops.

It knows no scene; the form puts its values into one.
"""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.errors import UsageError
from engine.scene import Scene, bar_seconds
from gui.fields import Choice, NumberField, explain, row

METERS = ("4/4", "3/4", "2/4", "5/4", "6/8", "7/8", "9/8", "12/8")


class LengthRow(QWidget):
    """Seconds | Bars, with the fields of the chosen one."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.seconds = NumberField("seconds", "Length", "Length of the clip.", decimals=2, suffix=" s")
        self.seconds.setValue(Scene.seconds)
        self.bars = NumberField("bars", "Bars", "Length of the clip in bars.", decimals=2, suffix=" bars")
        self.bars.setValue(4)
        self.bpm = NumberField("bpm", "Tempo", "Tempo in quarter notes a minute.", decimals=2, suffix=" bpm")
        self.bpm.setValue(120)
        self.meter = Choice("Meter", "Beats in a bar.", [(meter, meter) for meter in METERS])
        self.follow = QCheckBox("DAW tempo")
        self.follow.setAccessibleName("Tempo follows the DAW")
        explain(self.follow, "Take the tempo that a script in the DAW reports, whenever it changes.")
        self.loop = QCheckBox("Loop")
        self.loop.setAccessibleName("Loop")
        explain(self.loop, "The end of the clip goes on into its beginning without a seam.")
        self._modes = QButtonGroup(self)
        self._by_seconds = self._mode("Seconds", "Give the length in seconds.")
        self._by_bars = self._mode("Bars", "Give the length in bars at a tempo.")
        self._daw_bpm: float | None = None
        self._lay_out()
        self._connect()

    @property
    def in_bars(self) -> bool:
        """Whether the length is given in bars."""
        return self._by_bars.isChecked()

    def values(self) -> tuple[float, float | None, float | None, str]:
        """seconds, bars, bpm and meter of a Scene; bars and bpm are None when the length is in seconds."""
        if not self.in_bars:
            return self.seconds.value(), None, None, "4/4"
        try:
            seconds = bar_seconds(self.bars.value(), self.bpm.value(), self.meter.value())
        except UsageError:
            seconds = self.seconds.value()
        return seconds, self.bars.value(), self.bpm.value(), self.meter.value()

    def show_scene(self, scene: Scene) -> None:
        """Show the length of a scene."""
        blocker = QSignalBlocker(self)
        self.seconds.setValue(scene.seconds)
        if scene.bars is not None:
            self.bars.setValue(scene.bars)
            self.bpm.setValue(scene.bpm or self.bpm.value())
            self.meter.choose(scene.meter)
        self.use_bars(scene.bars is not None)
        self.loop.setChecked(scene.loop)
        blocker.unblock()

    def use_bars(self, on: bool) -> None:
        """Give the length in bars, or in seconds."""
        (self._by_bars if on else self._by_seconds).setChecked(True)
        self._show_mode()

    def hear_tempo(self, bpm: float | None) -> None:
        """The DAW's tempo, None while no script reports one."""
        if bpm == self._daw_bpm:
            return
        self._daw_bpm = bpm
        self._follow_daw()

    def _follow_daw(self) -> None:
        heard = f" It reports {self._daw_bpm:g} bpm." if self._daw_bpm else " None is reported now."
        explain(self.follow, "Take the tempo that a script in the DAW reports, whenever it changes." + heard)
        following = self.follow.isChecked() and self._daw_bpm is not None
        self.bpm.setReadOnly(following)
        if following and self._daw_bpm is not None:
            self.bpm.setValue(self._daw_bpm)

    def _mode(self, text: str, tip: str) -> QPushButton:
        made = QPushButton(text)
        made.setCheckable(True)
        made.setProperty("role", "tight")
        made.setAccessibleName(f"Length in {text.lower()}")
        explain(made, tip)
        self._modes.addButton(made)
        return made

    def _lay_out(self) -> None:
        self.seconds.setFixedWidth(76)
        self.bars.setFixedWidth(76)
        self.bpm.setFixedWidth(76)
        self.meter.setFixedWidth(56)
        self._pages = QStackedWidget()
        for parts in ((self.seconds, 1), (self.bars, 1)):
            page = QWidget()
            page.setLayout(row(*parts))
            self._pages.addWidget(page)
        self._tempo = QWidget()
        self._tempo.setLayout(row(self.bpm, self.meter, self.follow, 1))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        modes = row(self._by_seconds, self._by_bars, gap=0)
        line = row(modes, self._pages, self.loop)
        line.setStretch(1, 1)
        layout.addLayout(line)
        layout.addWidget(self._tempo)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._pages.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._by_seconds.setChecked(True)
        self.setMinimumWidth(max(line.minimumSize().width(), self._tempo.minimumSizeHint().width()))
        self._tempo.hide()

    def _connect(self) -> None:
        self._modes.buttonToggled.connect(lambda *_: self._show_mode())
        self.follow.toggled.connect(lambda *_: self._follow_daw())
        for field in (self.seconds, self.bars, self.bpm):
            field.valueChanged.connect(lambda *_: self.changed.emit())
        self.meter.currentIndexChanged.connect(lambda *_: self.changed.emit())
        self.loop.toggled.connect(lambda *_: self.changed.emit())

    def _show_mode(self) -> None:
        self._pages.setCurrentIndex(1 if self.in_bars else 0)
        self._tempo.setVisible(self.in_bars)
        self.changed.emit()
