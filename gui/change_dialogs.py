"""Takes made from takes: two dialogs, for a variation and for an extension, that answer with a scene.

What may be asked of a clip is the engine's to say; nothing is rendered here.
"""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtWidgets import QLineEdit, QWidget

from engine.changes import ENDS
from engine.edits import EXTENDED_SECONDS, fitted
from engine.library import Clip
from engine.ranges import RANGES
from engine.scene import PROMPT_CHARACTERS, Scene
from gui.fields import Choice, NumberField, explain, label
from gui.small_dialog import SmallDialog


class _ChangeDialog(SmallDialog):
    """The take's name and a prompt, to which the others add."""

    def __init__(self, title: str, clip: Clip, parent: QWidget | None) -> None:
        super().__init__(title, "Render", parent)
        self.clip = clip
        self.prompt = QLineEdit(clip.prompt)
        self.prompt.setAccessibleName("Prompt")
        self.prompt.setMaxLength(PROMPT_CHARACTERS)
        explain(self.prompt, "What shall be heard in the new clip.")
        self.fields.addWidget(label(clip.path.name, "title"), 0, 0, 1, 2)
        self.add("Prompt", self.prompt)

    def scene(self) -> Scene:
        """The scene that is asked for, from this clip: a drawn seed, one sound, no candidates."""
        return replace(
            self.clip.scene,
            prompt=self.prompt.text().strip(),
            seed=None,
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
        self.seconds.setFocus()

    def scene(self) -> Scene:
        """The clip stays as it is in it."""
        length = {"seconds": round(self.seconds.value(), 2), "bars": None, "loop": False}
        return replace(super().scene(), change="extend", at=self.at.value(), **length)  # type: ignore[arg-type]
