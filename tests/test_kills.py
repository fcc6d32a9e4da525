"""SIGKILL of the whole program at random moments: nothing half written, nothing lost, nothing made twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest
import soundfile

from engine.errors import EngineError
from engine.jobs import MOST_ENDED
from engine.library import Library
from engine.recipe import read_recipe
from engine.settings import Settings, folders, load_settings
from engine.studio import Studio
from tests.noise_model import make_noise_model
from tests.trouble_model import load_trouble

ROOT = Path(__file__).parents[1]
KILLS = 50 if os.environ.get("ROOMTONE_LONG_TESTS") == "1" else 8

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")


def test_a_program_killed_again_and_again_leaves_whole_files_and_its_queue(
    roomtone_home: Path, tmp_path: Path
) -> None:
    make_noise_model()
    clips, accepted = tmp_path / "clips", tmp_path / "accepted.txt"
    clips.mkdir()
    chance = random.Random(7)
    for _ in range(KILLS):
        kill_at_a_random_moment(clips, accepted, chance)
        check(clips)
    with Studio(load_settings(), load_pipeline=load_trouble) as studio:
        for job in studio.resume_jobs():
            assert studio.queue.wait(job.id, 60.0).state == "done"
        jobs = {job.id: job for job in studio.queue.jobs()}
        assert not studio.left_over()
        names = accepted.read_text().split()
        # One that was queued as the program was killed may not have been noted.
        every = set(names) | set(jobs)
        assert len(every - set(jobs)) == max(0, len(every) - MOST_ENDED)
        assert {job.state for job in jobs.values()} == {"done"}
        assert all(Path(job.path).is_file() for job in jobs.values())
        found = check(clips)
        print(f"{KILLS} kills, {len(names)} jobs accepted, {len(found)} files, each whole and once")
        assert not [path for path, count in Counter(found.values()).items() if count > 1]
        assert len(found) == len(every)


def kill_at_a_random_moment(clips: Path, accepted: Path, chance: random.Random) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    before = len(accepted.read_text().split()) if accepted.exists() else 0
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.victim", str(clips), str(accepted)],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    )
    until_s = time.monotonic() + 60.0
    while not accepted.exists() or len(accepted.read_text().split()) < before + 7:
        assert program.poll() is None
        assert time.monotonic() < until_s
        time.sleep(0.01)
    time.sleep(chance.uniform(0.0, 0.8))
    assert program.poll() is None
    children = psutil.Process(program.pid).children(recursive=True)
    os.killpg(program.pid, signal.SIGKILL)
    program.wait()
    psutil.wait_procs(children, timeout=10.0)


def check(clips: Path) -> dict[Path, str]:
    """Every file that can be seen is whole and the library verifies clean; says which clip is in which."""
    found = {}
    for folder in (clips, Settings().library_folder):
        for path in folder.rglob("[!.]*.wav"):
            try:
                found[path] = read_recipe(path).clip
                assert soundfile.info(path).frames == 22_050
            except EngineError as error:
                pytest.fail(f"{path} is half written: {error}")
    with Library(Settings().library_folder, folders().state / "library.sqlite") as library:
        assert library.verify() == []
    return found
