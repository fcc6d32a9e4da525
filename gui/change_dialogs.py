"""Takes made from takes: a dialog each for variation, extension and inpainting, that answers with a scene.

What may be asked of a clip is the engine's to say; nothing is rendered here.
"""

from __future__ import annotations

import math
from dataclasses import replace

from PyQt6.QtWidgets import QLineEdit, QWidget

from engine.changes import ENDS, SHORTEST_PART_SECONDS, part_text
from engine.edits import EXTENDED_SECONDS, Kept, fitted
from engine.library import Clip
from engine.ranges import RANGES
from engine.scene import PROMPT_CHARACTERS, Scene
from gui.fields import Choice, NumberField, explain, label
from gui.small_dialog import SmallDialog


class _ChangeDialog(SmallDialog):
    """The take's name, a prompt and a seed, to which the others add."""

    def __init__(self, title: str, clip: Clip, parent: QWidget | None) -> None:
        super().__init__(title, "Render", parent)
        self.clip = clip
        self.prompt = QLineEdit(clip.prompt)
        self.prompt.setAccessibleName("Prompt")
        self.prompt.setMaxLength(PROMPT_CHARACTERS)
        explain(self.prompt, f"What shall be heard. Up to {PROMPT_CHARACTERS} characters.")
        self.seed = NumberField(
            "seed", "Seed", "The same seed gives the same clip.", otherwise="New", without="one is drawn"
        )
        self.seed.set_number(None)
        self.fields.addWidget(label(clip.path.name, "title"), 0, 0, 1, 2)
        self.add("Prompt", self.prompt)

    def scene(self) -> Scene:
        """The scene that is asked for, from this clip: one sound, no candidates."""
        return replace(
            self.clip.scene,
            prompt=self.prompt.text().strip(),
            seed=self.seed.whole(),
            source=str(self.clip.path),
            part="",
            morph=(),
            blend=None,
            layers=(),
            stem=0,
            width=None,
            best_of=1,
        )

    def checked(self) -> None:
        """Raise EngineError when no such clip can be made."""
        fitted(self.scene().checked())


class VaryDialog(_ChangeDialog):
    """Anew, near to the clip or far from it."""

    def __init__(self, clip: Clip, parent: QWidget | None = None) -> None:
        super().__init__("Variation of this", clip, parent)
        self.strength = NumberField(
            "strength", "Strength", "0 is the clip, 1 a fresh render.", decimals=2, step=0.05
        )
        self.strength.set_number(Scene.strength)
        self.add("Strength", self.strength)
        self.add("Seed", self.seed)
        self.strength.setFocus()

    def scene(self) -> Scene:
        """As long as the clip."""
        return replace(super().scene(), change="vary", strength=round(self.strength.value(), 2))


class ExtendDialog(_ChangeDialog):
    """On from its end, or up to its beginning."""

    def __init__(self, clip: Clip, parent: QWidget | None = None) -> None:
        super().__init__("Extend", clip, parent)
        self.seconds = NumberField(
            "seconds", "New length", "Length in all, the clip's own among it.", decimals=2, suffix=" s"
        )
        self.seconds.set_number(min(RANGES["seconds"].high, clip.seconds + EXTENDED_SECONDS))
        words = {"end": "After its end", "start": "Before its beginning"}
        self.at = Choice("Where", "Which end is extended.", [(end, words[end]) for end in sorted(ENDS)])
        self.add("New length", self.seconds)
        self.add("Where", self.at)
        self.add("Seed", self.seed)
        self.seconds.setFocus()

    def scene(self) -> Scene:
        """The clip stays as it is in it."""
        length = {"seconds": round(self.seconds.value(), 2), "bars": None, "loop": False}
        return replace(super().scene(), change="extend", at=self.at.value(), **length)  # type: ignore[arg-type]


class InpaintDialog(_ChangeDialog):
    """A part of it anew, from one second to another."""

    def __init__(
        self, clip: Clip, part: tuple[float, float] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__("Replace this part", clip, parent)
        self.first = _place("From", "Where the new part begins.", clip.seconds)
        self.last = _place("To", "Where the new part ends.", clip.seconds)
        first, last = part or (clip.seconds / 3, clip.seconds * 2 / 3)
        self.first.setValue(first)
        self.last.setValue(last)
        self.words = label("", "muted")
        self.words.setWordWrap(True)
        self.add("From", self.first)
        self.add("To", self.last)
        self.add("Seed", self.seed)
        self.fields.addWidget(self.words, self.fields.rowCount(), 0, 1, 2)
        for place in (self.first, self.last):
            place.valueChanged.connect(lambda *_: self._tell())
        self._tell()
        (self.prompt if part else self.first).setFocus()

    def part(self) -> tuple[float, float]:
        """First and last second; the last step of the field is the very end of the clip."""
        return self.first.value(), min(self.last.value(), self.clip.seconds)

    def scene(self) -> Scene:
        """Outside the part the clip stays as it is. A new end does not go on into the beginning."""
        first, last = self.part()
        loops = self.clip.scene.loop and first > 0 and last < self.clip.seconds
        return replace(super().scene(), change="inpaint", part=part_text(first, last), loop=loops)

    def _tell(self) -> None:
        first, last = self.part()
        fade = max(0.0, Kept(self.clip.path, 0.0, first, last).fade_seconds)
        words = (
            f"Any part within 0 to {self.clip.seconds:.4g} s, at least {SHORTEST_PART_SECONDS:g} s long. "
            f"Towards what stays, a cross-fade of {fade:.2g} s lies inside it; no other sample changes."
        )
        loop_ends = self.clip.scene.loop and not self.scene().loop
        self.words.setText(f"{words} The clip will not loop any more." if loop_ends else words)
        self.grow()


def _place(title: str, tip: str, seconds: float) -> NumberField:
    """A field for a place in a clip of so many seconds, whose end may lie between two steps."""
    field = NumberField("seconds", title, tip, decimals=2, step=0.1, suffix=" s")
    field.setRange(0, math.ceil(100 * seconds) / 100)
    explain(field, f"{tip} From 0 to {seconds:.4g} s.")
    return field
