"""The tree of presets and its filter: families with their scenes, two columns, marks for stars and own ones.

It knows no file and says nothing of what may be done with a preset.
"""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QModelIndex, QSortFilterProxyModel, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPalette, QStandardItem
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from engine.presets import Preset
from gui import theme
from gui.empty import Sentence

PRESET_ROLE = Qt.ItemDataRole.UserRole + 1
WORDS_ROLE = Qt.ItemDataRole.UserRole + 2
NO_FAMILY = "Without family"


class PresetTree(QTreeView):
    """A tree that says when the choice moved, and says a sentence when it is empty."""

    moved = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Presets")
        self.setHeaderHidden(True)
        self.setIndentation(14)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setItemDelegateForColumn(1, QuietDelegate(self))
        self.empty = Sentence(self)

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        """Qt tells the choice here."""
        super().currentChanged(current, previous)
        self.moved.emit()


class PresetFilter(QSortFilterProxyModel):
    """Leaves the presets that have all the words and are of the kind that is shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._words: list[str] = []
        self._kind = "all"
        self.setRecursiveFilteringEnabled(True)

    def look_for(self, words: str, kind: str) -> None:
        """Leave what has all these words, in any order, and is of that kind."""
        self._words, self._kind = words.lower().split(), kind
        self.invalidateFilter()

    def filterAcceptsRow(self, source_row: int, source_parent: QModelIndex) -> bool:
        """Families are left when one of their presets is."""
        model = self.sourceModel()
        if model is None or not source_parent.isValid():
            return False
        index = model.index(source_row, 0, source_parent)
        preset, words = index.data(PRESET_ROLE), str(index.data(WORDS_ROLE))
        kinds = {"own": not preset.factory, "factory": preset.factory, "starred": "\tstar" in words}
        return kinds.get(self._kind, True) and all(word in words for word in self._words)


class QuietDelegate(QStyledItemDelegate):
    """Paints the counts and marks of the second column in the quiet colour."""

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        """Qt asks here how to paint."""
        super().initStyleOption(option, index)
        if option is not None:
            option.palette.setColor(QPalette.ColorRole.Text, QColor(theme.current().muted))


def family_row(family: str, presets: Sequence[Preset], stars: frozenset[str]) -> list[QStandardItem]:
    title = f"{family[:1].upper()}{family[1:]}" if family else NO_FAMILY
    head, tail = QStandardItem(title), QStandardItem(str(len(presets)))
    tail.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    for part in (head, tail):
        part.setSelectable(True)
        part.setEditable(False)
    for preset in sorted(presets, key=lambda preset: preset.title.lower()):
        head.appendRow(_preset_row(preset, preset.key in stars))
    return [head, tail]


def _preset_row(preset: Preset, starred: bool) -> list[QStandardItem]:
    name = QStandardItem(preset.title)
    marks = ", ".join(["starred"] * starred + ["own"] * (not preset.factory))
    mark = QStandardItem(marks)
    mark.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    name.setData(preset, PRESET_ROLE)
    scene = preset.scene
    words = f"{preset.title} {preset.key} {scene.prompt}".lower() + ("\tstar" if starred else "")
    name.setData(words, WORDS_ROLE)
    length = (
        f"{scene.bars:g} bars at {scene.bpm:g} bpm" if scene.bars and scene.bpm else f"{scene.seconds:g} s"
    )
    for part in (name, mark):
        part.setEditable(False)
        part.setToolTip(f"{scene.prompt}\nAvoid: {scene.avoid or 'nothing'}. {length}.")
    name.setAccessibleText(f"{preset.title}, {preset.family}{', ' + marks if marks else ''}")
    return [name, mark]
