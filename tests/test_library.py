"""The library: clips found by words and figures, labels that live in the files, an index that may go."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import EngineError, UsageError
from engine.library import Filters, Library
from engine.library.index import Index
from engine.library.words import folded
from engine.scene import Output, Scene
from tests.clips import PROMPT, library_in, take
from tests.sounds import noise


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with library_in(tmp_path) as library:
        yield library


def titles(library: Library, query: str = "", **filters: object) -> list[str]:
    found = library.search(query, Filters(**filters))  # type: ignore[arg-type]
    assert library.count(query, Filters(**filters)) == len(found)  # type: ignore[arg-type]
    return [clip.title for clip in found]


def test_a_take_is_found_again_with_all_that_is_known_of_it(library: Library) -> None:
    made = take(library.folder, loop=True, bars=1.0, bpm=2400.0)
    clip = library.add(made)
    assert library.get(clip.id) == clip == library.at(made.path) == library.search("canvas")[0]
    assert clip.id == made.recipe.clip
    assert (clip.path, clip.prompt, clip.scene) == (made.path, PROMPT, made.recipe.scene)
    assert (clip.seconds, clip.rate, clip.channels) == (0.1, 44_100, 2)
    assert (clip.lufs, clip.true_peak_db) == (made.lufs, made.true_peak_db)
    assert (clip.loop, clip.bars, clip.bpm, clip.seed) == (True, 1.0, 2400.0, 7)
    assert (clip.model, clip.weight_hash, clip.category) == ("mini", "0123456789abcdef", "RAINClth")
    assert (clip.created, clip.tags, clip.starred, clip.notes) == (made.recipe.created, (), False, "")


def test_an_unknown_clip_is_told(library: Library) -> None:
    with pytest.raises(UsageError, match="no clip 'nothing'"):
        library.get("nothing")
    with pytest.raises(UsageError, match="no clip 'nothing'"):
        library.star("nothing", True)


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


def test_a_tag_stands_once_and_goes_whatever_its_case(library: Library) -> None:
    clip = library.add(take(library.folder))
    assert library.tag(clip.id, ["Night", "night", "wet"]).tags == ("Night", "wet")
    assert library.tag(clip.id, ["far"], remove=["NIGHT"]).tags == ("wet", "far")
    with pytest.raises(UsageError, match="65 tags"):
        library.tag(clip.id, [f"tag {number}" for number in range(63)])
    assert library.get(clip.id).tags == ("wet", "far")


@pytest.mark.parametrize("output", [Output(), Output("flac"), Output(bits="32f")])
def test_all_is_there_again_when_the_index_was_thrown_away(tmp_path: Path, output: Output) -> None:
    with library_in(tmp_path) as library:
        clip = library.add(take(library.folder, output=output))
        library.tag(clip.id, ["night", "雨"])
        library.star(clip.id, True)
        library.note(clip.id, "two\nlines")
        other = library.add(take(library.folder, "wind", output))
        before = [library.get(clip.id), library.reject(other.id)]
    shutil.rmtree(tmp_path / "state")
    with library_in(tmp_path) as library:
        assert not library.complete
        assert library.rescan().added == 2
        assert library.complete
        assert [library.get(clip.id), library.get(other.id)] == before


def test_the_revision_grows_with_each_change_and_over_a_new_index(tmp_path: Path) -> None:
    with library_in(tmp_path) as library:
        seen = [library.revision]
        clip = library.add(take(library.folder))
        seen.append(library.revision)
        library.star(clip.id, True)
        seen.append(library.revision)
        library.search()
        assert library.revision == seen[-1]
    assert seen == sorted(set(seen))
    with library_in(tmp_path) as again, library_in(tmp_path) as other:
        other.star(clip.id, False)
        assert again.revision > seen[-1]


def test_many_threads_label_one_clip_and_no_tag_is_lost(library: Library) -> None:
    clip = library.add(take(library.folder))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: library.tag(clip.id, [f"tag {number}"]), range(24)))
    assert set(library.get(clip.id).tags) == {f"tag {number}" for number in range(24)}


def test_threads_that_ended_leave_no_connection_behind(library: Library) -> None:
    for _ in range(5):
        thread = threading.Thread(target=library.count)
        thread.start()
        thread.join()
    assert len(library._index._connections) <= 2


def test_a_damaged_index_is_set_aside_and_built_anew_and_that_is_said_once(tmp_path: Path) -> None:
    with library_in(tmp_path) as library:
        library.add(take(library.folder))
    index = tmp_path / "state" / "library.sqlite"
    for content in (b"no database at all" * 100, index.read_bytes()[:5_000] + b"\xff" * 20_000):
        for part in index.parent.glob("library.sqlite-*"):
            part.unlink()
        index.write_bytes(content)
        with library_in(tmp_path) as library:
            library.count("rain")
            library.rescan()
            assert titles(library, "rain") == [PROMPT]
            told = library.sentences()
            assert len(told) == 1
            assert "set aside" in told[0]
            assert library.sentences() == []
    assert len(list(index.parent.glob("*.damaged-*"))) == 2


def test_an_index_of_another_version_is_built_anew(tmp_path: Path) -> None:
    library_in(tmp_path).close()
    with sqlite3.connect(tmp_path / "state" / "library.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with library_in(tmp_path) as library:
        assert len(library.sentences()) == 1
        assert library.count() == 0


def test_an_index_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EngineError, match="cannot be used"):
        Index(tmp_path / "file" / "library.sqlite").open()


def test_a_closed_library_says_so(tmp_path: Path) -> None:
    library = library_in(tmp_path)
    library.close()
    with pytest.raises(EngineError, match="closed"):
        library.search()


def test_an_index_knows_whose_library_it_is(tmp_path: Path) -> None:
    with library_in(tmp_path) as library:
        library.add(take(library.folder))
    with Library(tmp_path / "another", tmp_path / "state" / "library.sqlite") as other:
        assert other.count() == 0
        assert not other.complete


def test_a_library_whose_folder_is_not_there_is_empty_or_told(tmp_path: Path) -> None:
    with library_in(tmp_path) as library:
        assert library.search() == []
        assert library.rescan().files == 0
        library.add(take(library.folder))
        shutil.rmtree(library.folder)
        with pytest.raises(EngineError, match="is not there: connect its disk"):
            library.rescan()
        assert library.count() == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_library_that_may_not_be_written_to_is_searched_and_says_so(library: Library) -> None:
    clip = library.add(take(library.folder))
    clip.path.chmod(0o444)
    with pytest.raises(EngineError, match="could not be written"):
        library.star(clip.id, True)
    assert not library.get(clip.id).starred


def test_a_take_outside_the_library_is_known_by_its_whole_path(library: Library, tmp_path: Path) -> None:
    made = take(tmp_path / "project")
    clip = library.add(made)
    assert library.get(clip.id).path == made.path
    assert library.star(clip.id, True).starred
    assert library.rescan().missing == 0
    with pytest.raises(UsageError, match="outside the library"):
        library.trash(clip.id)


def test_a_scene_with_all_its_parts_comes_back(library: Library) -> None:
    made = take(library.folder)
    scene = replace(made.recipe.scene, avoid="voices")
    assert library.add(made).scene == made.recipe.scene
    assert isinstance(scene, Scene)


def test_a_foreign_file_is_listed_by_its_name_and_takes_labels(library: Library) -> None:
    library.folder.mkdir()
    path = library.folder / "THUN_Distant Roll_ABC_Film.wav"
    soundfile.write(path, noise(0.2, 48_000), 48_000)
    before = soundfile.read(path, dtype="int32")[0]
    library.rescan()
    clip = library.at(path)
    assert (clip.prompt, clip.title, clip.own, clip.category) == ("", path.stem, False, "THUN")
    assert (clip.seconds, clip.rate, clip.channels) == (0.2, 48_000, 2)
    assert titles(library, "distant") == [path.stem]
    assert library.tag(clip.id, ["kept"]).tags == ("kept",)
    assert (soundfile.read(path, dtype="int32")[0] == before).all()
    library._index.close()
    library._index.path.unlink()
    library.open()
    library.rescan()
    assert library.get(clip.id).tags == ("kept",)


def test_a_format_that_carries_no_labels_says_so(library: Library) -> None:
    library.folder.mkdir()
    soundfile.write(library.folder / "a.ogg", noise(0.2), 44_100)
    library.rescan()
    with pytest.raises(UsageError, match="export it first"):
        library.star(library.search()[0].id, True)
