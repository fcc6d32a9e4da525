"""The browser of presets: families with their scenes, a search, and what one can do with the chosen preset.

It shows presets and says by signals what the user wants; it reads and writes no file. The desk
(gui/preset_desk.py) does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PyQt6.QtCore import QModelIndex, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QStandardItemModel
from PyQt6.QtWidgets import QHeaderView, QLineEdit, QMenu, QVBoxLayout, QWidget

from engine.presets import Preset
from gui.fields import GAP, Choice, button, explain, label, row
from gui.notice import Notice
from gui.preset_tree import PRESET_ROLE, PresetFilter, PresetTree, family_row

SHOWN = (("all", "All presets"), ("starred", "Starred"), ("own", "My own"), ("factory", "Factory"))

ACTIONS = (
    ("use", "Use", "Put this preset into the form (Enter).", "Return"),
    ("star", "Star or unstar", "Give the preset a star, or take it away.", ""),
    ("rename", "Rename…", "Give the preset another name or family.", "F2"),
    ("duplicate", "Duplicate", "Make a copy among my own presets.", ""),
    ("delete", "Delete", "Delete the preset; it can be taken back.", "Del"),
    ("", "", "", ""),
    ("import", "Import…", "Take in a preset (.toml) or a whole bank (.zip).", ""),
    ("export", "Export…", "Write the preset to a TOML file.", ""),
    ("export_own", "Export my presets…", "Write all my own presets to one .zip.", ""),
    ("export_all", "Export all presets…", "Write all presets to one .zip.", ""),
)
"""(name, words, tip, keys) of what one can do beside saving; a line without name is a separator."""
_OF_A_PRESET = ("use", "star", "rename", "duplicate", "delete", "export")


class PresetList(QWidget):
    """Presets in a tree of two levels. `wanted` carries an action's name and the chosen Preset or None."""

    wanted = pyqtSignal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.search = QLineEdit()
        self.shown = Choice("Which presets", "Which presets are listed.", SHOWN)
        self.tree = PresetTree()
        self.notice = Notice()
        self.save = button(
            "Save", "Save the form into the preset it came from (Ctrl+S).", self._save, role="tight"
        )
        self.save_as = button("Save as…", "Save the form as a new preset.", self._save_as, role="tight")
        self.more = button("More", "Rename, duplicate, delete, import, export.", role="tight")
        self._count = label("", "muted")
        self._preview = label("", "muted")
        self._model = QStandardItemModel(self)
        self._filter = PresetFilter(self)
        self._to_unfold: set[str] = set()
        self._menu = self._make_menu()
        self._lay_out()
        self._connect()
        self._show_chosen()

    # -- what is shown ------------------------------------------------------------------------------------

    def show_presets(self, presets: Sequence[Preset], starred: Iterable[str]) -> None:
        """List these presets. What was chosen and unfolded stays so."""
        stars = frozenset(starred)
        chosen, unfolded = self.chosen(), self.unfolded() | self._to_unfold
        self._to_unfold = set()
        families: dict[str, list[Preset]] = {}
        for preset in presets:
            families.setdefault(preset.family, []).append(preset)
        self._model.clear()
        self._model.setColumnCount(2)
        # The user's own families stand among the factory's; those without a family come first.
        for family in sorted(families, key=lambda family: (family != "", family.lower())):
            self._model.appendRow(family_row(family, families[family], stars))
        self._shape_columns()
        self._show_filter()
        for place in range(self._filter.rowCount()):
            index = self._filter.index(place, 0)
            if index.data() in unfolded:
                self.tree.expand(index)
        if chosen is not None:
            self.choose(chosen.key)

    def choose(self, key: str) -> bool:
        """Choose the preset of that key; one's own goes before the factory's. Says whether it is there."""
        found = [index for index in self._indexes() if index.data(PRESET_ROLE).key == key]
        if not found:
            return False
        found.sort(key=lambda index: bool(index.data(PRESET_ROLE).factory))
        self.tree.setCurrentIndex(found[0])
        self.tree.scrollTo(found[0])
        return True

    def chosen(self) -> Preset | None:
        """The preset that is chosen now."""
        preset = self.tree.currentIndex().siblingAtColumn(0).data(PRESET_ROLE)
        return preset if isinstance(preset, Preset) else None

    def listed(self) -> list[Preset]:
        """The presets that search and filter leave, from top to bottom."""
        return [index.data(PRESET_ROLE) for index in self._indexes()]

    def unfolded(self) -> set[str]:
        """The families that are open."""
        places = (self._filter.index(place, 0) for place in range(self._filter.rowCount()))
        return {str(index.data()) for index in places if self.tree.isExpanded(index)}

    def unfold(self, families: Iterable[str]) -> None:
        """Open these families, once they are there."""
        self._to_unfold = set(families)

    # -- inside -------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.search.setPlaceholderText("Search presets")
        self.search.setAccessibleName("Search presets")
        self.search.setClearButtonEnabled(True)
        explain(self.search, "Words of a preset's name, family or prompt (Ctrl+P).")
        self._filter.setSourceModel(self._model)
        self.tree.setModel(self._filter)
        self._preview.setWordWrap(True)
        self._preview.setFixedHeight(44)
        self._preview.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addLayout(row(label("Presets", "title"), self._count, 1))
        layout.addWidget(self.search)
        layout.addWidget(self.shown)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self._preview)
        layout.addWidget(self.notice)
        layout.addLayout(row(self.save, self.save_as, self.more, gap=4))

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda *_: self._show_filter())
        self.search.returnPressed.connect(self._to_first)
        self.shown.currentIndexChanged.connect(lambda *_: self._show_filter())
        self.tree.activated.connect(lambda _: self._act("use"))
        self.tree.moved.connect(self._show_chosen)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._show_menu)
        self.more.setMenu(self._menu)

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        for name, words, tip, keys in ACTIONS:
            if not name:
                menu.addSeparator()
                continue
            action = menu.addAction(words)
            assert action is not None
            action.setObjectName(name)
            action.setToolTip(tip)
            if keys and name != "use":
                action.setShortcut(QKeySequence(keys))
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                self.tree.addAction(action)
            action.triggered.connect(lambda _=False, name=name: self._act(name))
        menu.aboutToShow.connect(self._show_chosen)
        return menu

    def _act(self, name: str) -> None:
        preset = self.chosen()
        if preset is not None or name not in _OF_A_PRESET:
            self.wanted.emit(name, preset)

    def _save(self) -> None:
        self.wanted.emit("save", self.chosen())

    def _save_as(self) -> None:
        self.wanted.emit("save_as", self.chosen())

    def _show_menu(self, place: QPoint) -> None:
        viewport = self.tree.viewport()
        if viewport is not None:
            self._menu.popup(viewport.mapToGlobal(place))

    def _show_filter(self) -> None:
        self._filter.look_for(self.search.text(), self.shown.value())
        if self.search.text().strip() or self.shown.value() in ("starred", "own"):
            self.tree.expandAll()
        listed = len(self._indexes())
        self._count.setText(str(listed))
        self.tree.empty.say(self._nothing() if listed == 0 else "")
        self._show_chosen()

    def _nothing(self) -> str:
        if self.search.text().strip():
            return "No preset has these words."
        none = {
            "starred": "No preset wears a star yet.\nStar one from its menu.",
            "own": "You have no presets of your own yet.\nSave as… makes one of the form.",
        }
        return none.get(self.shown.value(), "Looking for presets…")

    def _to_first(self) -> None:
        indexes = self._indexes()
        if indexes:
            self.tree.setCurrentIndex(indexes[0])
            self.tree.setFocus()

    def _show_chosen(self) -> None:
        preset = self.chosen()
        self._preview.setText(preset.scene.prompt if preset else "")
        self._preview.setToolTip(preset.scene.prompt if preset else "")
        for action in self._menu.actions():
            name = action.objectName()
            own = preset is not None and not preset.factory
            if name in ("rename", "delete"):
                action.setEnabled(own)
            elif name in _OF_A_PRESET:
                action.setEnabled(preset is not None)

    def _shape_columns(self) -> None:
        header = self.tree.header()
        if header is not None and header.count() == 2:
            header.setStretchLastSection(False)
            header.setMinimumSectionSize(16)
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
            header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)

    def _indexes(self) -> list[QModelIndex]:
        families = [self._filter.index(place, 0) for place in range(self._filter.rowCount())]
        return [
            self._filter.index(place, 0, family)
            for family in families
            for place in range(self._filter.rowCount(family))
        ]
