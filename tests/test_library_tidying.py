"""Renaming, trash, export and verify: each only on the user's wish, and nothing is ever overwritten."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from wavinfo import WavInfoReader

from engine.errors import Cancelled, UsageError
from engine.labels import Labels
from engine.library import Filters, Library
from engine.library.moving import renamed_stem
from engine.library.reading import read_sound_file
from engine.loudness import LoudnessMeter
from engine.recipe import read_recipe
from engine.scene import Output
from engine.wavechunks import places
from tests.clips import library_in, take
from tests.sounds import noise


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with library_in(tmp_path) as library:
        yield library


def kinds(library: Library) -> list[tuple[str, str]]:
    return [(finding.kind, finding.path.name) for finding in library.verify()]


@pytest.mark.parametrize(
    ("stem", "name", "renamed"),
    [
        ("RAINClth_Rain_RMTN_Roomtone", "heavy rain, close", "RAINClth_HeavyRainClose_RMTN_Roomtone"),
        ("RAINClth_Rain_RMTN_Film_02", "far", "RAINClth_Far_RMTN_Film_02"),
        ("my rain", "../../etc/far", "EtcFar"),
    ],
)
def test_a_new_name_changes_only_the_fx_name(stem: str, name: str, renamed: str) -> None:
    assert renamed_stem(stem, name) == renamed


def test_a_renamed_clip_keeps_its_id_and_is_found_by_its_new_name(library: Library) -> None:
    clip = library.add(take(library.folder))
    other = library.add(take(library.folder))
    for one, name in ((clip, "NightClose"), (other, "NightClose-2")):
        renamed = library.rename(one.id, "night close")
        parts = renamed.path.stem.split("_")
        assert parts[1:2] == ["NightClose"]
        assert renamed.path.stem.endswith(name.removeprefix("NightClose"))
        assert renamed.path.is_file()
        assert not one.path.exists()
    assert library.count("close") == 2
    assert library.rescan().unchanged == 2
    with pytest.raises(UsageError, match="no letter"):
        library.rename(clip.id, "...")


def test_trash_and_back(library: Library) -> None:
    clip = library.add(take(library.folder))
    trashed = library.trash(clip.id)
    assert trashed.trashed
    assert trashed.path == library.folder / ".trash" / clip.path.relative_to(library.folder)
    assert trashed.path.is_file()
    assert not clip.path.exists()
    assert library.search() == library.search("rain") == []
    assert library.search(filters=Filters(trashed=True)) == [trashed]
    assert library.restore(clip.id) == clip
    assert clip.path.is_file()
    assert not (library.folder / ".trash").exists()


def test_what_lies_in_the_trash_is_known_when_the_index_was_thrown_away(tmp_path: Path) -> None:
    with library_in(tmp_path) as library:
        clip = library.add(take(library.folder))
        library.trash(clip.id)
    shutil.rmtree(tmp_path / "state")
    with library_in(tmp_path) as library:
        library.rescan()
        assert library.count() == 0
        assert library.get(clip.id).trashed
        assert library.restore(clip.id).path == clip.path


def test_nothing_is_overwritten_on_the_way_to_the_trash_and_back(library: Library) -> None:
    first = library.add(take(library.folder))
    library.trash(first.id)
    second = library.add(take(library.folder))
    assert second.path == first.path
    trashed = library.trash(second.id)
    assert trashed.path.stem == f"{second.path.stem}-2"
    third = library.add(take(library.folder))
    assert library.restore(first.id).path.stem == f"{first.path.stem}-2"
    assert library.get(third.id).path == third.path
    assert third.path.is_file()


def test_only_an_emptied_trash_deletes(library: Library) -> None:
    kept, gone = (library.add(take(library.folder, prompt)) for prompt in ("rain", "wind"))
    trashed = library.trash(gone.id)
    assert library.empty_trash() == 1
    assert not trashed.path.exists()
    assert kept.path.is_file()
    assert [clip.id for clip in library.search(filters=Filters(rejected=True))] == [kept.id]
    with pytest.raises(UsageError):
        library.get(gone.id)
    assert library.empty_trash() == 0


def test_a_missing_clip_is_forgotten_by_trashing_it(library: Library) -> None:
    clip = library.add(take(library.folder))
    clip.path.unlink()
    assert library.trash(clip.id).missing
    assert library.count() == 0


@pytest.mark.parametrize("output", [Output("flac", 48_000, "16", -20.0), Output("wav", 22_050, "32f", -30.0)])
def test_an_export_is_the_same_sound_in_another_file(
    library: Library, tmp_path: Path, output: Output
) -> None:
    clip = library.add(take(library.folder, seconds=1.0))
    library.tag(clip.id, ["night"])
    before = clip.path.read_bytes() if library.get(clip.id).path == clip.path else b""
    path = library.export(clip.id, tmp_path / "project" / f"rain.{output.format}", output)
    info = soundfile.info(path)
    assert (info.samplerate, info.frames, info.channels) == (output.rate, output.rate, 2)
    meter = LoudnessMeter(output.rate, 2)
    meter.add(soundfile.read(path, dtype="float32")[0])
    assert meter.result().integrated_lufs == pytest.approx(output.lufs, abs=0.1)
    found = read_sound_file(path)
    assert found.recipe is not None
    assert (found.recipe.scene, found.recipe.output) == (clip.scene, output)
    assert (found.recipe.parent, found.labels) == (clip.id, Labels(("night",)))
    assert found.recipe.clip != clip.id
    assert clip.path.read_bytes() == before


def test_an_export_overwrites_nothing_and_names_itself_in_a_folder(library: Library, tmp_path: Path) -> None:
    clip = library.add(take(library.folder))
    target = tmp_path / "a.wav"
    target.write_text("mine")
    with pytest.raises(UsageError, match="never overwritten"):
        library.export(clip.id, target, Output())
    assert target.read_text() == "mine"
    first, second = (library.export(clip.id, tmp_path / "project", Output()) for _ in range(2))
    assert first != second
    assert first.parent == second.parent == tmp_path / "project"
    assert read_recipe(first).scene == clip.scene


def test_an_exported_loop_keeps_its_ends(library: Library, tmp_path: Path) -> None:
    clip = library.add(take(library.folder, seconds=0.5, loop=True))
    path = library.export(clip.id, tmp_path / "loop.wav", Output(bits="32f", lufs=clip.lufs or -26.0))
    old, new = (soundfile.read(file)[0] for file in (clip.path, path))
    assert abs(new[0]).max() == pytest.approx(abs(old[0]).max(), rel=0.05)


def test_a_foreign_file_can_be_exported(library: Library, tmp_path: Path) -> None:
    library.folder.mkdir()
    soundfile.write(library.folder / "Thunder.aiff", noise(0.3, 48_000), 48_000)
    library.rescan()
    path = library.export(library.search()[0].id, tmp_path / "thunder.flac", Output("flac"))
    assert soundfile.info(path).frames == round(0.3 * 44_100)


def test_a_library_as_it_was_made_verifies_clean(library: Library) -> None:
    for output in (Output(), Output("flac"), Output(bits="32f")):
        clip = library.add(take(library.folder, output=output))
        library.tag(clip.id, ["night"])
    soundfile.write(library.folder / "foreign.wav", noise(0.1), 44_100)
    library.rescan()
    assert kinds(library) == []
    assert kinds(library) == []


def test_missing_damaged_and_altered_files_are_told_apart(library: Library) -> None:
    for prompt in ("fire", "rain", "wind", "sea"):
        library.add(take(library.folder, prompt))
    gone, cut, changed, whole = (library.search(prompt)[0].path for prompt in ("fire", "rain", "wind", "sea"))
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:5_000])
    with changed.open("r+b") as file:
        (data,) = [place for place in places(file, changed) if place.name == b"data"]
        file.seek(data.start + 300)
        file.write(b"\1\2\3")
    found = {finding.path: finding for finding in library.verify()}
    assert {path: finding.kind for path, finding in found.items()} == {
        gone: "missing",
        cut: "damaged",
        changed: "altered",
    }
    assert all(str(path) in finding.sentence for path, finding in found.items())
    assert library.get(found[gone].clip).missing
    library.rescan()
    assert ("altered", changed.name) in kinds(library)
    assert whole.name not in dict(kinds(library)).values()


def test_a_flac_file_with_a_wrong_byte_or_without_its_end_is_found(library: Library) -> None:
    clips = [library.add(take(library.folder, prompt, Output("flac"))) for prompt in ("rain", "wind")]
    content = bytearray(clips[0].path.read_bytes())
    content[-400] ^= 0xFF
    clips[0].path.write_bytes(content)
    clips[1].path.write_bytes(clips[1].path.read_bytes()[:-3_000])
    assert {name for _, name in kinds(library)} == {clip.path.name for clip in clips}


def test_a_foreign_file_is_held_to_what_it_was_when_it_was_first_looked_at(library: Library) -> None:
    library.folder.mkdir()
    path = library.folder / "foreign.wav"
    soundfile.write(path, noise(0.1), 44_100)
    library.rescan()
    assert kinds(library) == []
    content = bytearray(path.read_bytes())
    content[-10] ^= 0xFF
    path.write_bytes(content)
    assert kinds(library) == [("altered", "foreign.wav")]


def test_verify_can_be_stopped(library: Library) -> None:
    library.add(take(library.folder))
    with pytest.raises(Cancelled):
        library.verify(cancelled=lambda: True)


def test_a_take_carries_the_fields_of_the_category_system(library: Library) -> None:
    clip = library.add(take(library.folder))
    assert clip.path.name == "RAINClth_SteadyRainOnCanvasTent_RMTN_Roomtone.wav"
    info = WavInfoReader(str(clip.path))
    assert info.bext.originator.startswith("Roomtone")
    text = clip.path.read_bytes().decode("latin-1")
    for field, value in (("CATID", "RAINClth"), ("FXNAME", "SteadyRainOnCanvasTent"), ("CATEGORY", "RAIN")):
        assert f"<{field}>{value}</{field}>" in text
