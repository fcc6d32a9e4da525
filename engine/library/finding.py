"""From a search to clips: which ones, how many, and all that the index knows about them.

What a search means is said in engine/library/queries.py; this module asks the index and changes nothing.
"""

from __future__ import annotations

from pathlib import Path

from engine.library import queries
from engine.library.clip import Clip, Filters
from engine.library.index import Index
from engine.library.rows import CLIP_COLUMNS, CLIP_TABLES, clip_of

_MOST_MARKS = 500


def numbers(
    index: Index, query: str, filters: Filters, sort: str, descending: bool, limit: int, offset: int
) -> list[int]:
    """The numbers of the clips found, in their order. Raises UsageError for an unknown sort or date."""
    source, arguments = queries.chosen(query, filters)
    order = queries.order(sort, descending, source)
    # First which ones, from the narrow table; then, in `clips`, all about those few.
    sql = f"SELECT clips.number FROM {source} ORDER BY {order} LIMIT ? OFFSET ?"
    return [row[0] for row in index.rows(sql, (*arguments, max(0, limit), max(0, offset)))]


def count(index: Index, query: str, filters: Filters) -> int:
    """How many are found. Raises UsageError for an unknown date."""
    source, arguments = queries.chosen(query, filters)
    return int(index.rows(f"SELECT count(*) FROM {source}", arguments)[0][0])


def clips(index: Index, folder: Path, numbers: list[int]) -> list[Clip]:
    """The clips of these numbers, in their order; one that is gone from the index is left out."""
    found: dict[int, Clip] = {}
    for start in range(0, len(numbers), _MOST_MARKS):
        some = numbers[start : start + _MOST_MARKS]
        marks = ", ".join("?" * len(some))
        sql = f"SELECT number, {CLIP_COLUMNS} FROM {CLIP_TABLES} WHERE number IN ({marks})"
        found |= {row["number"]: clip_of(row, folder) for row in index.rows(sql, some)}
    # One that another program removed in between is left out.
    return [found[number] for number in numbers if number in found]
