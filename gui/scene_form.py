"""The form in which a scene is written: prompt, avoid, length, seed, variations, and the advanced fold.

It edits one Scene and one Output and asks for a render by a signal; what it does not show of a
scene it keeps. It knows no studio, no queue and no preset file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from engine.errors import UsageError
from engine.layers import scene_text
from engine.ranges import DRAFT_STEPS, spoken
from engine.scene import PROMPT_CHARACTERS, Output, Scene
from gui import scene_words
from gui.advanced_fold import AdvancedFold
from gui.fields import GAP, Elastic, NumberField, button, explain, label, mark_wrong, row, scrolling
from gui.length_row import LengthRow
from gui.notice import Notice
from gui.origin_row import OriginRow
from gui.prompt_edit import PromptEdit
from gui.seed_row import SeedRow

NEW = "New scene"


@dataclass(frozen=True)
class Ask:
    """What the user wants rendered. Neither scene nor output is checked yet. stems: of layers, each too."""

    scene: Scene
    output: Output
    variations: int
    stems: bool = False


class SceneForm(QWidget):
    """One scene, as it is being written."""

    render_asked = pyqtSignal(object)  # Ask
    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._kept = Scene("")
        self.prompt = PromptEdit()
        self.avoid = QLineEdit()
        self.length = LengthRow()
        self.seed = SeedRow()
        self.variations = NumberField(
            "variations", "Variations", "Clips with the seeds seed, seed + 1, and so on."
        )
        self.advanced = AdvancedFold()
        self.notice = Notice()
        self._title = Elastic(NEW)
        self._words = label("", "muted")
        self._cost = Elastic()
        self._origin = OriginRow()
        self._render = button(
            "Render",
            "Render this scene into the library (Ctrl+Enter; Ctrl+Shift+Enter for a draft).",
            self.ask,
            role="primary",
        )
        self._describe()
        self._lay_out()
        self._connect()
        self._show_state()

    # -- the scene ----------------------------------------------------------------------------------------

    def scene(self) -> Scene:
        """The scene as it stands; not checked. Its seed is None unless it is locked."""
        seconds, bars, bpm, meter = self.length.values()
        scene = replace(
            scene_words.worded(self._kept, self.prompt.prompt()),
            avoid=self.avoid.text().strip(),
            seconds=seconds,
            bars=bars,
            bpm=bpm,
            meter=meter,
            loop=self.length.loop.isChecked(),
            seed=self.seed.seed(),
        )
        return self.advanced.onto(scene)

    def set_scene(self, scene: Scene, title: str = "") -> None:
        """Show a scene; its seed is locked when it has one. title: where it is from."""
        blocker = QSignalBlocker(self)
        self._kept = scene
        self.prompt.set_prompt(scene_text(scene))
        self.avoid.setText(scene.avoid)
        self.length.show_scene(scene)
        self.seed.show_seed(scene.seed)
        self.advanced.show_scene(scene)
        blocker.unblock()
        self.set_title(title)
        self._edited()

    @property
    def title(self) -> str:
        """Where the scene is from, "" for a new one."""
        text = self._title.text()
        return "" if text == NEW else text

    def set_title(self, title: str) -> None:
        """Say where the scene is from."""
        self._title.setText(title or NEW)

    def ask(self) -> None:
        """Ask for the scene to be rendered."""
        self._ask(self.scene())

    def ask_for_draft(self) -> None:
        """Ask for the scene to be rendered in fewer steps, whatever the form says of them."""
        self._ask(replace(self.scene(), steps=DRAFT_STEPS))

    def _ask(self, scene: Scene) -> None:
        self.notice.clear()
        wrong = scene_words.misread(self.prompt.prompt())
        self.refuse(wrong)
        if wrong:
            return
        count = self.variations.whole() or 1
        self.render_asked.emit(Ask(scene, self.advanced.output(), count, self.advanced.stems.isChecked()))

    def check_lines(self) -> None:
        """Raise UsageError, one sentence, when a line of the prompt cannot be read as a layer."""
        if wrong := scene_words.misread(self.prompt.prompt()):
            raise UsageError(wrong)

    def refuse(self, sentence: str) -> None:
        """Show why the scene cannot be rendered, at the field that the sentence is about; "" is all right."""
        fields = self._named_fields()
        wrong = {widget for name, widget in fields.items() if sentence and sentence.startswith(spoken(name))}
        if sentence.startswith(("A layer", "A scene")):
            wrong.add(self.prompt)
        for widget in set(fields.values()):
            mark_wrong(widget, widget in wrong)
        if sentence:
            self.notice.fail(sentence)
        if any(self.advanced.isAncestorOf(widget) for widget in wrong):
            self.advanced.unfold(True)
        for box in (self.prompt, self.advanced.morph.box):
            if box in wrong:
                box.setFocus()

    # -- what it is told ----------------------------------------------------------------------------------

    def set_suggestions(self, prompts: Iterable[str]) -> None:
        """Prompts that may be suggested while one types."""
        self.prompt.set_suggestions(prompts)

    def hear_tempo(self, bpm: float | None) -> None:
        """The tempo that the DAW reports."""
        self.length.hear_tempo(bpm)

    # -- inside -------------------------------------------------------------------------------------------

    def _describe(self) -> None:
        self.avoid.setAccessibleName("Avoid")
        self.avoid.setPlaceholderText("For example: voices, music")
        self.avoid.setMaxLength(PROMPT_CHARACTERS)
        explain(self.avoid, f"What shall not be heard. Up to {PROMPT_CHARACTERS} characters.")
        self.variations.set_number(1)
        self.prompt.setMinimumHeight(60)

    def _lay_out(self) -> None:
        self.variations.setFixedWidth(56)
        grid = QGridLayout()
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(GAP)
        grid.setColumnStretch(1, 1)
        lines = (
            ("Avoid", self.avoid, self.avoid),
            ("Length", self.length, self.length.seconds),
            ("Seed", self.seed, self.seed.number),
        )
        for place, (text, part, buddy) in enumerate(lines):
            name = label(text, "label", buddy)
            name.setFixedHeight(24)
            grid.addWidget(name, place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(part, place, 1)
        grid.addWidget(self._origin.name, len(lines), 0)
        grid.addWidget(self._origin, len(lines), 1)
        inside = QVBoxLayout()
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(GAP)
        inside.addWidget(self.prompt, 1)
        inside.addLayout(grid)
        inside.addWidget(self.advanced)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addLayout(row(label("Scene", "title"), self._title, self._words))
        self._area = scrolling(inside, "Fields of the scene")
        layout.addWidget(self._area, 1)
        layout.addWidget(self.notice)
        count = label("Variations", "label", self.variations)
        layout.addLayout(row(self._render, self._cost, count, self.variations))

    def _connect(self) -> None:
        self.prompt.edited.connect(self._edited)
        self.avoid.textChanged.connect(lambda *_: self._edited())
        self.length.changed.connect(self._edited)
        self.advanced.changed.connect(self._edited)
        self._origin.let_go.connect(self._let_go)
        # Queued: the fields have their places only when Qt has laid them out.
        queued = Qt.ConnectionType.QueuedConnection
        self.advanced.unfolded_shown.connect(self._show_advanced, queued)  # type: ignore[call-arg]
        self.seed.changed.connect(self._edited)
        self.variations.valueChanged.connect(lambda *_: self._edited())

    def _let_go(self) -> None:
        self._kept = scene_words.without_origin(self._kept)
        self._edited()

    def _show_advanced(self) -> None:
        bar = self._area.verticalScrollBar()
        if bar is not None:  # from its top, however little room there is
            bar.setValue(self.advanced.y())

    def _edited(self) -> None:
        self._show_state()
        self.changed.emit()

    def _show_state(self) -> None:
        text = self.prompt.prompt()
        self._words.setText(scene_words.counted(text))
        self._words.setToolTip(scene_words.explained(text))
        self._origin.tell(scene_words.origin(self._kept))
        self.advanced.morph.tell(scene_words.way(self.scene()))
        count, (seconds, bars, _, _) = self.variations.whole() or 1, self.length.values()
        length = f"{bars:g} bars = {seconds:.2f} s" if bars else f"{seconds:.4g} s"
        self._cost.setText(f"{count} × {length}" if count > 1 else length)

    def _named_fields(self) -> dict[str, QWidget]:
        return {
            "prompt": self.prompt,
            "avoid": self.avoid,
            "seconds": self.length.bars if self.length.in_bars else self.length.seconds,
            "bars": self.length.bars,
            "bpm": self.length.bpm,
            "seed": self.seed.number,
            "variations": self.variations,
            "steps": self.advanced.steps,
            "guidance": self.advanced.guidance,
            **dict.fromkeys(("gain_db", "pan", "distance"), self.prompt),
            "width": self.advanced.stereo,
            "morph": self.advanced.morph.box,
            "blend": self.advanced.morph.blend,
            "best_of": self.advanced.best_of,
            "lufs": self.advanced.lufs,
            "rate": self.advanced.rate,
        }
