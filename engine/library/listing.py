"""The library as one long list: the order of all clips at once, and any stretch of them in no time.

A window over 50,000 clips needs this: a page far down costs as much as the whole order, so the order is asked
for once, in a thread, and the pages by their ids. This module changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.library import queries
from engine.library.clip import Clip, Filters
from engine.library.library import Library
from engine.library.rows import CLIP_COLUMNS, CLIP_TABLES, clip_of

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Facets:
    """What there is to filter by: CatIDs and models, each in alphabetical order."""

    categories: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


def ids_in_order(
    library: Library, query: str, filters: Filters, sort: str = "created", descending: bool = True
) -> list[str]:
    """The ids of all clips that `Library.search` would find, in its order. Raises UsageError as it does."""
    source, arguments = queries.chosen(query, filters)
    by = queries.order(sort, descending, source)
    # One row, not 50,000: SQLite works without Python's lock meanwhile, and no other thread waits for it.
    # The limit keeps SQLite from dropping an order that an aggregate seems not to need.
    sql = f"SELECT group_concat(id) FROM (SELECT clips.id FROM {source} ORDER BY {by} LIMIT -1)"
    ids = [row[0] for row in library._index.rows(sql, arguments)]
    return str(ids[0]).split(",") if ids and ids[0] else []


def clips_of(library: Library, ids: Sequence[str]) -> list[Clip]:
    """The clips of these ids, at most MOST_AT_ONCE, in their order; those that are gone are left out."""
    asked = list(ids)[:MOST_AT_ONCE]
    marks = ", ".join("?" * len(asked))
    rows = library._index.rows(f"SELECT {CLIP_COLUMNS} FROM {CLIP_TABLES} WHERE id IN ({marks})", asked)
    found = {row["id"]: clip_of(row, library.folder) for row in rows}
    return [found[clip] for clip in asked if clip in found]


def facets(library: Library) -> Facets:
    """What the clips outside the trash can be filtered by."""
    rows = library._index.rows("SELECT DISTINCT category, model FROM clips WHERE trashed = 0")
    categories = sorted({row["category"] for row in rows} - {""})
    models = sorted({row["model"] for row in rows} - {""})
    return Facets(tuple(categories), tuple(models))
