"""The library in the window: a line to search in, filters, an order, the list, and what to do with a take.

Signals: chosen(Clip or None) the take that is looked at; play_asked(Clip); step_asked(Clip) by an arrow key;
wanted(str, list of Clip) with a name out of ACTS for everything else. This module does nothing to a take.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PyQt6.QtCore import QPoint, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QHeaderView, QLineEdit, QMenu, QStackedWidget, QVBoxLayout, QWidget

from engine.library import Clip
from engine.library.listing import Facets
from gui import clip_words
from gui.clip_acts import ACTS, ORDERS, QUICK
from gui.clip_model import COLUMNS, ClipModel, FindLibrary
from gui.clip_table import ClipTable
from gui.empty import Empty
from gui.fields import GAP, Choice, Elastic, button, explain, label, row
from gui.library_filters import LibraryFilters, filters_label
from gui.notice import Notice
from gui.pictures import InThread, Pictures

_TYPING_MS = 120
READING = "Reading the library…"
NO_TAKES = "No takes yet. Describe a scene and press Ctrl+Enter; what is rendered appears here."
NO_RESULTS = "No take answers this search."
EMPTY_TRASH = "The trash is empty."


class LibraryView(QWidget):
    """Shows `library`; reads it through `in_thread`, and pictures from `pictures`."""

    chosen = pyqtSignal(object)
    play_asked = pyqtSignal(object)
    step_asked = pyqtSignal(object)
    wanted = pyqtSignal(str, list)

    def __init__(
        self, library: FindLibrary, in_thread: InThread, pictures: Pictures, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Library")
        self.model = ClipModel(library, in_thread, self)
        self.table = ClipTable(self.model, pictures)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search takes")
        self.search.setAccessibleName("Search the library")
        self.search.setClearButtonEnabled(True)
        explain(
            self.search,
            "Words of prompt, tags, notes or model, or their beginnings; all of them must be there.",
        )
        self.order = Choice("Order", "In which order takes are listed.", ORDERS)
        self.filters = LibraryFilters()
        self.filters.hide()
        self.unfold = button("Filters", "Show and set the filters.", name="Filters")
        self.unfold.setCheckable(True)
        self.more = button("More", "Everything that can be done with the chosen takes.", self._menu_at_button)
        self.quick = {name: button(words, tip, partial(self.act, name)) for name, words, tip in QUICK}
        self.quick["send"].setAccessibleName("Send to DAW")
        self.count = Elastic()
        self.notice = Notice()
        self.empty = Empty(READING)
        self._pages = QStackedWidget()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._lay_out()
        self._introduce()

    # -- what the desk says ---------------------------------------------------------------------------------

    def refresh(self) -> None:
        """The library has changed."""
        self.model.refresh()

    def show_facets(self, facets: Facets) -> None:
        """Families and models to filter by."""
        self.filters.show_facets(facets)

    def remembered(self) -> dict[str, Any]:
        """What stands in the controls."""
        return {
            "query": self.search.text(),
            "order": self.order.value(),
            "unfolded": self.unfold.isChecked(),
            "filters": self.filters.remembered(),
        }

    def recall(self, values: Mapping[str, Any]) -> None:
        """Put back what stood in the controls; the trash is never where one starts."""
        filters = values.get("filters")
        if isinstance(filters, Mapping):
            self.filters.recall({**filters, "shown": str(filters.get("shown", "")).replace("trash", "all")})
        self.order.choose(str(values.get("order") or ORDERS[0][0]))
        self.unfold.setChecked(bool(values.get("unfolded")))
        self.search.setText(str(values.get("query", "")))

    def acts(self) -> list[str]:
        """What can be done with the chosen takes now, by name."""
        clips = self.table.chosen()
        if not clips:
            return []
        one, own = len(clips) == 1, len(clips) == 1 and clips[0].own and bool(clips[0].prompt)
        if any(clip.trashed for clip in clips):
            return ["restore", "reveal"] if one else ["restore"]
        able = {
            **dict.fromkeys(("use_scene", "again", "anew"), own),
            **dict.fromkeys(("variation", "extend", "inpaint"), one and not clips[0].missing),
            "star": not all(clip.starred for clip in clips),
            "unstar": any(clip.starred for clip in clips),
            "reject": not all(clip.rejected for clip in clips),
            "accept": any(clip.rejected for clip in clips),
            "rename": one,
            "reveal": one,
            "restore": False,
        }
        return [name for name, _, _ in ACTS if name and able.get(name, True)]

    def act(self, name: str) -> None:
        """Ask for it, if it can be done with the chosen takes."""
        if name in self.acts():
            self.wanted.emit(name, self.table.chosen())

    def menu(self) -> QMenu:
        """The actions as a menu."""
        menu, able = QMenu(self), self.acts()
        for name, words, key in ACTS:
            if not name:
                menu.addSeparator()
            elif name in able:
                action = menu.addAction(words, partial(self.act, name))
                if key and action is not None:
                    action.setShortcut(QKeySequence(key))
                    action.setShortcutVisibleInContextMenu(True)
        return menu

    # -- inside ---------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addLayout(row(label("Library", "title"), self.count))
        asking = row(self.search, self.order, self.unfold)
        asking.setStretch(0, 1)
        layout.addLayout(asking)
        layout.addWidget(self.filters)
        layout.addWidget(self.notice)
        layout.addWidget(self._pages, 1)
        layout.addLayout(row(*self.quick.values(), 1, self.more))
        self.order.setMinimumContentsLength(8)
        self.order.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.search.setMinimumWidth(90)
        self._able()

    def _introduce(self) -> None:
        self.search.textChanged.connect(lambda _: self._typing.start())
        self.search.returnPressed.connect(self._to_list)
        self._typing.timeout.connect(lambda: self.model.ask(query=self.search.text()))
        self.filters.changed.connect(self._filter)
        self.unfold.toggled.connect(self.filters.setVisible)
        self.order.currentIndexChanged.connect(lambda _: self._sort())
        self.empty.acted.connect(self._show_all)
        self.model.counted.connect(self._show_count)
        self.model.failed.connect(self.notice.fail)
        self.table.moved.connect(self.chosen)
        self.table.stepped.connect(self.step_asked)
        self.table.play_asked.connect(self.play_asked)
        self.table.star_asked.connect(self._toggle_star)
        self.table.menu_asked.connect(self._menu_at)
        header, selection = self.table.horizontalHeader(), self.table.selectionModel()
        assert header is not None
        assert selection is not None
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self._sort_by_column)
        selection.selectionChanged.connect(lambda *_: self._able())
        self.table.keys = {QKeySequence(key).toString(): name for name, _, key in ACTS if key}
        self.table.act_asked.connect(self.act)

    def _show_count(self, clips: int, _another: bool) -> None:
        self.count.setText(clip_words.count(clips))
        self._able()
        self._pages.setCurrentWidget(self.table if clips else self.empty)
        if clips:
            return
        if self.filters.shown.value() == "trash" and not self.search.text():
            self.empty.tell(EMPTY_TRASH, "Show all takes")
        elif self.search.text().strip() or self.filters.set_many():
            self.empty.tell(NO_RESULTS, "Show all takes")
        else:
            self.empty.tell(NO_TAKES)

    def _able(self) -> None:
        able = self.acts()
        self.more.setEnabled(bool(able))
        for name, quick in self.quick.items():
            quick.setEnabled(name in able)

    def _filter(self) -> None:
        self.unfold.setText(filters_label(self.filters.set_many()))
        self.model.ask(filters=self.filters.filters())

    def _sort(self) -> None:
        order = self.order.value()
        self.model.ask(sort=order[:-1], descending=order.endswith("-"))
        header = self.table.horizontalHeader()
        place = next((at for at, column in enumerate(COLUMNS) if column.sort == order[:-1]), -1)
        if isinstance(header, QHeaderView) and place >= 0:
            header.setSortIndicatorShown(COLUMNS[place].width != 26)
            down = order.endswith("-")
            header.setSortIndicator(
                place, Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
            )

    def _sort_by_column(self, place: int) -> None:
        sort, now = COLUMNS[place].sort, self.order.value()
        offered = [order for order, _ in ORDERS if order[:-1] == sort]
        if not offered:
            return
        self.order.choose(next((order for order in offered if order != now), offered[0]))

    def _show_all(self) -> None:
        self.search.clear()
        self.filters.clear()

    def _to_list(self) -> None:
        if not self.table.chosen():
            self.table.go_to(self.model.id_at(0))
        self.table.setFocus()

    def _toggle_star(self, clip: Clip) -> None:
        self.wanted.emit("unstar" if clip.starred else "star", [clip])

    def _menu_at(self, place: QPoint) -> None:
        self.menu().exec(place)

    def _menu_at_button(self) -> None:
        self._menu_at(self.more.mapToGlobal(QPoint(0, self.more.height())))
