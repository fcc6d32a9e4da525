"""The part of the form that one seldom opens: what the sound becomes, how the model renders, and the file.

What is left at "By model" is left to the model. It knows no queue and no studio.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QGridLayout, QToolButton, QVBoxLayout, QWidget

from engine.ranges import SAMPLER_NAMES
from engine.scene import BITS, FORMATS, Output, Scene
from gui.fields import GAP, Choice, Elastic, NumberField, explain, label, row
from gui.morph_fields import MorphFields
from gui.scene_words import becoming

OWN = "By model"
RATES = (22_050, 32_000, 44_100, 48_000, 88_200, 96_000)
_SAMPLERS = {"ddim": "DDIM", "euler": "Euler", "heun": "Heun", "dpmpp_2m": "DPM-Solver++ 2M"}
BIT_WORDS = {"16": "16 bit", "24": "24 bit", "32f": "32 bit float"}


class AdvancedFold(QWidget):
    """Folded it shows one line that sums up what is set; unfolded the fields."""

    changed = pyqtSignal()
    unfolded_shown = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.morph = MorphFields()
        self.steps = NumberField("steps", "Steps", "Sampler steps: more is slower.", otherwise=OWN)
        self.guidance = NumberField(
            "guidance", "Guidance", "How closely the prompt is followed.", decimals=1, step=0.5, otherwise=OWN
        )
        self.rescale = NumberField(
            "guidance_rescale", "Guidance rescale", "Tames strong guidance; 0 is off.", decimals=2, step=0.05
        )
        samplers = [("", OWN), *((name, _SAMPLERS.get(name, name)) for name in SAMPLER_NAMES)]
        self.sampler = Choice("Sampler", "How the noise is turned into sound, step by step.", samplers)
        self.model = Choice("Model", "The model that renders.", [(Scene.model, Scene.model)])
        self.stereo = NumberField(
            "width", "Stereo width", "0 is mono, 1 decorrelated.", decimals=2, step=0.05, otherwise=OWN
        )
        self.best_of = NumberField(
            "best_of", "Best of", "Of so many clips the one that fits best is kept, the others are rejected."
        )
        self.stems = QCheckBox("Stems")
        self.stems.setAccessibleName("Stems")
        explain(self.stems, "Of a scene of layers, write each layer too, as it is in the mix.")
        self.format = Choice("Format", "Kind of file.", [(name, name.upper()) for name in FORMATS])
        self.bits = Choice("Sample width", "FLAC has no floating point.", [(b, BIT_WORDS[b]) for b in BITS])
        rates = [(str(rate), f"{rate / 1000:g} kHz") for rate in RATES]
        self.rate = Choice("Sample rate", "Sample rate of the file, 8000 to 192000 Hz.", rates)
        self.lufs = NumberField(
            "lufs", "Loudness", "Integrated loudness of the clip.", decimals=1, step=0.5, suffix=" LUFS"
        )
        self._fold = QToolButton()
        self._summary = Elastic()
        self._inside = QWidget()
        self._lay_out()
        self._connect()
        self.set_output(Output())
        self.show_scene(Scene("-"))

    @property
    def unfolded(self) -> bool:
        """Whether its fields are shown."""
        return self._fold.isChecked()

    def unfold(self, on: bool) -> None:
        """Show its fields, or only the line that sums them up."""
        self._fold.setChecked(on)

    def onto(self, scene: Scene) -> Scene:
        """The scene with the values of these fields."""
        return replace(
            scene,
            steps=self.steps.whole(),
            guidance=self.guidance.number(),
            guidance_rescale=self.rescale.value(),
            sampler=self.sampler.value(),
            model=self.model.value() or Scene.model,
            width=self.stereo.number(),
            best_of=self.best_of.whole() or 1,
            morph=self.morph.prompts(),
            blend=self.morph.share(),
        )

    def show_scene(self, scene: Scene) -> None:
        """Show the values of a scene."""
        blocker = QSignalBlocker(self)
        self.steps.set_number(scene.steps)
        self.guidance.set_number(scene.guidance)
        self.rescale.set_number(scene.guidance_rescale)
        self.sampler.choose(scene.sampler)
        self.model.choose(scene.model)
        self.stereo.set_number(scene.width)
        self.best_of.set_number(scene.best_of)
        self.morph.show_morph(scene.morph, scene.blend)
        blocker.unblock()
        self._sum_up()

    def output(self) -> Output:
        """How the file shall be. Not yet checked."""
        return Output(
            self.format.value(), int(self.rate.value()), self.bits.value(), round(self.lufs.value(), 2)
        )

    def set_output(self, output: Output) -> None:
        """Show how the file shall be."""
        blocker = QSignalBlocker(self)
        self.format.choose(output.format)
        self.rate.choose(str(output.rate))
        self.bits.choose(output.bits)
        self.lufs.set_number(output.lufs)
        blocker.unblock()
        self._sum_up()

    def set_models(self, models: Iterable[tuple[str, str]]) -> None:
        """Offer these models: (name, what its index says of it)."""
        models = list(models)
        self.model.set_choices([(name, name) for name, _ in models])
        lines = [f"{name}: {words}" for name, words in models if words]
        explain(self.model, "\n".join(["The model that renders.", *lines]))

    def _lay_out(self) -> None:
        self._fold.setText("Advanced")
        self._fold.setCheckable(True)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setProperty("role", "fold")
        self._fold.setAccessibleName("Advanced settings")
        explain(
            self._fold, "Show or hide morph, steps, guidance, sampler, model, width and the form of the file."
        )
        grid = QGridLayout(self._inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(4)
        grid.addWidget(label("Morph to", "label", self.morph.box), 0, 0, 1, 2)
        grid.addWidget(label("Blend", "label", self.morph.blend), 0, 2)
        grid.addWidget(self.morph.box, 1, 0, 1, 2)
        grid.addWidget(self.morph.blend, 1, 2, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.morph.way, 2, 0, 1, 3)
        cells = (
            (("Steps", self.steps), ("Guidance", self.guidance), ("Rescale", self.rescale)),
            (("Sampler", self.sampler), ("Model", self.model), ("Loudness", self.lufs)),
            (("Width", self.stereo), ("Best of", self.best_of), ("Layers", self.stems)),
            (("Format", self.format), ("Rate", self.rate), ("Bits", self.bits)),
        )
        for line, fields in enumerate(cells, start=1):
            for place, (text, field) in enumerate(fields):
                field.setMinimumWidth(64)
                grid.addWidget(label(text, "label", field), 2 * line + 1, place)
                grid.addWidget(field, 2 * line + 2, place)
                grid.setColumnStretch(place, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row(self._fold, self._summary, 0))
        layout.addWidget(self._inside)
        self._show_fold(False)

    def _connect(self) -> None:
        self._fold.toggled.connect(self._show_fold)
        self.morph.changed.connect(self._edited)
        for number in (self.steps, self.guidance, self.rescale, self.lufs, self.stereo, self.best_of):
            number.valueChanged.connect(lambda *_: self._edited())
        self.stems.toggled.connect(lambda *_: self._edited())
        for choice in (self.sampler, self.model, self.format, self.rate, self.bits):
            choice.currentIndexChanged.connect(lambda *_: self._edited())

    def _show_fold(self, on: bool) -> None:
        self._fold.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self._inside.setVisible(on)
        self._sum_up()
        self.updateGeometry()
        if on:
            self.unfolded_shown.emit()

    def _edited(self) -> None:
        self._sum_up()
        self.changed.emit()

    def _sum_up(self) -> None:
        steps, guidance, width = self.steps.whole(), self.guidance.number(), self.stereo.number()
        words = [
            becoming(self.morph.prompts(), self.morph.share()),
            self.model.value(),
            f"{steps} steps" if steps is not None else "",
            f"guidance {guidance:g}" if guidance is not None else "",
            self.sampler.currentText() if self.sampler.value() else "",
            f"width {width:g}" if width is not None else "",
            f"best of {self.best_of.whole()}" if self.best_of.whole() != 1 else "",
            "stems" if self.stems.isChecked() else "",
            self.format.currentText(),
            self.rate.currentText(),
            self.bits.currentText(),
            f"{self.lufs.value():g} LUFS",
        ]
        text = "  ·  ".join(word for word in words if word)
        self._summary.setText("" if self.unfolded else text)
        self._summary.setToolTip(text)
