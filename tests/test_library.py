"""The library: clips are known again, labels live in the files, and the index may go."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from engine.errors import EngineError, UsageError
from engine.library import Library
from engine.library.index import Index
from engine.scene import Output, Scene
from tests.clips import PROMPT, library, library_in, take, titles
from tests.sounds import noise

__all__ = ["library"]


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
