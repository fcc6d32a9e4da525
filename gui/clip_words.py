"""What the panel says of a clip, in plain words. It knows no widget."""

from __future__ import annotations

from datetime import datetime

from engine import ucs
from engine.library import Clip


def length(seconds: float) -> str:
    """A length as one says it: "4.0 s", "2:05"."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def clock(seconds: float) -> str:
    """A place in a clip: "0:03.2"."""
    tenths = max(0, int(seconds * 10))
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def made(created: str, now: datetime | None = None) -> str:
    """When: the time for today, else the day, in local time."""
    try:
        moment = datetime.fromisoformat(created.replace("Z", "+00:00")).astimezone()
    except ValueError:
        return created[:10]
    now = (now or datetime.now()).astimezone()
    if moment.date() == now.date():
        return moment.strftime("%H:%M")
    return moment.strftime("%d %b" if moment.year == now.year else "%d %b %Y").lstrip("0")


def family(cat_id: str) -> str:
    """The words of a UCS CatID: "Rain, vegetation"."""
    category = ucs.CATEGORIES.get(cat_id)
    if category is None:
        return cat_id
    return f"{category.category.capitalize()}, {category.subcategory.lower()}"


def under_title(clip: Clip) -> str:
    """The second line of a clip in a list."""
    marks = []
    if clip.missing:
        marks.append("file missing")
    if clip.rejected:
        marks.append("rejected")
    if clip.loop:
        marks.append("loop")
    if clip.bpm:
        marks.append(f"{clip.bpm:g} bpm")
    marks += clip.tags or ([family(clip.category)] if clip.category else [])
    return " · ".join(marks)


def spoken(clip: Clip) -> str:
    """The whole clip for a screen reader."""
    marks = [clip.title, length(clip.seconds), "starred" if clip.starred else "", under_title(clip)]
    return ", ".join(mark for mark in (*marks, f"made {made(clip.created)}") if mark)


def count(clips: int) -> str:
    """So many takes."""
    return "1 take" if clips == 1 else f"{clips:,} takes"
