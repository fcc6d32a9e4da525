"""Takes as files: where they go, what they are called, and that nothing half stays behind."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import Cancelled, EngineError, UsageError
from engine.naming import Naming
from engine.newfiles import remove_leftovers
from engine.recipe import Recipe, read_recipe
from engine.scene import Output, Scene
from engine.takes import Take, read_take, write_take
from tests.sounds import Wave, cut, noise

RECIPE = Recipe(
    scene=Scene("rain on a tin roof", seconds=0.5, seed=7, steps=8, guidance=3.5, sampler="euler"),
    model="mini",
    weight_hash="0123456789abcdef",
    version="0.1.0",
    created="2026-11-23T23:59:59+01:00",
)
FLAC = replace(RECIPE, output=Output("flac"))


def write(library: Path, target: Path | None = None, recipe: Recipe = RECIPE, seed: int = 0) -> Take:
    return write_take(cut(noise(0.5, seed=seed)), 44_100, recipe, target, library)


def test_a_take_lies_in_the_folder_of_its_day_under_its_category(tmp_path: Path) -> None:
    take = write(tmp_path)
    assert take.path == tmp_path / "2026-11-23" / "RAINMetl_RainOnTinRoof_RMTN_Roomtone.wav"
    assert take.seconds == 0.5
    assert take.channels == 2
    assert take.lufs == pytest.approx(-26.0, abs=0.05)
    assert take.recipe.category == "RAINMetl"


def test_a_take_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    for recipe in (RECIPE, FLAC):
        take = write(tmp_path, recipe=recipe)
        assert read_take(take.path) == take
        assert read_recipe(take.path) == take.recipe


def test_a_recipe_without_a_moment_gets_the_present_one(tmp_path: Path) -> None:
    take = write(tmp_path, recipe=replace(RECIPE, created=""))
    made = datetime.fromisoformat(take.recipe.created)
    assert abs((datetime.now().astimezone() - made).total_seconds()) < 60
    assert take.path.parent.name == f"{made:%Y-%m-%d}"


def test_the_same_scene_again_gets_a_number_and_overwrites_nothing(tmp_path: Path) -> None:
    takes = [write(tmp_path, seed=seed) for seed in range(3)]
    names = [take.path.name for take in takes]
    assert names == [f"RAINMetl_RainOnTinRoof{n}_RMTN_Roomtone.wav" for n in ("", "02", "03")]
    first, second = (soundfile.read(take.path)[0] for take in takes[:2])
    assert not np.array_equal(first, second)


def test_the_same_blocks_make_the_same_samples(tmp_path: Path) -> None:
    one, other = (soundfile.read(write(tmp_path).path)[0] for _ in range(2))
    assert np.array_equal(one, other)


def test_the_template_of_the_user_names_the_files(tmp_path: Path) -> None:
    naming = Naming("{source}-{seed}-{number}", creator="ABC", source="Film")
    take = write_take(cut(noise(0.5)), 44_100, RECIPE, None, tmp_path, naming)
    assert take.path.name == "Film-7-01.wav"


def test_a_file_or_a_folder_may_be_the_target(tmp_path: Path) -> None:
    library = tmp_path / "library"
    assert write(library, tmp_path / "new" / "clip.wav").path == tmp_path / "new" / "clip.wav"
    assert write(library, tmp_path / "clip.WAV").path == tmp_path / "clip.WAV"
    assert write(library, tmp_path / "new").path.parent == tmp_path / "new"
    assert write(library, tmp_path / "fresh" / "folder").path.parent == tmp_path / "fresh" / "folder"
    assert not library.exists()


@pytest.mark.parametrize(
    ("name", "recipe", "words"),
    [
        ("taken.wav", RECIPE, "exists already"),
        ("notes.txt", RECIPE, "exists already"),
        ("clip.wav", FLAC, r"\.wav, but the format is flac"),
        ("clip.flac", RECIPE, r"\.flac, but the format is wav"),
        ("clip.mp3", RECIPE, "formats are wav and flac"),
    ],
)
def test_a_target_that_cannot_be_is_refused_before_the_model_works(
    tmp_path: Path, name: str, recipe: Recipe, words: str
) -> None:
    (tmp_path / "taken.wav").write_text("mine")
    (tmp_path / "notes.txt").write_text("mine")

    def working() -> Iterator[Wave]:
        pytest.fail("a block was taken")
        yield noise(0.5)

    with pytest.raises(UsageError, match=words):
        write_take(working(), 44_100, recipe, tmp_path / name, tmp_path)
    assert (tmp_path / "taken.wav").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_name_taken_while_the_model_worked_does_not_cost_the_take(tmp_path: Path) -> None:
    def working() -> Iterator[Wave]:
        (tmp_path / "clip.wav").write_text("somebody else's")
        yield noise(0.5)

    take = write_take(working(), 44_100, RECIPE, tmp_path / "clip.wav", tmp_path)
    assert take.path == tmp_path / "clip_02.wav"
    assert (tmp_path / "clip.wav").read_text() == "somebody else's"


@pytest.mark.parametrize("error", [KeyboardInterrupt, Cancelled, RuntimeError, MemoryError])
@pytest.mark.parametrize("recipe", [RECIPE, FLAC])
def test_no_half_file_stays_when_the_model_fails(
    tmp_path: Path, error: type[BaseException], recipe: Recipe
) -> None:
    def failing() -> Iterator[Wave]:
        yield noise(0.25)
        raise error

    with pytest.raises(error):
        write_take(failing(), 44_100, recipe, None, tmp_path / "library")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fraction", [0.1, 0.6, 0.99])
@pytest.mark.parametrize("recipe", [RECIPE, FLAC])
def test_no_half_file_stays_when_it_is_cancelled_while_writing(
    tmp_path: Path, fraction: float, recipe: Recipe
) -> None:
    def report(stage: str, done: float) -> None:
        if done >= fraction:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_take(cut(noise(0.5)), 44_100, recipe, None, tmp_path / "library", report=report)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("recipe", [RECIPE, FLAC])
@pytest.mark.parametrize("most_bytes", [1_000, 180_000])
def test_a_disk_that_takes_no_more_is_told_and_leaves_no_half_file(
    tmp_path: Path, recipe: Recipe, most_bytes: int
) -> None:
    # 1,000 bytes: the spool does not fit. 180,000: the spool (176,400) does, the file does not fit.
    recipe = replace(recipe, output=replace(recipe.output, rate=96_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        with pytest.raises(EngineError, match="Nothing could be written into") as refused:
            write(tmp_path / "library", recipe=recipe)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(tmp_path / "library" / "2026-11-23") in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_which_nobody_may_write_is_told(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    if os.geteuid() == 0:
        locked = Path("/sys/kernel")  # where even root may make no folder
    else:
        locked.mkdir(mode=0o555)
    with pytest.raises(EngineError, match="choose another folder"):
        write(locked / "library")


def test_a_library_below_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match="is a file, not a folder"):
        write(tmp_path / "file" / "library")


def test_many_at_once_all_get_their_own_name(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        takes = list(pool.map(lambda seed: write(tmp_path, seed=seed), range(16)))
    assert len({take.path for take in takes}) == 16
    assert len(list((tmp_path / "2026-11-23").iterdir())) == 16
    assert all(read_take(take.path) == take for take in takes)


def test_a_killed_program_leaves_no_file_that_looks_finished(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import os, sys
        from pathlib import Path
        from engine.recipe import Recipe
        from engine.scene import Scene
        from engine.takes import write_take
        from tests.sounds import cut, noise

        def report(stage, fraction):
            if fraction > 0.6:
                os.kill(os.getpid(), 9)

        recipe = Recipe(Scene("rain", seconds=5.0, seed=1))
        write_take(cut(noise(5.0)), 44100, recipe, None, Path(sys.argv[1]), report=report)
        """
    )
    root = Path(__file__).parent.parent
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=root, check=False)
    assert killed.returncode == -signal.SIGKILL
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in left if not re.fullmatch(r"\.roomtone-\w+\.part", path.name)] == []
    assert remove_leftovers(tmp_path, older_than_seconds=-1) == len(left) == 1


def test_a_silent_take_says_so(tmp_path: Path) -> None:
    take = write_take([np.zeros((22_050, 2), np.float32)], 44_100, RECIPE, None, tmp_path)
    assert take.lufs is None
    assert take.true_peak_db is None
    assert "silent" in take.notes[0]
    assert read_take(take.path) == take
