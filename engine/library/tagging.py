"""Tags added to labels and taken from them. What differs only in case or accents is one tag."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.errors import UsageError
from engine.labels import MOST_TAGS, Labels, checked_tag
from engine.library.queries import tag_key


def retagged(labels: Labels, add: Iterable[str], remove: Iterable[str]) -> Labels:
    """The labels with tags added, then some removed. Raises UsageError for a wrong tag or too many."""
    tags = {tag_key(tag): tag for tag in labels.tags}
    for tag in map(checked_tag, add):
        tags.setdefault(tag_key(tag), tag)
    gone = {tag_key(tag) for tag in remove}
    kept = tuple(tag for key, tag in tags.items() if key not in gone)
    if len(kept) > MOST_TAGS:
        raise UsageError(f"The clip has {len(kept)} tags, but may have {MOST_TAGS}.")
    return replace(labels, tags=kept)
