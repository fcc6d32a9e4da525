"""From a question to SQL: the words, the filters and the order, each a piece of a WHERE or ORDER BY.

All values travel as arguments; nothing a user typed becomes SQL. This module runs nothing.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from engine.configs import nearest
from engine.errors import UsageError
from engine.library.clip import Filters
from engine.library.words import folded, match_expression

SORTS = {
    "created": "clips.number",
    "prompt": "title_key",
    "seconds": "seconds",
    "bpm": "bpm",
    "bars": "bars",
    "lufs": "lufs",
    "category": "category",
    "model": "model",
    "starred": "starred",
}
"""What `sort` may be, and the column behind it."""

_NUMBERS = {"search": "search.rowid", "tags": "tags.number"}
_HALF_MILLISECOND = 0.0005

Condition = tuple[str, tuple[Any, ...]]


def chosen(query: str, filters: Filters) -> Condition:
    """FROM and WHERE for the clips that `query` and `filters` ask for. Raises UsageError for a wrong date."""
    conditions = [*_kinds(filters), *_figures(filters), *_moments(filters)]
    expression = match_expression(query)
    tables = "clips"
    # CROSS JOIN: the words (or the tag) decide first, and the rows are looked up as they come.
    if expression:
        tables = "search CROSS JOIN clips ON clips.number = search.rowid"
        conditions.append(("search MATCH ?", (expression,)))
        if filters.tag:
            known = "EXISTS (SELECT 1 FROM tags WHERE tag = ? AND tags.number = clips.number)"
            conditions.append((known, (tag_key(filters.tag),)))
    elif filters.tag:
        conditions.append(("tags.tag = ?", (tag_key(filters.tag),)))
        tables = "tags CROSS JOIN clips ON clips.number = tags.number"
    if query.strip() and not expression:
        # Something was typed, and no word is in it: nothing can be called that.
        conditions.append(("0", ()))
    texts, values = zip(*conditions)
    return f"{tables} WHERE {' AND '.join(texts)}", tuple(value for part in values for value in part)


def order(sort: str, descending: bool, source: str = "clips") -> str:
    """The order of the clips; what is equal comes newest first. Raises UsageError for an unknown sort.

    source: what `chosen` said; the words' or the tag's own index then delivers in the order of making.
    """
    if sort not in SORTS:
        raise UsageError(f"Clips cannot be sorted by {sort[:40]!r}{nearest(sort, SORTS)}")
    direction = "DESC" if descending else "ASC"
    if sort == "created":
        return f"{_NUMBERS.get(source.split(' ')[0], 'clips.number')} {direction}"
    return f"{SORTS[sort]} {direction}, clips.number DESC"


def _kinds(filters: Filters) -> list[Condition]:
    found: list[Condition] = [("trashed = ?", (int(filters.trashed),))]
    found.append(("rejected IN (0, 1)", ()) if filters.rejected else ("rejected = 0", ()))
    for name, wanted in (("loop", filters.loop), ("starred", filters.starred)):
        if wanted is not None:
            found.append((f"{name} = ?", (int(wanted),)))
    if filters.category:
        pattern = re.sub(r"([%_\\])", r"\\\1", filters.category.strip()) + "%"
        found.append((r"category LIKE ? ESCAPE '\'", (pattern,)))
    if filters.model:
        found.append(("model = ? COLLATE NOCASE", (filters.model.strip(),)))
    return found


def _figures(filters: Filters) -> list[Condition]:
    # A clip of 441,000 samples is meant by "at most 10 s", whatever a division makes of it.
    bounds = ((">=", filters.min_seconds, -_HALF_MILLISECOND), ("<=", filters.max_seconds, _HALF_MILLISECOND))
    return [(f"seconds {sign} ?", (bound + more,)) for sign, bound, more in bounds if bound is not None]


def _moments(filters: Filters) -> list[Condition]:
    found: list[Condition] = []
    if filters.since:
        found.append(("clips.number >= ?", (_moment(filters.since, "since"),)))
    if filters.until:
        day = len(filters.until.strip()) <= 10
        sign = "<" if day else "<="
        found.append((f"clips.number {sign} ?", (_moment(filters.until, "until", day),)))
    return found


def _moment(text: str, name: str, end_of_day: bool = False) -> int:
    try:
        # Python 3.10 does not know the Z that stands for the zone of Greenwich.
        moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text.strip()))
        return round((moment + timedelta(days=1) if end_of_day else moment).timestamp() * 1e6)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"The date {name}={text[:40]!r} is not known: write it as 2026-11-25.") from None


def tag_key(tag: str) -> str:
    """A tag as it is compared: without accents, case and signs; as it stands when nothing is left of it."""
    return " ".join(folded(tag)) or tag.strip()
