"""The library as a table that knows the order of all clips, and reads those that are looked at.

The order is asked for in a thread; a page of clips costs some milliseconds and is read when it is shown. So
50,000 takes scroll as ten do. This module paints nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QMimeData, QModelIndex, QObject, Qt, pyqtSignal

from engine.errors import EngineError
from engine.library import Clip, Filters, Library
from engine.library.listing import clips_of, ids_in_order
from gui import clip_words
from gui.drag import files_of, mime_of
from gui.pictures import InThread

CLIP = Qt.ItemDataRole.UserRole
FindLibrary = Callable[[], Library]
"""The library that there is now: another folder makes another one."""

PAGE_ROWS = 24
_PAGES = 120


@dataclass(frozen=True)
class Column:
    """sort: the library's word for it, "" when one cannot sort by it. width: in px, 0 takes what is left.
    room: how wide the list must be to have this column."""

    name: str
    title: str
    sort: str
    width: int
    room: int = 0


COLUMNS = (
    Column("star", "", "starred", 26),
    Column("wave", "", "", 84, room=280),
    Column("scene", "Scene", "prompt", 0),
    Column("length", "Length", "seconds", 58),
    Column("bpm", "Tempo", "bpm", 58, room=620),
    Column("family", "Family", "category", 130, room=620),
    Column("lufs", "LUFS", "lufs", 52, room=620),
    Column("model", "Model", "model", 70, room=620),
    Column("made", "Made", "created", 70, room=370),
)
PLACES = {column.name: place for place, column in enumerate(COLUMNS)}


@dataclass(frozen=True)
class Question:
    """What the list shows, and in what order."""

    query: str = ""
    filters: Filters = field(default_factory=Filters)
    sort: str = "created"
    descending: bool = True


class ClipModel(QAbstractTableModel):
    """Signals: counted(int, bool) when an order has come, and whether it answers another question than the
    one before; failed(str) when the library refuses the question."""

    counted = pyqtSignal(int, bool)
    failed = pyqtSignal(str)

    def __init__(self, library: FindLibrary, in_thread: InThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library, self._in_thread = library, in_thread
        self.question = Question()
        self._answered: Question | None = None
        self._asking: Question | None = None
        self._stale = False
        self._ids: list[str] = []
        self._rows: dict[str, int] | None = None
        self._pages: OrderedDict[int, dict[str, Clip]] = OrderedDict()

    # -- what is shown ------------------------------------------------------------------------------------

    def ask(self, **changes: Any) -> None:
        """Show what this changed question asks for."""
        self.question = replace(self.question, **changes)
        self.refresh()

    def refresh(self) -> None:
        """Ask the library again: something in it has changed."""
        if self._asking is not None:
            self._stale = True
            return
        self._stale, self._asking = False, self.question
        asked = self.question
        self._in_thread(
            lambda: ids_in_order(self._library(), asked.query, asked.filters, asked.sort, asked.descending),
            self._show,
            self._refused,
        )

    def clip_at(self, row: int) -> Clip | None:
        """The clip in that row; None when it is gone meanwhile."""
        if not 0 <= row < len(self._ids):
            return None
        number = row // PAGE_ROWS
        page = self._pages.get(number)
        if page is None:
            page = self._read(number)
        self._pages.move_to_end(number)
        return page.get(self._ids[row])

    def id_at(self, row: int) -> str:
        """The id of the clip in that row, "" when there is none."""
        return self._ids[row] if 0 <= row < len(self._ids) else ""

    def row_of(self, clip: str) -> int:
        """The row of that clip, -1 when it is not shown."""
        if self._rows is None:
            self._rows = {found: row for row, found in enumerate(self._ids)}
        return self._rows.get(clip, -1)

    def redraw(self, rows: Iterable[int]) -> None:
        """A picture in these rows has come."""
        for row in rows:
            index = self.index(row, PLACES["wave"])
            self.dataChanged.emit(index, index)

    # -- what Qt asks -------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008  Qt's own default
        """How many clips there are."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008  Qt's own default
        """How many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, the clip itself (CLIP), and what a screen reader says."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return side_of(COLUMNS[index.column()])
        if role not in (CLIP, *_TEXT_ROLES):
            return None
        clip = self.clip_at(index.row())
        if clip is None or role == CLIP:
            return clip
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(clip)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return clip_words.spoken(clip)
        return cell_text(clip, COLUMNS[index.column()].name)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The titles of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].title
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return side_of(COLUMNS[section])
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Everything can be chosen and dragged out."""
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        """Files."""
        return ["text/uri-list"]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        """The finished files of these rows."""
        rows = dict.fromkeys(index.row() for index in indexes)
        return mime_of(files_of(clip for clip in map(self.clip_at, rows) if clip is not None))

    # -- inside -------------------------------------------------------------------------------------------

    def _show(self, ids: list[str]) -> None:
        another, self._answered, self._asking = self._asking != self._answered, self._asking, None
        self._pages.clear()
        new = len(ids) - len(self._ids)
        if ids == self._ids:
            if ids:
                self.dataChanged.emit(self.index(0, 0), self.index(len(ids) - 1, len(COLUMNS) - 1))
        elif not another and 0 < new <= 100 and ids[new:] == self._ids:
            self.beginInsertRows(QModelIndex(), 0, new - 1)
            self._ids, self._rows = ids, None
            self.endInsertRows()
        else:
            self.beginResetModel()
            self._ids, self._rows = ids, None
            self.endResetModel()
        self.counted.emit(len(ids), another)
        if self._stale or self.question != self._answered:
            self.refresh()

    def _refused(self, error: EngineError) -> None:
        refused, self._asking = self._asking, None
        if self._stale or self.question != refused:
            self.refresh()
            return
        self.failed.emit(str(error))

    def _read(self, number: int) -> dict[str, Clip]:
        ids = self._ids[number * PAGE_ROWS : (number + 1) * PAGE_ROWS]
        try:
            clips = clips_of(self._library(), ids)
        except EngineError as error:
            clips = []
            self.failed.emit(str(error))
        page = self._pages[number] = {clip.id: clip for clip in clips}
        while len(self._pages) > _PAGES:
            self._pages.popitem(last=False)
        return page


def side_of(column: Column) -> Qt.AlignmentFlag:
    """Figures stand at the right, words at the left."""
    right = column.name in ("length", "bpm", "lufs")
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return Qt.AlignmentFlag.AlignVCenter | side


_TEXT_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
)


def cell_text(clip: Clip, column: str) -> str:
    """What stands in a column."""
    if column == "scene":
        return clip.title
    if column == "length":
        return clip_words.length(clip.seconds)
    if column == "bpm":
        return f"{clip.bpm:g}" if clip.bpm else ""
    if column == "family":
        return clip_words.family(clip.category)
    if column == "lufs":
        return f"{clip.lufs:.1f}" if clip.lufs is not None else ""
    if column == "model":
        return clip.model
    return clip_words.made(clip.created) if column == "made" else ""


def _tip(clip: Clip) -> str:
    lines = [clip.title, clip_words.under_title(clip), clip.notes, str(clip.path)]
    return "\n".join(line for line in lines if line)
