"""What a scene becomes: the prompts of a morph, one a line, and whether it turns over time or stands still.

The fold has places for its parts. It knows no scene: what is on the way when, it is told.
"""

from __future__ import annotations

from PyQt6.QtCore import QObject, QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import QPlainTextEdit

from engine.scene import PROMPT_CHARACTERS
from gui.fields import Elastic, NumberField, explain
from gui.scene_words import tidied


class MorphFields(QObject):
    """A box for the prompts, a field for the blend, and a line that tells the way through them."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.box = QPlainTextEdit()
        self.box.setAccessibleName("Morph to")
        self.box.setPlaceholderText("One prompt a line, for example:\nmidday insects\nthunder")
        self.box.setTabChangesFocus(True)
        self.box.setProperty("role", "lines")
        explain(
            self.box,
            "What the sound becomes, one prompt a line, evenly spaced over the clip.\n"
            "It begins as the scene's prompt and turns from one to the next.\n"
            f"Up to {PROMPT_CHARACTERS} characters a line; empty: no morph. Several layers cannot morph.",
        )
        self.blend = NumberField(
            "blend",
            "Blend",
            "One sound all along, so far on the way from the first prompt to the last.",
            decimals=3,
            step=0.05,
            otherwise="Over time",
            without="the sound turns from the first to the last",
        )
        self.way = Elastic()
        self.way.setAccessibleName("Way of the morph")
        self._shown: tuple[str, ...] = ()
        self.show_morph((), None)
        self.box.textChanged.connect(self._edited)
        self.blend.valueChanged.connect(lambda *_: self.changed.emit())

    def prompts(self) -> tuple[str, ...]:
        """The prompts without spare blanks, or just as they were shown; () is no morph."""
        typed = tidied(self.box.toPlainText())
        return self._shown if typed == tidied("\n".join(self._shown)) else tuple(typed.splitlines())

    def share(self) -> float | None:
        """The blend; None over time, and where nothing morphs."""
        return self.blend.number() if self.prompts() else None

    def show_morph(self, prompts: tuple[str, ...], blend: float | None) -> None:
        """Show the morph of a scene."""
        blocker = QSignalBlocker(self)
        if prompts != self.prompts():
            self._shown = prompts
            self.box.setPlainText("\n".join(prompts))
        self.blend.set_number(blend)
        blocker.unblock()
        self._edited()

    def tell(self, words: str) -> None:
        """Say what is on the way when; "" says nothing."""
        self.way.setText(words)
        self.way.setToolTip(words)
        self.way.setVisible(bool(words))

    def _edited(self) -> None:
        self.blend.setEnabled(bool(self.prompts()))
        self.changed.emit()
