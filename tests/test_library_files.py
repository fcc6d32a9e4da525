"""The library and the files: what is done by hand is noticed, and no sample is ever touched."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.flac import FLAC
from wavinfo import WavInfoReader

from engine.errors import Cancelled, EngineError
from engine.labels import LABEL_CHUNK, LONGEST_NOTES, Labels, next_slot
from engine.library import Library, Rescan
from engine.library.labelling import write_labels
from engine.library.reading import read_sound_file
from engine.recipe import read_recipe
from engine.scene import Output
from engine.wavechunks import places
from tests.clips import PROMPT, library_in, take
from tests.sounds import noise


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with library_in(tmp_path) as library:
        yield library


def samples(path: Path) -> bytes:
    return bytes(soundfile.read(path, dtype="int32")[0].tobytes())


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for another thread to make something true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


@pytest.mark.parametrize("output", [Output(), Output(bits="32f"), Output("flac")])
def test_labels_touch_no_sample_and_no_other_tag(tmp_path: Path, output: Output) -> None:
    path = take(tmp_path, output=output).path
    before, recipe = samples(path), read_recipe(path)
    labels = Labels(("night", "雨"), True, "two\nlines")
    write_labels(path, labels)
    assert read_sound_file(path).labels == labels
    assert samples(path) == before
    assert read_recipe(path) == recipe


def test_a_wav_file_keeps_its_size_and_independent_readers_find_the_tags(tmp_path: Path) -> None:
    path = take(tmp_path).path
    size, inode = path.stat().st_size, path.stat().st_ino
    write_labels(path, Labels(("Night", "far away", "雨", "a<b>&c")))
    assert (path.stat().st_size, path.stat().st_ino) == (size, inode)
    info = WavInfoReader(str(path))
    assert info.info.keywords == "RAINClth, RAIN, CLOTH, Night, far away, abc"
    assert "<KEYWORDS>RAINClth, RAIN, CLOTH, Night, far away, abc  " in info.ixml.to_dict().get(
        "raw", ""
    ) or (b"<KEYWORDS>RAINClth, RAIN, CLOTH, Night, far away, abc  " in path.read_bytes())
    assert info.bext.description.startswith(PROMPT)
    write_labels(path, Labels())
    assert WavInfoReader(str(path)).info.keywords == "RAINClth, RAIN, CLOTH"


def test_a_flac_file_has_its_tags_as_keywords(tmp_path: Path) -> None:
    path = take(tmp_path, output=Output("flac")).path
    write_labels(path, Labels(("night", "雨")))
    assert FLAC(path)["KEYWORDS"] == ["night", "雨"]


def test_notes_too_long_for_the_chunk_get_a_larger_one(tmp_path: Path) -> None:
    path = take(tmp_path).path
    before = samples(path)
    labels = Labels(notes="n" * LONGEST_NOTES)
    write_labels(path, labels)
    write_labels(path, Labels(("x",), notes=labels.notes))
    assert read_sound_file(path).labels == Labels(("x",), notes=labels.notes)
    assert samples(path) == before
    with path.open("rb") as file:
        assert [place.name for place in places(file, path)].count(LABEL_CHUNK) == 1


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=200), st.integers(0, 4096))
def test_a_write_torn_at_any_byte_leaves_a_whole_file_and_old_labels_or_new(
    tmp_path_factory: pytest.TempPathFactory, notes: str, cut: int
) -> None:
    path = take(tmp_path_factory.mktemp("torn"), seconds=0.05).path
    old, new = Labels(("old",)), Labels(("new",), notes=notes)
    write_labels(path, old)
    before = samples(path)
    with path.open("r+b") as file:
        (place,) = [place for place in places(file, path) if place.name == LABEL_CHUNK]
        file.seek(place.start)
        slot = next_slot(file.read(place.size), new)
        assert slot is not None
        file.seek(place.start + slot[0])
        file.write(slot[1][:cut])
    encoded = notes.encode("utf-8", "replace").decode()
    assert read_sound_file(path).labels in (old, Labels(("new",), notes=encoded))
    assert samples(path) == before
    assert WavInfoReader(str(path)).fmt.sample_rate == 44_100
    write_labels(path, Labels(("after",)))
    assert read_sound_file(path).labels == Labels(("after",))


def test_a_reader_never_sees_a_broken_file_while_labels_are_written(tmp_path: Path) -> None:
    path = take(tmp_path).path
    before, done, wrong = samples(path), threading.Event(), []

    def read() -> None:
        while not done.is_set():
            found = read_sound_file(path)
            if samples(path) != before or (found.labels.tags and found.labels.notes != found.labels.tags[0]):
                wrong.append(found.labels)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(40):
        write_labels(path, Labels((f"tag {number}",), notes=f"tag {number}"))
    done.set()
    reader.join()
    assert wrong == []


def test_a_file_that_went_away_is_told(library: Library) -> None:
    clip = library.add(take(library.folder))
    clip.path.unlink()
    with pytest.raises(EngineError, match="There is no file"):
        library.star(clip.id, True)


def test_a_rescan_finds_what_was_added_moved_and_removed(library: Library) -> None:
    stays, moves, goes = (library.add(take(library.folder, prompt)) for prompt in ("wind", "rain", "fire"))
    library.tag(moves.id, ["tagged"])
    take(library.folder, "sea")
    place = library.folder / "film" / "renamed.wav"
    place.parent.mkdir()
    moves.path.rename(place)
    goes.path.unlink()
    assert library.rescan() == Rescan(files=3, added=1, moved=1, missing=1, unchanged=1)
    moved = library.get(moves.id)
    assert (moved.path, moved.tags, moved.missing) == (place, ("tagged",), False)
    assert library.get(goes.id).missing
    assert library.get(stays.id) == stays
    assert library.rescan() == Rescan(files=3, unchanged=3)


def test_a_file_that_comes_back_is_missing_no_more(library: Library, tmp_path: Path) -> None:
    clip = library.add(take(library.folder))
    shutil.move(clip.path, tmp_path / "away.wav")
    library.rescan()
    shutil.move(tmp_path / "away.wav", clip.path)
    library.rescan()
    assert library.get(clip.id) == clip


def test_copies_of_a_file_are_clips_of_their_own_and_stay_as_they_are(tmp_path: Path) -> None:
    with library_in(tmp_path) as library:
        clip = library.add(take(library.folder))
        copies = [library.folder / "a.wav", library.folder / "film" / "b.wav"]
        copies[1].parent.mkdir()
        for copy in copies:
            shutil.copy(clip.path, copy)
        content = clip.path.read_bytes()
        assert library.rescan().added == 2
        ids = {path: library.at(path).id for path in (clip.path, *copies)}
        assert len(set(ids.values())) == 3
        assert ids[clip.path] == clip.id
        assert all(path.read_bytes() == content for path in ids)
    shutil.rmtree(tmp_path / "state")
    with library_in(tmp_path) as library:
        library.rescan()
        assert {path: library.at(path).id for path in ids} == ids


def test_an_unchanged_file_is_not_read_again(library: Library) -> None:
    clip = library.add(take(library.folder))
    times = clip.path.stat()
    clip.path.write_bytes(b"\0" * times.st_size)
    os.utime(clip.path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert library.rescan() == Rescan(files=1, unchanged=1)


def test_a_rescan_that_was_stopped_goes_on_where_it_was(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.library.rescanning.BATCH_FILES", 2)
    for number in range(6):
        take(library.folder, f"rain {number}")
    told: list[float] = []
    with pytest.raises(Cancelled):
        library.rescan(
            lambda stage, done: told.append(done) if "reading" in stage else None, lambda: len(told) >= 2
        )
    assert library.count() == 4
    assert not library.complete
    found = library.rescan()
    assert (found.unchanged, found.added) == (4, 2)
    assert told == sorted(told)


def test_hidden_and_half_written_files_are_passed_over(library: Library) -> None:
    made = take(library.folder)
    for name in (".roomtone-1234.part", ".hidden.wav"):
        shutil.copy(made.path, made.path.with_name(name))
    (library.folder / ".cache").mkdir()
    shutil.copy(made.path, library.folder / ".cache" / "a.wav")
    assert library.rescan().files == 1


def test_a_file_that_is_no_sound_is_told_and_costs_no_other(library: Library) -> None:
    made = take(library.folder)
    made.path.with_name("a.wav").write_bytes(b"RIFF\x24\0\0\0WAVEjunk")
    made.path.with_name("b.flac").write_bytes(b"fLaC")
    made.path.with_name("c.mp3").write_text("text")
    found = library.rescan()
    assert (found.added, len(found.unreadable)) == (1, 3)
    assert all(name in " ".join(found.unreadable) for name in ("a.wav", "b.flac", "c.mp3"))


def test_a_file_whose_recipe_cannot_be_read_is_still_found_and_that_is_told(library: Library) -> None:
    made = take(library.folder)
    content = made.path.read_bytes()
    made.path.write_bytes(content.replace(b'"steps":', b'"speps":'))
    assert len(library.rescan().unreadable) == 1
    (clip,) = library.search("canvas")
    assert (clip.own, clip.title) == (False, made.path.stem)
    assert [finding.kind for finding in library.verify()] == ["damaged"]


def test_a_name_that_is_no_text_is_no_obstacle(library: Library) -> None:
    made = take(library.folder)
    odd = os.fsencode(made.path.parent) + b"/\xff\xfe.wav"
    try:
        made.path.rename(os.fsdecode(odd))
    except OSError:
        pytest.skip("this disk knows no such names")
    library.rescan()
    (clip,) = library.search()
    assert os.fsencode(clip.path) == odd
    assert library.star(clip.id, True).starred


def test_what_happens_in_the_folder_is_noticed_while_it_is_watched(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    take(folder, "before")
    with library_in(tmp_path, watching=True) as library:
        assert library.wait_until_watching(20)
        assert [clip.prompt for clip in library.search()] == ["before"]
        made = take(folder, "rain")
        until(lambda: library.count("rain") == 1)
        clip = library.at(made.path)
        made.path.rename(folder / "moved.wav")
        until(lambda: library.get(clip.id).path == folder / "moved.wav")
        soundfile.write(folder / "Foreign.wav", noise(0.1), 44_100)
        until(lambda: library.count("foreign") == 1)
        (folder / "moved.wav").unlink()
        until(lambda: library.get(clip.id).missing)
        write_labels(folder / "Foreign.wav", Labels(starred=True))
        until(lambda: library.search("foreign")[0].starred)
        made.path.parent.rename(folder / "another day")
        until(lambda: library.search("before")[0].path.parent.name == "another day")
    assert "library-watch" not in {thread.name for thread in threading.enumerate()}


def test_a_folder_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    with library_in(tmp_path, watching=True) as library:
        time.sleep(0.2)
        take(library.folder)
        until(lambda: library.count() == 1)


def test_a_library_that_cannot_be_watched_is_looked_through_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_arguments: object, **_options: object) -> Iterator[set[tuple[object, str]]]:
        raise OSError(28, "no more watches")

    monkeypatch.setattr("watchfiles.watch", refuse)
    monkeypatch.setattr("engine.library.watching.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("engine.library.watching.WAIT_SECONDS", 0.05)
    take(tmp_path / "library")
    with library_in(tmp_path, watching=True) as library:
        until(lambda: library.count() == 1)
        take(library.folder, "wind")
        until(lambda: library.count() == 2)
    assert len([record for record in caplog.records if "instead of watched" in record.message]) == 1
