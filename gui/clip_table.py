"""The list of takes itself: how a row is painted, and what keys and mouse do in it.

Signals: moved(Clip or None) when the current take changed; stepped(Clip) when that was by an arrow key, so
that it is heard at once; play_asked(Clip) by space, Enter or a double click; star_asked(Clip);
menu_asked(QPoint) where on the screen a menu is wanted; act_asked(str) by one of `keys`. It asks no library.
"""

from __future__ import annotations

from PyQt6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableView,
    QWidget,
)

from engine.library import Clip
from gui.clip_model import COLUMNS, PLACES, ClipModel
from gui.clip_painting import ClipPainter
from gui.drag import drag_out
from gui.pictures import Pictures

ROW_HEIGHT = 42
_STEPS = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)


class ClipTable(QTableView):
    """Shows a ClipModel."""

    moved = pyqtSignal(object)
    stepped = pyqtSignal(object)
    play_asked = pyqtSignal(object)
    star_asked = pyqtSignal(object)
    menu_asked = pyqtSignal(QPoint)
    act_asked = pyqtSignal(str)

    def __init__(self, model: ClipModel, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.keys: dict[str, str] = {}
        self._clips = model
        self._pressed_at: QPoint | None = None
        self._stepping = False
        self._current = ""
        self._row = 0
        self.setModel(model)
        self.setItemDelegate(ClipPainter(model, pictures, self))
        self.setAccessibleName("Takes")
        self.setAccessibleDescription("Arrow keys play the next take, space plays and pauses.")
        self._set_up()
        model.counted.connect(self._keep_place)
        pictures.drawn.connect(self._redraw)

    def chosen(self) -> list[Clip]:
        """The chosen takes, in the order of the list."""
        selection = self.selectionModel()
        rows = sorted(index.row() for index in selection.selectedRows()) if selection is not None else []
        return [clip for clip in map(self._clips.clip_at, rows) if clip is not None]

    def current(self) -> Clip | None:
        """The take that has the focus."""
        return self._clips.clip_at(self.currentIndex().row())

    def go_to(self, clip: str) -> bool:
        """Choose that take and bring it into sight; False when it is not in the list."""
        row = self._clips.row_of(clip)
        if row >= 0:
            self.setCurrentIndex(self._clips.index(row, PLACES["scene"]))
            self.scrollTo(self.currentIndex())
        return row >= 0

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        """Say which take is looked at now, once for each."""
        super().currentChanged(current, previous)
        clip = self._clips.clip_at(current.row()) if current.isValid() else None
        if clip is None or clip.id == self._current:
            return
        self._current, self._row = clip.id, current.row()
        self.moved.emit(clip)
        if self._stepping:
            self.stepped.emit(clip)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Space and Enter play; an arrow goes on and plays."""
        if event is None:
            return
        clip = self.current()
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if clip is not None and not event.isAutoRepeat():
                self.play_asked.emit(clip)
            return
        name = self.keys.get(QKeySequence(event.keyCombination()).toString())
        if name is not None:
            self.act_asked.emit(name)
            return
        self._stepping = event.key() in _STEPS and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        try:
            super().keyPressEvent(event)
        finally:
            self._stepping = False

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """A press on the star is a star; elsewhere it chooses, or begins a drag of what is chosen."""
        if event is None:
            return
        index = self.indexAt(event.position().toPoint())
        clip = self._clips.clip_at(index.row())
        if (
            clip is not None
            and index.column() == PLACES["star"]
            and event.button() == Qt.MouseButton.LeftButton
        ):
            self.star_asked.emit(clip)
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Play it."""
        clip = self._clips.clip_at(self.indexAt(event.position().toPoint()).row()) if event else None
        if clip is not None:
            self.play_asked.emit(clip)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """By mouse or by the menu key."""
        if event is not None and self.current() is not None:
            self.menu_asked.emit(event.globalPos())

    def startDrag(self, _actions: Qt.DropAction) -> None:
        """The chosen takes leave as files."""
        drag_out(self, self.chosen())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """In a narrow list only what is needed has a column."""
        super().resizeEvent(event)
        for place, column in enumerate(COLUMNS):
            self.setColumnHidden(place, self.width() < column.room)

    def _set_up(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None
        assert columns is not None
        rows.hide()
        # All rows of one height, so that none needs to be asked for it.
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        columns.setHighlightSections(False)
        columns.setMinimumSectionSize(20)
        columns.setAccessibleName("Columns of the list of takes")
        for place, column in enumerate(COLUMNS):
            stretched = column.width == 0
            mode = QHeaderView.ResizeMode.Stretch if stretched else QHeaderView.ResizeMode.Fixed
            columns.setSectionResizeMode(place, mode)
            self.setColumnWidth(place, column.width or 120)

    def _keep_place(self, clips: int, another: bool) -> None:
        """After the list has changed under it, the same take stays current, or the one in its place."""
        if self.currentIndex().isValid() or not self._current:
            return
        row = self._clips.row_of(self._current)
        if row < 0 and not another and clips:
            row = min(self._row, clips - 1)
        if row < 0:
            self._current = ""
            self.moved.emit(None)
            return
        place, bar = 0, self.verticalScrollBar()
        if bar is not None:
            place = bar.value()
        selection = self.selectionModel()
        if selection is not None:
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            selection.setCurrentIndex(self._clips.index(row, PLACES["scene"]), flags)
        if bar is not None:
            bar.setValue(place)

    def _redraw(self, _path: object) -> None:
        area = self.viewport()
        if area is not None:
            area.update()
