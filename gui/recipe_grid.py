"""The recipe of a take, as names and values in two columns. It asks no library."""

from __future__ import annotations

from PyQt6.QtWidgets import QGridLayout, QWidget

from engine.library import Clip
from gui import clip_words
from gui.fields import GAP, Elastic, label


class RecipeGrid(QWidget):
    """values: the labels with what the recipe says, by the names that stand before them."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Elastic] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(2)
        for number, name in enumerate(_RECIPE):
            line, column = (number // 2, number % 2) if name != "File" else (len(_RECIPE) // 2, 0)
            value = self.values[name] = Elastic("", "")
            value.setAccessibleName(name)
            grid.addWidget(label(name, "label"), line, 2 * column)
            grid.addWidget(value, line, 2 * column + 1, 1, 3 if name == "File" else 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)

    def show_clip(self, clip: Clip) -> None:
        """Show the recipe of this take."""
        for name, text in recipe_words(clip).items():
            self.values[name].setText(text)
            self.values[name].setToolTip(str(clip.path) if name == "File" else text)


_RECIPE = (
    "Length",
    "Made",
    "Seed",
    "Model",
    "Steps",
    "Guidance",
    "Sampler",
    "Level",
    "Tags",
    "Family",
    "File",
)


def recipe_words(clip: Clip) -> dict[str, str]:
    """The recipe of a take, by the names that stand before the values."""
    scene = clip.scene
    bars = f", {clip.bars:g} bars at {clip.bpm:g} bpm" if clip.bars and clip.bpm else ""
    peak = f", {clip.true_peak_db:.1f} dBTP" if clip.true_peak_db is not None else ""
    rate = f", {clip.rate / 1000:g} kHz"
    return {
        "Length": clip_words.length(clip.seconds) + bars + (", loop" if clip.loop else "") + rate,
        "Made": clip.created.replace("T", " ")[:16],
        "Seed": str(clip.seed) if clip.own else "",
        "Model": clip.model,
        "Steps": "" if scene.steps is None else str(scene.steps),
        "Guidance": "" if scene.guidance is None else f"{scene.guidance:g}",
        "Sampler": scene.sampler,
        "Level": "" if clip.lufs is None else f"{clip.lufs:.1f} LUFS{peak}",
        "Tags": ", ".join(clip.tags),
        "Family": clip_words.family(clip.category),
        "File": clip.path.name,
    }
