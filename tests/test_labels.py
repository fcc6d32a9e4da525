"""Labels in bytes: two slots that are written in turn, of which one is always whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.labels import (
    LONGEST_NOTES,
    SLOT_BYTES,
    Labels,
    checked_notes,
    checked_tag,
    empty_slots,
    labels_of_slots,
    labels_of_text,
    labels_text,
    next_slot,
)

TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
LABELS = st.builds(
    Labels,
    tags=st.lists(TEXT, max_size=6).map(tuple),
    starred=st.booleans(),
    notes=TEXT,
    rejected=st.booleans(),
)


def written(content: bytes, labels: Labels, cut: int | None = None) -> bytes:
    """The chunk after the labels were written into it, or only the first `cut` bytes of them."""
    slot = next_slot(content, labels)
    assert slot is not None
    place, new = slot
    new = new[:cut]
    return content[:place] + new + content[place + len(new) :]


@given(st.lists(LABELS, min_size=1, max_size=5))
def test_the_labels_written_last_are_the_ones_read(changes: list[Labels]) -> None:
    content = empty_slots()
    for labels in changes:
        before = len(content)
        content = written(content, labels)
        assert labels_of_slots(content) == labels
        assert len(content) == before


@given(LABELS, LABELS, st.integers(0, SLOT_BYTES))
def test_a_write_cut_off_anywhere_leaves_the_old_labels_or_the_new(
    old: Labels, new: Labels, cut: int
) -> None:
    content = written(written(empty_slots(), Labels(("first",))), old)
    assert labels_of_slots(written(content, new, cut)) in (old, new)


def test_a_write_cut_off_at_every_single_byte_leaves_the_old_labels_or_the_new() -> None:
    old, new = Labels(("night", "far"), notes="old"), Labels(("night",), True, "a new and longer note")
    content = written(empty_slots(), old)
    seen = [labels_of_slots(written(content, new, cut)) for cut in range(SLOT_BYTES + 1)]
    assert set(seen) == {old, new}
    assert seen[0] == old
    assert seen[-1] == new
    assert seen == sorted(seen, key=lambda labels: labels == new)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fall(content: bytes) -> None:
    assert labels_of_slots(content) is None


@given(st.text())
def test_no_text_makes_the_reader_fall(text: str) -> None:
    labels_of_text(text)


def test_labels_that_do_not_fit_ask_for_a_larger_chunk() -> None:
    long = Labels(notes="n" * LONGEST_NOTES)
    assert next_slot(empty_slots(), long) is None
    content = empty_slots(long)
    assert labels_of_slots(content) == long
    assert next_slot(content, long) is not None


def test_what_a_newer_roomtone_added_is_passed_over() -> None:
    assert labels_of_text('{"tags":["a",3],"colour":"red","starred":true}') == Labels(("a",), True)
    assert labels_of_text("[]") is None
    assert labels_text(Labels()) == "{}"


@pytest.mark.parametrize("tag", ["", "  ", "a,b", "a;b", "x" * 65, "bell\a"])
def test_a_tag_that_cannot_be_is_refused(tag: str) -> None:
    with pytest.raises(UsageError):
        checked_tag(tag)


def test_tags_and_notes_are_tidied() -> None:
    assert checked_tag("  far \n away ") == "far away"
    assert checked_notes(" one\r\ntwo\t3 \n") == "one\ntwo\t3"
    with pytest.raises(UsageError, match="10001 characters"):
        checked_notes("x" * 10_001)
    with pytest.raises(UsageError, match="control character"):
        checked_notes("bell\a")
