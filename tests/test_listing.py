"""The long list of the library: the same clips in the same order as a search, whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import UsageError
from engine.library import Filters, Library
from engine.library.listing import clips_of, facets, ids_in_order
from engine.library.queries import SORTS
from tests.many_clips import fill_index

CLIPS = 1_200


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder: Path = tmp_path_factory.mktemp("list")
    with Library(folder / "library", folder / "index.sqlite") as library:
        fill_index(library, CLIPS)
        yield library


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", sorted(SORTS))
@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ("", Filters()),
        ("rain", Filters()),
        ("", Filters(loop=True, max_seconds=20.0)),
        ("bagpipes", Filters()),
    ],
)
def test_the_list_is_what_a_search_finds(
    query: str, filters: Filters, sort: str, descending: bool, library: Library
) -> None:
    found = library.search(query, filters, sort, descending, limit=CLIPS)
    ids = ids_in_order(library, query, filters, sort, descending)
    assert ids == [clip.id for clip in found]
    assert clips_of(library, ids[30:60]) == found[30:60]


def test_clips_that_are_gone_are_left_out(library: Library) -> None:
    first, second, *_ = ids_in_order(library, "", Filters())
    assert [clip.id for clip in clips_of(library, [second, "000000000000", first])] == [second, first]


def test_a_wrong_order_is_refused(library: Library) -> None:
    with pytest.raises(UsageError, match="cannot be sorted"):
        ids_in_order(library, "", Filters(), "taste")


def test_facets_are_what_there_is(library: Library) -> None:
    there = facets(library)
    assert there.models == ("noise",)
    assert {"RAINVege", "FIREMisc"} <= set(there.categories)
