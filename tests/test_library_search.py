"""Searching the library: clips are found by words and figures, in the order that is asked for."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.library import Filters, Library
from engine.library.words import folded
from tests.clips import PROMPT, library, take, titles

__all__ = ["library"]


def test_a_word_is_found_as_one_types_it_whatever_its_accents_and_case(library: Library) -> None:
    library.add(take(library.folder, "Dépôt, réverbération"))
    for query in ("d", "depo", "DÉPÔT", "dépot rever", "ambience", "mini"):
        assert titles(library, query) == ["Dépôt, réverbération"], query
    assert titles(library, "depot rain") == []


def test_all_words_must_be_there_in_any_order(library: Library) -> None:
    library.add(take(library.folder, "rain on a tin roof"))
    library.add(take(library.folder, "rain in a forest"))
    assert set(titles(library, "rain")) == {"rain on a tin roof", "rain in a forest"}
    assert titles(library, "roof rain") == ["rain on a tin roof"]


def test_tags_notes_and_category_are_searched(library: Library) -> None:
    clip = library.add(take(library.folder))
    library.tag(clip.id, ["Episode 7"])
    library.note(clip.id, "for the cliffhanger")
    for query in ("episode", "cliffh", "rainclth", "cloth"):
        assert titles(library, query) == [PROMPT], query


def test_scripts_without_blanks_are_searched_letter_by_letter() -> None:
    assert folded("雨の音 night") == ["雨", "の", "音", "night"]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=80) | st.text('"*()-+:^{}NEARORANDNOT ', max_size=30))
def test_no_query_is_wrong(library: Library, query: str) -> None:
    library.search(query)
    assert library.count(query) == 0


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "Zs"]), min_size=1, max_size=30))
def test_every_note_is_found_by_its_own_words(library: Library, note: str) -> None:
    if not library.count():
        library.add(take(library.folder))
    clip = library.search()[0]
    library.note(clip.id, note)
    assert titles(library, note) == ([PROMPT] if folded(note) or not note.strip() else [])


def test_filters_narrow_what_is_found(library: Library) -> None:
    library.add(take(library.folder, "wind", loop=True))
    long = library.add(take(library.folder, "rain", seconds=0.3))
    library.star(long.id, True)
    library.tag(long.id, ["Naïve"])
    assert titles(library, loop=True) == ["wind"]
    assert titles(library, loop=False) == ["rain"]
    assert titles(library, min_seconds=0.3) == ["rain"]
    assert titles(library, max_seconds=0.1) == ["wind"]
    assert titles(library, category="rain") == ["rain"]
    assert titles(library, category="%") == []
    assert titles(library, starred=True, tag="naive", model="MINI") == ["rain"]
    assert titles(library, "ra", tag="naive") == ["rain"]
    assert titles(library, tag="nai") == []
    day = long.created[:10]
    assert set(titles(library, since=day, until=day)) == {"rain", "wind"}
    assert titles(library, until="2020-01-01") == titles(library, since="2100-01-01T00:00:00Z") == []


def test_the_newest_clip_comes_first_unless_asked_otherwise(library: Library) -> None:
    for prompt in ("b", "a", "c"):
        library.add(take(library.folder, f"{prompt} rain"))
    assert titles(library) == titles(library, "rain") == ["c rain", "a rain", "b rain"]
    by_name = library.search("rain", sort="prompt", descending=False)
    assert [clip.prompt for clip in by_name] == ["a rain", "b rain", "c rain"]
    assert [clip.prompt for clip in library.search(limit=1, offset=1)] == ["a rain"]


def test_what_cannot_be_asked_for_is_told(library: Library) -> None:
    with pytest.raises(UsageError, match="did you mean 'seconds'"):
        library.search(sort="secondes")
    with pytest.raises(UsageError, match="2026-11-25"):
        library.search(filters=Filters(since="yesterday"))


def test_a_rejected_clip_is_hidden_unless_asked_for(library: Library) -> None:
    clip = library.add(take(library.folder))
    assert library.reject(clip.id).rejected
    assert titles(library) == titles(library, "rain") == []
    assert titles(library, rejected=True) == [PROMPT]
    library.reject(clip.id, False)
    assert titles(library) == [PROMPT]
