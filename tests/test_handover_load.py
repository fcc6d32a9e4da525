"""Many jobs of many programs handed over at once: each comes back, once, as its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from engine.recipe import read_recipe
from engine.studio import Studio
from tests.running_studio import home, shared_studio, studio

__all__ = ["home", "shared_studio", "studio"]

ROOT = Path(__file__).parents[1]
CLIENTS, JOBS_EACH = 5, 100


def test_five_hundred_jobs_of_five_programs_at_once_are_none_lost_doubled_or_mixed_up(
    studio: Studio, home: Path, tmp_path: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "tests.load_client"]
    clients = [
        subprocess.Popen(
            [*words, str(tmp_path / name), str(JOBS_EACH)], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        for name in "abcde"[:CLIENTS]
    ]
    process, memory = psutil.Process(), []
    while any(client.poll() is None for client in clients):
        memory.append(process.memory_info().rss)
        time.sleep(0.1)
    answers = [json.loads(client.communicate()[0]) for client in clients]
    assert [client.returncode for client in clients] == [0] * CLIENTS
    paths = []
    for name, answer in zip("abcde", answers):
        assert len(answer) == JOBS_EACH
        for job_id, told in answer.items():
            assert told["state"] == "done", told
            recipe = read_recipe(told["path"])
            assert (recipe.scene.prompt, recipe.scene.seed) == (f"rain of {job_id}", told["seed"])
            assert Path(told["path"]).parent == tmp_path / name
            paths.append(told["path"])
    assert len(set(paths)) == CLIENTS * JOBS_EACH
    assert len([*tmp_path.rglob("*.wav")]) == CLIENTS * JOBS_EACH
    assert not [*tmp_path.rglob("*.part")]
    third = len(memory) // 3
    growth_mb = (max(memory[2 * third :]) - max(memory[: 2 * third])) / 1e6
    print(f"{CLIENTS * JOBS_EACH} jobs in {len(memory) * 0.1:.0f} s, the parent grew by {growth_mb:.1f} MB")
    assert growth_mb < 20.0
